//! Kubernetes' rules for names, with the texts of apimachinery's `validation` package.
//!
//! Each function returns what is wrong with a value, nothing where it is right.

use tributary_expr::names::{is_dns_1035_label, is_dns_label, is_dns_subdomain, is_key_name};

/// The longest label, name part or label value, in bytes.
const LABEL_MOST: usize = 63;
/// The longest DNS subdomain, in bytes.
const SUBDOMAIN_MOST: usize = 253;

const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with \
     an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
     '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', \
     and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex \
     used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
     and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
     character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is \
     '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
     start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/// A DNS-1123 label: the name of a namespace.
pub fn dns_label(value: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if value.len() > LABEL_MOST {
        wrong.push(too_long(LABEL_MOST));
    }
    if !is_dns_label(value) {
        wrong.push(LABEL.to_owned());
    }
    wrong
}

/// A name that is one segment of a path: those of kinds that have no rule of their own.
pub fn path_segment(value: &str) -> Vec<String> {
    match value {
        "." | ".." => vec![format!("may not be '{value}'")],
        _ => path_segment_prefix(value),
    }
}

/// The beginning of such a name.
pub fn path_segment_prefix(value: &str) -> Vec<String> {
    let illegal = ["/", "%"].into_iter().filter(|illegal| value.contains(illegal));
    illegal.map(|illegal| format!("may not contain '{illegal}'")).collect()
}

/// A DNS-1035 label, which begins with a letter: a plural, a version, a kind in lower case.
pub fn dns_1035_label(value: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if value.len() > LABEL_MOST {
        wrong.push(too_long(LABEL_MOST));
    }
    if !is_dns_1035_label(value) {
        wrong.push(LABEL_1035.to_owned());
    }
    wrong
}

/// A DNS-1123 subdomain: the name of an object.
pub fn dns_subdomain(value: &str) -> Vec<String> {
    dns_subdomain_within(value, SUBDOMAIN_MOST)
}

/// A DNS-1123 subdomain of at most so many bytes: a group.
pub fn dns_subdomain_within(value: &str, most: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    if value.len() > most {
        wrong.push(too_long(most));
    }
    if !is_dns_subdomain(value) {
        wrong.push(SUBDOMAIN.to_owned());
    }
    wrong
}

/// A qualified name: the key of a label or an annotation, a finalizer.
pub fn qualified_name(value: &str) -> Vec<String> {
    let (prefix, name) = match value.split('/').collect::<Vec<_>>()[..] {
        [name] => (None, name),
        [prefix, name] => (Some(prefix), name),
        _ => {
            return vec![format!(
                "a valid label key {QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    let mut wrong: Vec<String> = match prefix {
        Some("") => vec!["prefix part must be non-empty".to_owned()],
        Some(prefix) => dns_subdomain(prefix).into_iter().map(|text| format!("prefix part {text}")).collect(),
        None => Vec::new(),
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    } else if name.len() > LABEL_MOST {
        wrong.push(format!("name part {}", too_long(LABEL_MOST)));
    }
    if !is_key_name(name) {
        wrong.push(format!("name part {QUALIFIED}"));
    }
    wrong
}

/// The value of a label.
pub fn label_value(value: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if value.len() > LABEL_MOST {
        wrong.push(too_long(LABEL_MOST));
    }
    if !value.is_empty() && !is_key_name(value) {
        wrong.push(LABEL_VALUE.to_owned());
    }
    wrong
}

fn too_long(most: usize) -> String {
    format!("must be no more than {most} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let long = "a".repeat(254);
        let cases: [(fn(&str) -> Vec<String>, &str, usize); 25] = [
            (dns_label, "a", 0),
            (dns_label, "a-1", 0),
            (dns_label, "", 1),
            (dns_label, "A", 1),
            (dns_label, "-a", 1),
            (dns_label, "a.b", 1),
            (dns_label, &long[..64], 1),
            (dns_1035_label, "a-1", 0),
            (dns_1035_label, "1a", 1),
            (dns_1035_label, "é", 1),
            (dns_subdomain, "a.b-c.1", 0),
            (dns_subdomain, "a..b", 1),
            (dns_subdomain, "a/b", 1),
            (dns_subdomain, &long, 1),
            (qualified_name, "a", 0),
            (qualified_name, "example.com/A_b.c", 0),
            (qualified_name, "/a", 1),
            (qualified_name, "a/", 2),
            (qualified_name, "a/b/c", 1),
            (qualified_name, "Ex.com/a", 1),
            (qualified_name, &long[..64], 1),
            (label_value, "", 0),
            (label_value, "A_b.c-1", 0),
            (label_value, "-", 1),
            (label_value, &long[..64], 1),
        ];
        for (rule, value, wrong) in cases {
            assert_eq!(rule(value).len(), wrong, "{value}: {:?}", rule(value));
        }
    }
}
