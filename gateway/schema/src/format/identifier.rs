//! The formats `bsonobjectid`, `uuid` and its versions, `k8s-short-name` and `k8s-long-name`.

pub(super) fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// 32 hexadecimal digits whose dashes, each optional, are in their places.
pub(super) fn is_uuid(text: &str) -> bool {
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
    text.len() <= 63 && is_label(text)
}

/// Labels, which unlike those of DNS have no length limit of their own.
pub(super) fn is_long_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}
