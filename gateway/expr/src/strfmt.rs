//! Formats of texts that schemas and expressions share, as `k8s.io/kube-openapi/pkg/validation/strfmt` checks them.

use crate::time::days_in;

/// 32 hexadecimal digits whose dashes, each optional, are in their places.
pub fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        match rest.split_at_checked(length) {
            Some((group, tail)) if group.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest = tail,
            _ => return false,
        }
    }
    rest.is_empty()
}

/// Standard alphabet with padding; the empty string is none.
pub fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(4) && is_padded_base64(text)
}

/// Whether only digits precede at most two `=`, at least one digit if there are some.
pub fn is_padded_base64(text: &str) -> bool {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    (!digits.is_empty() || text.is_empty())
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// `YYYY-MM-DD` of a day that there is.
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) =
        (number(&bytes[..4]), number(&bytes[5..7]), number(&bytes[8..]))
    else {
        return false;
    };
    (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)
}

/// The number that at most four ASCII digits write, and nothing else.
fn number(bytes: &[u8]) -> Option<i64> {
    let all = bytes.len() <= 4 && bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().fold(0, |number, byte| number * 10 + i64::from(byte - b'0')))
}

/// `<date>T<hh>:<mm>:<ss>[<any>digits](Z|±hh:mm)`. The part after a second `T` does not count, as in strfmt.
pub fn is_date_time(text: &str) -> bool {
    // strfmt compares in lower case, to which no other character than these turns into `t` or `z`.
    let mut parts = text.split(['t', 'T']);
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else { return false };
    is_date(date) && is_time(time)
}

fn is_time(time: &str) -> bool {
    let Some(rest) = strip_clock(time, [23, 59, 59]) else { return false };
    is_zone(rest) || fraction(rest).is_some_and(is_zone)
}

/// Strips `hh:mm:ss` when no part is above its limit.
fn strip_clock(time: &str, limits: [i64; 3]) -> Option<&str> {
    let clock = time.as_bytes().get(..8)?;
    let fits = clock.chunks(3).zip(limits).all(|(part, limit)| {
        number(&part[..2]).is_some_and(|number| number <= limit)
            && part.get(2).is_none_or(|&byte| byte == b':')
    });
    fits.then(|| &time[8..])
}

/// What follows one character (strfmt's pattern says any) and digits.
fn fraction(rest: &str) -> Option<&str> {
    let mut characters = rest.chars();
    characters.next().filter(|&first| first != '\n')?;
    let tail = characters.as_str();
    let zone = tail.trim_start_matches(|character: char| character.is_ascii_digit());
    (zone.len() < tail.len()).then_some(zone)
}

fn is_zone(zone: &str) -> bool {
    match zone.as_bytes() {
        [b'z' | b'Z'] => true,
        [b'+' | b'-', hours @ .., b':', tens, ones] => {
            hours.len() == 2 && hours.iter().chain([tens, ones]).all(u8::is_ascii_digit)
        }
        _ => false,
    }
}
