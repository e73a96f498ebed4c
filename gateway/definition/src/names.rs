//! What is wrong with a name, as one text.

/// The texts of Kubernetes' rules together; None where there are none.
pub(crate) fn complaint(texts: Vec<String>) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(","))
}
