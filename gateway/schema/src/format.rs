//! String formats, checked as `k8s.io/kube-openapi/pkg/validation/strfmt` checks them.

use std::net::Ipv6Addr;

use jiff::civil::Date;

/// A format of strings that is enforced.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    /// As the schema writes it, for errors.
    pub(crate) name: String,
    check: fn(&str) -> bool,
}

/// What becomes of a format that a schema names.
pub(crate) enum Found {
    Enforced(Format),
    /// Kubernetes enforces it and this version does not: refused.
    Unsupported,
    /// Kubernetes ignores it.
    Ignored,
}

/// Formats that Kubernetes enforces too, dashes aside.
const UNSUPPORTED: [&str; 10] =
    ["creditcard", "duration", "email", "hostname", "isbn", "isbn10", "isbn13", "mac", "rgbcolor", "uri"];

impl Format {
    /// Looks a name up; as in go-openapi, dashes do not count.
    pub(crate) fn find(name: &str) -> Found {
        let normalized = name.replace('-', "");
        let check: fn(&str) -> bool = match normalized.as_str() {
            "bsonobjectid" => is_object_id,
            "byte" => is_base64,
            "cidr" => is_cidr,
            "date" => is_date,
            "datetime" => is_date_time,
            "hexcolor" => is_hex_color,
            "ipv4" => is_ipv4,
            "ipv6" => is_ipv6,
            "k8slongname" => is_long_name,
            "k8sshortname" => is_short_name,
            "password" => |_| true,
            "ssn" => is_ssn,
            "uuid" => is_uuid,
            "uuid3" => |text| is_uuid(text) && has_version(text, b'3'),
            "uuid4" => |text| is_uuid(text) && has_version(text, b'4') && has_variant(text),
            "uuid5" => |text| is_uuid(text) && has_version(text, b'5') && has_variant(text),
            other if UNSUPPORTED.contains(&other) => return Found::Unsupported,
            _ => return Found::Ignored,
        };
        Found::Enforced(Self { name: name.to_owned(), check })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        (self.check)(text)
    }
}

fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Standard alphabet with padding; the empty string is none.
fn is_base64(text: &str) -> bool {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    !digits.is_empty()
        && text.len().is_multiple_of(4)
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) =
        (digits(&bytes[..4]), digits(&bytes[5..7]), digits(&bytes[8..]))
    else {
        return false;
    };
    let (Ok(year), Ok(month), Ok(day)) = (i16::try_from(year), i8::try_from(month), i8::try_from(day)) else {
        return false;
    };
    Date::new(year, month, day).is_ok()
}

/// The number that ASCII digits write, and nothing else.
fn digits(bytes: &[u8]) -> Option<u32> {
    let all = !bytes.is_empty() && bytes.len() <= 9 && bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
}

/// `<date>T<hh>:<mm>:<ss>[<any>digits](Z|±hh:mm)`. The part after a second `T` does not count, as in strfmt.
fn is_date_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut parts = lower.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else { return false };
    is_date(date) && is_time(time)
}

fn is_time(time: &str) -> bool {
    let Some(rest) = strip_clock(time, [23, 59, 59]) else { return false };
    is_zone(rest) || fraction(rest).is_some_and(is_zone)
}

/// Strips `hh:mm:ss` when no part is above its limit.
fn strip_clock(time: &str, limits: [u32; 3]) -> Option<&str> {
    let clock = time.as_bytes().get(..8)?;
    let fits = clock.chunks(3).zip(limits).all(|(part, limit)| {
        digits(&part[..2]).is_some_and(|number| number <= limit)
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
    let bytes = zone.as_bytes();
    match bytes {
        [b'z'] => true,
        [b'+' | b'-', hours @ .., b':', _, _] if hours.len() == 2 => {
            digits(hours).is_some() && digits(&bytes[4..]).is_some()
        }
        _ => false,
    }
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Tolerates leading zeros, as Kubernetes still does, and IPv4 within IPv6.
fn is_ipv4(text: &str) -> bool {
    text.contains('.') && is_ip(text)
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn is_ip(text: &str) -> bool {
    is_dotted(text) || is_loose_ipv6(text)
}

fn is_dotted(text: &str) -> bool {
    let mut parts = 0;
    let valid = text.split('.').all(|part| {
        parts += 1;
        let significant = part.trim_start_matches('0');
        !part.is_empty()
            && (significant.is_empty() || digits(significant.as_bytes()).is_some_and(|number| number <= 255))
    });
    valid && parts == 4
}

/// IPv6 whose embedded IPv4 may have leading zeros.
fn is_loose_ipv6(text: &str) -> bool {
    match text.rsplit_once(':') {
        Some((head, tail)) if tail.contains('.') => is_dotted(tail) && is_ipv6(&format!("{head}:0.0.0.0")),
        _ => is_ipv6(text),
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let bits = if address.contains(':') { 128 } else { 32 };
    is_ip(address) && digits(prefix.as_bytes()).is_some_and(|number| number <= bits)
}

fn is_short_name(text: &str) -> bool {
    text.len() <= 63 && is_label(text)
}

fn is_long_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Eleven characters, so both separators are there.
fn is_ssn(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            3 | 6 => matches!(byte, b'-' | b' '),
            _ => byte.is_ascii_digit(),
        })
}

/// The 32 digits of a UUID whose dashes, each optional, are in their places.
fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        let Some((group, tail)) = rest.split_at_checked(length) else { return false };
        if !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        rest = tail;
    }
    rest.is_empty()
}

fn has_version(uuid: &str, version: u8) -> bool {
    uuid.bytes().filter(|&byte| byte != b'-').nth(12) == Some(version)
}

fn has_variant(uuid: &str) -> bool {
    let variant = uuid.bytes().filter(|&byte| byte != b'-').nth(16);
    variant.is_some_and(|byte| matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_accept_and_refuse() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("byte", &["aGk=", "aA==", "abcd"], &["", "aGk", "a===", "====", "aG-="]),
            (
                "date",
                &["2026-11-22", "2024-02-29", "0000-01-01"],
                &["2026-2-1", "2026-02-30", "2026-11-22T", "+026-11-22"],
            ),
            (
                "date-time",
                &[
                    "2026-11-22T10:00:00Z",
                    "2026-11-22t10:00:00.5z",
                    "2026-11-22T10:00:00+02:00",
                    "2026-11-22T10:00:00+99:99",
                ],
                &[
                    "2026-11-22",
                    "2026-11-22T10:00:00",
                    "2026-11-22T24:00:00Z",
                    "2026-11-22T10:00:60Z",
                    "2026-11-22T10:00:00.Z",
                    "2026-11-22 10:00:00Z",
                ],
            ),
            ("datetime", &["2026-11-22T10:00:00Z"], &["x"]),
            (
                "ipv4",
                &["10.0.0.1", "010.000.0.001", "::ffff:1.2.3.4"],
                &["10.0.0", "256.0.0.1", "::1", "1.2.3.4.5", "1..2.3"],
            ),
            ("ipv6", &["::1", "fe80::1", "::ffff:1.2.3.4"], &["1.2.3.4", ":::", "fe80::1%eth0", "g::"]),
            (
                "cidr",
                &["10.0.0.0/8", "::/0", "1.2.3.4/32", "::/128"],
                &["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "x/8"],
            ),
            (
                "uuid",
                &["123e4567-e89b-12d3-a456-426614174000", "123E4567e89b12d3a456426614174000"],
                &[
                    "123e4567-e89b-12d3-a456-42661417400",
                    "g23e4567-e89b-12d3-a456-426614174000",
                    "123e4567-e89b-12d3-a456-4266141740000",
                ],
            ),
            ("uuid3", &["123e4567-e89b-32d3-0456-426614174000"], &["123e4567-e89b-12d3-a456-426614174000"]),
            ("uuid4", &["123e4567-e89b-42d3-A456-426614174000"], &["123e4567-e89b-42d3-c456-426614174000"]),
            ("uuid5", &["123e4567-e89b-52d3-8456-426614174000"], &["123e4567-e89b-42d3-8456-426614174000"]),
            ("hexcolor", &["#fff", "00FF00"], &["#ff", "#ggg", ""]),
            ("ssn", &["123-45-6789", "123 45 6789"], &["123456789", "123-45-678x"]),
            ("bsonobjectid", &["507f1f77bcf86cd799439011"], &["507f1f77bcf86cd79943901"]),
            ("k8s-short-name", &["a", "a-b9"], &["", "-a", "a-", "A", "a.b"]),
            ("k8s-long-name", &["a.b-c.d"], &["a..b", "a.-b", ""]),
            ("password", &["", "anything"], &[]),
        ];
        for (name, accepted, refused) in cases {
            let Found::Enforced(format) = Format::find(name) else { panic!("{name} is not enforced") };
            for text in *accepted {
                assert!(format.matches(text), "{name} refuses {text}");
            }
            for text in *refused {
                assert!(!format.matches(text), "{name} accepts {text}");
            }
        }
    }

    #[test]
    fn other_formats_are_refused_or_ignored() {
        for name in UNSUPPORTED {
            assert!(matches!(Format::find(name), Found::Unsupported), "{name}");
        }
        for name in ["int32", "color", "Byte", ""] {
            assert!(matches!(Format::find(name), Found::Ignored), "{name}");
        }
    }
}
