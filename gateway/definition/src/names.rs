//! Kubernetes' rules for names, with its words.

/// The longest DNS label, in bytes (RFC 1035, 1123).
const LABEL_MAX: usize = 63;

const DNS_1035_LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const DNS_1123_LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS_1123_SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// What is wrong with a plural, singular, short name, category or version (or a kind in lower case). None if nothing is.
pub(crate) fn dns_1035_label(s: &str) -> Option<String> {
    let fits = is_label(s) && s.starts_with(|c: char| c.is_ascii_lowercase());
    complaint(s, LABEL_MAX, fits, DNS_1035_LABEL)
}

/// What is wrong with the first segment of a raw endpoint, a namespace, a Service or an upstream.
pub(crate) fn dns_1123_label(s: &str) -> Option<String> {
    complaint(s, LABEL_MAX, is_label(s), DNS_1123_LABEL)
}

/// What is wrong with a group or an object's name; `max` in bytes.
pub(crate) fn dns_1123_subdomain(s: &str, max: usize) -> Option<String> {
    complaint(s, max, s.split('.').all(is_label), DNS_1123_SUBDOMAIN)
}

fn complaint(s: &str, max: usize, fits: bool, rule: &str) -> Option<String> {
    let long = (s.len() > max).then(|| format!("must be no more than {max} bytes"));
    let bad = (!fits).then(|| rule.to_owned());
    let all: Vec<_> = long.into_iter().chain(bad).collect();
    (!all.is_empty()).then(|| all.join(","))
}

fn is_label(s: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !s.is_empty() && s.chars().all(inner) && !s.starts_with('-') && !s.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_hold() {
        for (s, label_1035, label_1123, subdomain) in [
            ("foo", true, true, true),
            ("a-1", true, true, true),
            ("1a", false, true, true),
            ("a.b", false, false, true),
            ("a..b", false, false, false),
            ("Foo", false, false, false),
            ("-a", false, false, false),
            ("a-", false, false, false),
            ("é", false, false, false),
            ("", false, false, false),
        ] {
            assert_eq!(dns_1035_label(s).is_none(), label_1035, "{s:?}");
            assert_eq!(dns_1123_label(s).is_none(), label_1123, "{s:?}");
            assert_eq!(dns_1123_subdomain(s, 253).is_none(), subdomain, "{s:?}");
        }
        assert_eq!(dns_1035_label(&"a".repeat(63)), None);
        assert_eq!(dns_1035_label(&"a".repeat(64)).as_deref(), Some("must be no more than 63 bytes"));
    }
}
