//! Named formats of texts (`format.dns1123Label()`), and what is wrong with a text, in Kubernetes' words.

use crate::names::{is_dns_1035_label, is_dns_label, is_dns_subdomain, is_key_name};
use crate::strfmt::{is_base64, is_date, is_date_time, is_uuid};
use crate::url::Url;

/// A format that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format(&'static str);

/// Gives all names to a macro.
macro_rules! with_format_names {
    ($then:ident) => {
        $then!(
            "byte",
            "date",
            "datetime",
            "dns1035Label",
            "dns1035LabelPrefix",
            "dns1123Label",
            "dns1123LabelPrefix",
            "dns1123Subdomain",
            "dns1123SubdomainPrefix",
            "labelValue",
            "qualifiedName",
            "uri",
            "uuid"
        )
    };
}
pub(crate) use with_format_names;

macro_rules! list {
    ($($name:literal),*) => { &[$($name),*] };
}

const NAMES: &[&str] = with_format_names!(list);

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LABEL_1035: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

// === impl Format ===

impl Format {
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|known| **known == name).map(|name| Self(name))
    }

    /// What is wrong with a text; nothing if it is of this format.
    pub(crate) fn faults(self, text: &str) -> Vec<String> {
        let one = |valid: bool, fault: &str| if valid { Vec::new() } else { vec![fault.to_owned()] };
        match self.0 {
            "dns1123Label" => label(text),
            "dns1123LabelPrefix" => label(&masked(text)),
            "dns1123Subdomain" => subdomain(text),
            "dns1123SubdomainPrefix" => subdomain(&masked(text)),
            "dns1035Label" => label_1035(text),
            "dns1035LabelPrefix" => label_1035(&masked(text)),
            "qualifiedName" => qualified_name(text),
            "labelValue" => label_value(text),
            "uri" => one(Url::parse(text).is_some(), "invalid URI for request"),
            "uuid" => one(is_uuid(text), "does not match the UUID format"),
            "byte" => one(is_base64(text), "invalid base64"),
            "date" => one(is_date(text), "invalid date"),
            _ => one(is_date_time(text), "invalid datetime"),
        }
    }
}

/// A prefix of a name may end with a dash.
fn masked(text: &str) -> String {
    match text.len() {
        2.. if text.ends_with('-') => {
            let mut end = text.len() - 2;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            format!("{}a", &text[..end])
        }
        _ => text.to_owned(),
    }
}

fn too_long(text: &str, most: usize) -> Option<String> {
    (text.len() > most).then(|| format!("must be no more than {most} characters"))
}

fn expected(rule: &str, examples: &str, pattern: &str) -> String {
    format!("{rule} (e.g. {examples}, regex used for validation is '{pattern}')")
}

fn label(text: &str) -> Vec<String> {
    let mut faults: Vec<String> = too_long(text, 63).into_iter().collect();
    if !is_dns_label(text) {
        faults.push(match is_dns_subdomain(text) {
            true => "must not contain dots".to_owned(),
            false => expected(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
                 and end with an alphanumeric character",
                "'my-name',  or '123-abc'",
                LABEL,
            ),
        });
    }
    faults
}

fn subdomain(text: &str) -> Vec<String> {
    let mut faults: Vec<String> = too_long(text, 253).into_iter().collect();
    if !is_dns_subdomain(text) {
        faults.push(expected(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character",
            "'example.com'",
            SUBDOMAIN,
        ));
    }
    faults
}

fn label_1035(text: &str) -> Vec<String> {
    let mut faults: Vec<String> = too_long(text, 63).into_iter().collect();
    if !is_dns_1035_label(text) {
        faults.push(expected(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
             character, and end with an alphanumeric character",
            "'my-name',  or 'abc-123'",
            LABEL_1035,
        ));
    }
    faults
}

fn qualified_name(text: &str) -> Vec<String> {
    let rule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
                character";
    let examples = "'MyName',  or 'my.name',  or '123-abc'";
    let mut faults = Vec::new();
    let name = match text.split_once('/') {
        Some((_, name)) if name.contains('/') => {
            let fault = expected(&format!("a valid label key {rule}"), examples, KEY);
            return vec![format!(
                "{fault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some(("", name)) => {
            faults.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            faults.extend(subdomain(prefix).into_iter().map(|fault| format!("prefix part {fault}")));
            name
        }
        None => text,
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    }
    faults.extend(too_long(name, 63).map(|fault| format!("name part {fault}")));
    if !is_key_name(name) {
        faults.push(format!("name part {}", expected(rule, examples, KEY)));
    }
    faults
}

fn label_value(text: &str) -> Vec<String> {
    let mut faults: Vec<String> = too_long(text, 63).into_iter().collect();
    if !text.is_empty() && !is_key_name(text) {
        faults.push(expected(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must \
             start and end with an alphanumeric character",
            "'MyValue',  or 'my_value',  or '12345'",
            &format!("({KEY})?"),
        ));
    }
    faults
}
