//! What names of Kubernetes are made of. How long they may be, and what is said of others, depends on who asks.

/// A label of DNS-1123: lower case letters and digits, with dashes between them.
pub fn is_dns_label(text: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    within(text, lower, |byte| lower(byte) || byte == b'-')
}

/// A label of DNS-1035, which begins with a letter.
pub fn is_dns_1035_label(text: &str) -> bool {
    is_dns_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Labels of DNS-1123 with dots between them.
pub fn is_dns_subdomain(text: &str) -> bool {
    text.split('.').all(is_dns_label)
}

/// The name of a label's key, or its value: letters and digits, with dashes, underscores and dots between them.
pub fn is_key_name(text: &str) -> bool {
    within(
        text,
        |byte| byte.is_ascii_alphanumeric(),
        |byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
    )
}

/// Not empty, begins and ends with an `edge`, and has only `inner` bytes.
fn within(text: &str, edge: impl Fn(u8) -> bool, inner: impl Fn(u8) -> bool) -> bool {
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().next_back()) else { return false };
    edge(first) && edge(last) && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let rules = [is_dns_label, is_dns_1035_label, is_dns_subdomain, is_key_name];
        for (text, expected) in [
            ("", [false, false, false, false]),
            ("a", [true, true, true, true]),
            ("a-1", [true, true, true, true]),
            ("1a", [true, false, true, true]),
            ("-a", [false, false, false, false]),
            ("a-", [false, false, false, false]),
            ("a.b", [false, false, true, true]),
            ("a..b", [false, false, false, true]),
            ("a.-b", [false, false, false, true]),
            ("A_b", [false, false, false, true]),
            ("a/b", [false, false, false, false]),
            ("\u{e9}", [false, false, false, false]),
        ] {
            assert_eq!(rules.map(|rule| rule(text)), expected, "{text:?}");
        }
    }
}
