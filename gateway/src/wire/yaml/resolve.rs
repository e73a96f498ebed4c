//! What a plain scalar is by YAML 1.1's rules, as go-yaml v2 has them.

/// What a plain scalar stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Integer(i64),
    /// An integer above the largest `i64`.
    Natural(u64),
    /// Infinite and not a number, too: neither has a JSON form.
    Float(f64),
    /// Read as text; written in quotes, so that others do not read a time.
    Timestamp,
    Text,
}

/// Resolves an unquoted scalar without a tag.
pub(super) fn resolve(text: &str) -> Plain {
    let Some(first) = text.bytes().next() else { return Plain::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => infinite(text).or_else(|| float(text)).unwrap_or(Plain::Text),
        b'+' | b'-' | b'0'..=b'9' => infinite(text).unwrap_or_else(|| number_or_time(text)),
        _ => Plain::Text,
    }
}

fn word(text: &str) -> Plain {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Plain::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Plain::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Plain::Null,
        _ => Plain::Text,
    }
}

fn infinite(text: &str) -> Option<Plain> {
    Some(Plain::Float(match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    }))
}

fn number_or_time(text: &str) -> Plain {
    if is_timestamp(text) {
        return Plain::Timestamp;
    }
    let digits = text.replace('_', "");
    integer(&digits).or_else(|| float(&digits)).unwrap_or(Plain::Text)
}

/// As Go's `strconv.ParseInt` with base 0, then `ParseUint`: `0x`, `0o`, `0b`, and a leading 0 for octal.
fn integer(text: &str) -> Option<Plain> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if text.starts_with('-') {
        return 0_i64.checked_sub_unsigned(magnitude).map(Plain::Integer);
    }
    match i64::try_from(magnitude) {
        Ok(integer) => Some(Plain::Integer(integer)),
        Err(_) if text.starts_with('+') => None,
        Err(_) => Some(Plain::Natural(magnitude)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, where it is finite.
fn float(text: &str) -> Option<Plain> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if whole == 0 && length == 0 {
            return None;
        }
        rest = &fraction[length..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse::<f64>().ok().filter(|float| float.is_finite()).map(Plain::Float)
}

/// Whether a text is in base 60, which YAML 1.1 reads as a number: written in quotes, never read as one.
pub(super) fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut places = whole.split(':');
    let first = places.next().unwrap_or_default();
    let digits_and = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let place = |text: &str| match text.as_bytes() {
        [units] => units.is_ascii_digit(),
        [tens, units] => (b'0'..=b'5').contains(tens) && units.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|character: char| character.is_ascii_digit())
        && digits_and(first)
        && whole.contains(':')
        && places.all(place)
        && digits_and(fraction)
}

/// The forms of a timestamp that go-yaml knows, read by the rules of Go's `time.Parse`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 5 || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let year: u32 = text[..4].parse().unwrap_or(0);
    date_and_time(&text[4..], year).is_some()
}

fn date_and_time(text: &str, year: u32) -> Option<()> {
    let (month, rest) = one_or_two(text.strip_prefix('-')?, 12)?;
    let (day, rest) = one_or_two(rest.strip_prefix('-')?, 31)?;
    if month == 0 || day == 0 || day > days(year, month) {
        return None;
    }
    match rest.as_bytes().first() {
        None => Some(()),
        Some(b'T' | b't') => zone(time(&rest[1..])?),
        Some(b' ') => time(rest.trim_start_matches(' '))?.is_empty().then_some(()),
        Some(_) => None,
    }
}

fn time(text: &str) -> Option<&str> {
    let (_, rest) = one_or_two(text, 23)?;
    let (_, rest) = one_or_two(rest.strip_prefix(':')?, 59)?;
    let (_, rest) = one_or_two(rest.strip_prefix(':')?, 59)?;
    match rest.as_bytes() {
        [b'.' | b',', b'0'..=b'9', ..] => Some(rest[1..].trim_start_matches(|c: char| c.is_ascii_digit())),
        _ => Some(rest),
    }
}

fn zone(text: &str) -> Option<()> {
    let two = |text: &str, most: u32| {
        let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        (fits && text.parse::<u32>().ok()? <= most).then_some(())
    };
    if text == "Z" {
        return Some(());
    }
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    two(hours, 24)?;
    two(minutes, 60)
}

fn one_or_two(text: &str, most: u32) -> Option<(u32, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let number = text[..length].parse().ok()?;
    (number <= most).then_some((number, &text[length..]))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}
