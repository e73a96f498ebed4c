//! The format `byte`.

/// Standard alphabet with padding; the empty string is none.
pub(super) fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(4) && is_padded(text)
}

/// Whether only digits precede at most two `=`, at least one digit if there are some.
pub(super) fn is_padded(text: &str) -> bool {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    (!digits.is_empty() || text.is_empty())
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
