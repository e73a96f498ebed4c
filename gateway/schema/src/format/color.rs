//! The formats `hexcolor` and `rgbcolor`.

use super::is_space;

pub(super) fn is_hex(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `rgb(<0..255>,<0..255>,<0..255>)` with spaces around numbers, which have no leading zeros.
pub(super) fn is_rgb(text: &str) -> bool {
    let inner = text.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner else { return false };
    let mut parts = 0;
    let all = inner.split(',').all(|part| {
        parts += 1;
        parts <= 3 && is_component(part.as_bytes())
    });
    all && parts == 3
}

fn is_component(part: &[u8]) -> bool {
    let Some(begin) = part.iter().position(|&byte| !is_space(byte)) else { return false };
    let end = part.iter().rposition(|&byte| !is_space(byte)).map_or(begin, |last| last + 1);
    match &part[begin..end] {
        [digit] => digit.is_ascii_digit(),
        number @ ([b'1'..=b'9', _] | [b'1'..=b'9', _, _]) => {
            number.iter().all(u8::is_ascii_digit)
                && number.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')) <= 255
        }
        _ => false,
    }
}
