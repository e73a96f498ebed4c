//! The format `mac`: addresses of 6, 8 or 20 bytes.

/// `01:23:…` and `01-23-…`, `0123.4567.…`, or digits alone.
pub(super) fn is_mac(text: &str) -> bool {
    match text.as_bytes() {
        [_, _, separator @ (b':' | b'-'), ..] => is_grouped(text, 2, *separator),
        [_, _, _, _, b'.', ..] => is_grouped(text, 4, b'.'),
        bytes => matches!(bytes.len(), 12 | 16 | 40) && bytes.iter().all(u8::is_ascii_hexdigit),
    }
}

/// Groups of so many hexadecimal digits with the separator between them.
fn is_grouped(text: &str, digits: usize, separator: u8) -> bool {
    let groups = text.len().div_ceil(digits + 1);
    (text.len() + 1).is_multiple_of(digits + 1)
        && matches!(groups * digits, 12 | 16 | 40)
        && text.bytes().enumerate().all(|(index, byte)| match index % (digits + 1) {
            place if place == digits => byte == separator,
            _ => byte.is_ascii_hexdigit(),
        })
}
