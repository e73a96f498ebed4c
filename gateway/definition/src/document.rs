//! An encoded answer that never changes: bytes and their ETag.

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};

/// One JSON document, encoded once when the definition is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Compact JSON, keys sorted, without a final newline. Equal definitions give equal bytes, so that replicas agree.
    pub body: Bytes,
    /// The entity tag as kube-apiserver makes it: upper-case hexadecimal SHA-512 of `body`, in double quotes.
    pub etag: String,
}

// === impl Document ===

impl Document {
    pub(crate) fn new(value: &Value) -> Self {
        let body = Bytes::from(value.to_string());
        let etag = format!("\"{:X}\"", Sha512::digest(&body));
        Self { body, etag }
    }

    /// The entity tag without its quotes, as `/openapi/v3` shows it in `?hash=`.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.etag.trim_matches('"')
    }
}

/// Lower-case hexadecimal SHA-256 of the canonical JSON (keys sorted, compact) of `value`.
pub(crate) fn sha256(value: &Value) -> String {
    format!("{:x}", Sha256::digest(value.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_etag_is_quoted_upper_case_sha512() {
        let document = Document::new(&json!({"b": 1, "a": 2}));
        assert_eq!(document.body, r#"{"a":2,"b":1}"#);
        assert_eq!(document.etag.len(), 130);
        assert_eq!(document.hash(), document.hash().to_uppercase());
        assert!(document.etag.starts_with('"') && document.etag.ends_with('"'));
        assert_ne!(document.etag, Document::new(&json!({})).etag);
    }

    #[test]
    fn the_hash_is_the_known_one_of_an_empty_object() {
        assert_eq!(sha256(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
