//! Which objects of a folder a source selects: by namespace, labels and fields, as an API server does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tributary_access::SourceFailure;
use tributary_collection::{FieldSelector, LabelSelector, LabelSet};
use tributary_definition::SourceReference;

/// What a source selects.
pub(super) struct Selection {
    namespace: String,
    labels: LabelSelector,
    fields: FieldSelector,
}

// === impl Selection ===

impl Selection {
    /// What `source` selects; selectors that cannot be read select nothing, and the view says why.
    pub(super) fn of(source: &SourceReference) -> Result<Self, SourceFailure> {
        let unreadable = |error: String| SourceFailure::Unavailable(error);
        let labels = source.label_selector.as_deref().unwrap_or_default();
        let fields = source.field_selector.as_deref().unwrap_or_default();
        Ok(Self {
            namespace: source.namespace.clone().unwrap_or_default(),
            labels: LabelSelector::parse(labels).map_err(|error| unreadable(error.to_string()))?,
            fields: FieldSelector::parse_any(fields).map_err(|error| unreadable(error.to_string()))?,
        })
    }

    /// The selected ones of these objects.
    pub(super) fn among<Key: Clone + Ord>(
        &self,
        objects: Option<&BTreeMap<Key, Arc<Value>>>,
    ) -> BTreeMap<Key, Arc<Value>> {
        let selected = objects.into_iter().flatten().filter(|(_, object)| self.selects(object));
        selected.map(|(key, object)| (key.clone(), object.clone())).collect()
    }

    fn selects(&self, object: &Value) -> bool {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        (self.namespace.is_empty() || self.namespace == namespace)
            && self.labels.matches(&labels(object))
            && self
                .fields
                .requirements()
                .iter()
                .all(|term| (field(object, &term.field) == term.value) == term.equal)
    }
}

fn labels(object: &Value) -> LabelSet {
    let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect()
}

/// A field as text. An API server has few of each kind; here every field that is a scalar can be selected by.
fn field(object: &Value, path: &str) -> String {
    match path.split('.').try_fold(object, |value, name| value.get(name)) {
        Some(Value::String(text)) => text.clone(),
        Some(scalar @ (Value::Bool(_) | Value::Number(_))) => scalar.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selected_objects() {
        let pod = |namespace: &str, app: &str, phase: &str| {
            json!({"metadata": {"namespace": namespace, "labels": {"app": app}}, "status": {"phase": phase},
                "spec": {"hostNetwork": true}})
        };
        let objects: BTreeMap<_, _> = [("a", pod("n", "x", "Running")), ("b", pod("m", "y", "Failed"))]
            .map(|(name, object)| (name, Arc::new(object)))
            .into();
        for (namespace, labels, fields, expected) in [
            ("", "", "", vec!["a", "b"]),
            ("m", "", "", vec!["b"]),
            ("", "app in (x,z)", "", vec!["a"]),
            ("", "!app", "", vec![]),
            ("", "", "status.phase!=Failed", vec!["a"]),
            ("", "", "metadata.namespace=m,spec.hostNetwork=true", vec!["b"]),
            ("", "", "spec.nodeName=", vec!["a", "b"]),
        ] {
            let source = SourceReference {
                namespace: Some(namespace.to_owned()),
                label_selector: Some(labels.to_owned()),
                field_selector: Some(fields.to_owned()),
                ..SourceReference::default()
            };
            let selected = Selection::of(&source).unwrap().among(Some(&objects));
            assert_eq!(selected.into_keys().collect::<Vec<_>>(), expected, "{source:?}");
        }
        let source =
            SourceReference { label_selector: Some("a in".to_owned()), ..SourceReference::default() };
        assert!(Selection::of(&source).is_err());
    }
}
