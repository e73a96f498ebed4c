//! The formats `bsonobjectid`, `uuid` and its versions, `k8s-short-name` and `k8s-long-name`.

use tributary_expr::names;
use tributary_expr::strfmt::is_uuid;

pub(super) fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A UUID of a version, and of RFC 4122's variant.
pub(super) fn is_uuid_with_variant(text: &str, version: u8) -> bool {
    is_uuid(text) && has_version(text, version) && has_variant(text)
}

pub(super) fn has_version(uuid: &str, version: u8) -> bool {
    uuid.bytes().filter(|&byte| byte != b'-').nth(12) == Some(version)
}

fn has_variant(uuid: &str) -> bool {
    let variant = uuid.bytes().filter(|&byte| byte != b'-').nth(16);
    variant.is_some_and(|byte| matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'))
}

pub(super) fn is_short_name(text: &str) -> bool {
    text.len() <= 63 && names::is_dns_label(text)
}

/// Labels, which unlike those of DNS have no length limit of their own.
pub(super) fn is_long_name(text: &str) -> bool {
    text.len() <= 253 && names::is_dns_subdomain(text)
}
