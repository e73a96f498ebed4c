//! String formats, checked as `k8s.io/kube-openapi/pkg/validation/strfmt` checks them in Kubernetes 1.36.
//!
//! strfmt leaves addresses, URIs and durations to Go's standard library, so these follow Go 1.26. Every check takes time
//! that is linear in the text's length and needs no stack for it: texts come from users and may be as long as a request.
//! `tests/structural/formats.rs` compares all of them with upstream's answers.

mod color;
mod duration;
mod email;
mod encoded_word;
mod hostname;
mod identifier;
mod ip;
mod mac;
mod number;

use tributary_expr::{is_request_uri, strfmt};

/// A format of strings that is enforced.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    /// As the schema writes it, for errors.
    pub(crate) name: String,
    check: fn(&str) -> bool,
}

impl Format {
    /// Looks a name up; as in go-openapi, dashes do not count. Kubernetes ignores a format that is not found.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let check: fn(&str) -> bool = match name.replace('-', "").as_str() {
            "bsonobjectid" => identifier::is_object_id,
            "byte" => strfmt::is_base64,
            "cidr" => ip::is_cidr,
            "creditcard" => number::is_credit_card,
            "date" => strfmt::is_date,
            "datetime" => strfmt::is_date_time,
            "duration" => duration::is_duration,
            "email" => email::is_email,
            "hexcolor" => color::is_hex,
            "hostname" => hostname::is_hostname,
            "ipv4" => ip::is_ipv4,
            "ipv6" => ip::is_ipv6,
            "isbn" => |text| number::is_isbn10(text) || number::is_isbn13(text),
            "isbn10" => number::is_isbn10,
            "isbn13" => number::is_isbn13,
            "k8slongname" => identifier::is_long_name,
            "k8sshortname" => identifier::is_short_name,
            "mac" => mac::is_mac,
            "password" => |_| true,
            "rgbcolor" => color::is_rgb,
            "ssn" => number::is_ssn,
            "uri" => is_request_uri,
            "uuid" => strfmt::is_uuid,
            "uuid3" => |text| strfmt::is_uuid(text) && identifier::has_version(text, b'3'),
            "uuid4" => |text| identifier::is_uuid_with_variant(text, b'4'),
            "uuid5" => |text| identifier::is_uuid_with_variant(text, b'5'),
            _ => return None,
        };
        Some(Self { name: name.to_owned(), check })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        (self.check)(text)
    }
}

/// What `\s` is to Go's regular expressions.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const NAMES: [&str; 26] = [
        "bsonobjectid",
        "byte",
        "cidr",
        "creditcard",
        "date",
        "date-time",
        "duration",
        "email",
        "hexcolor",
        "hostname",
        "ipv4",
        "ipv6",
        "isbn",
        "isbn10",
        "isbn13",
        "k8s-long-name",
        "k8s-short-name",
        "mac",
        "password",
        "rgbcolor",
        "ssn",
        "uri",
        "uuid",
        "uuid3",
        "uuid4",
        "uuid5",
    ];

    #[test]
    fn dashes_in_names_do_not_count_and_other_names_are_ignored() {
        for name in NAMES.into_iter().chain(["d-a-t-e", "-uri-", "datetime"]) {
            assert_eq!(Format::find(name).expect(name).name, name);
        }
        for name in ["int32", "int64", "float", "double", "color", "Byte", "date time", "", "-"] {
            assert!(Format::find(name).is_none(), "{name}");
        }
    }

    /// Long texts of pieces that begin something which never ends. What takes seconds here would take hours in quadratic
    /// time, and so would a request of 3 MiB.
    #[test]
    fn long_texts_take_linear_time() {
        const LENGTH: usize = 64 << 10;
        let pieces = [
            "a",
            "1",
            "0",
            "(",
            "\"",
            "\\",
            "[",
            "]",
            "<",
            ":",
            "::",
            ".",
            "1.",
            "a.",
            "a,",
            "a@b,",
            "%",
            "%41",
            "=?",
            "1 ",
            "1s ",
            "1 x",
            " ",
            "-",
            "t",
            "é",
            "\"a\" <a@b>, ",
        ];
        let prefixes = [
            "",
            "g:",
            "a@b (",
            "a <",
            "x://[",
            "x://u@",
            "x://",
            "/",
            "::",
            "1.2.3.4/",
            "2026-11-22T10:00:00.",
        ];
        let formats = NAMES.map(|name| Format::find(name).expect(name));
        let begin = Instant::now();
        for prefix in prefixes {
            for piece in pieces {
                let text = prefix.to_owned() + &piece.repeat(LENGTH / piece.len());
                for format in &formats {
                    format.matches(&text);
                }
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    }
}
