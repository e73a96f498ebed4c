//! The way to one field of an object, as the scale subresource names it.

use std::fmt;

use serde_json::Value;

/// A JSONPath without arrays, `.spec.replicas`: the names of nested fields.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonFieldPath(Vec<String>);

// === impl JsonFieldPath ===

impl JsonFieldPath {
    /// The path that `text` writes, if it writes one: names, none of them empty, each with a dot before it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let names: Vec<String> = text.strip_prefix('.')?.split('.').map(str::to_owned).collect();
        let array = |name: &String| name.contains(['[', ']']);
        (!names.iter().any(|name| name.is_empty() || array(name))).then_some(Self(names))
    }

    /// The names of the fields, the outermost first; at least one, none of them empty.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// What `object` has there. None where a field is absent, and where one on the way is not an object.
    #[must_use]
    pub fn get<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(object, |value, name| value.get(name))
    }
}

/// The text as declared.
impl fmt::Display for JsonFieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|name| write!(f, ".{name}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn a_path_is_shown_as_written_and_leads_there(names in prop::collection::vec("[a-z0-9$-]{1,4}", 1..5)) {
            let text = format!(".{}", names.join("."));
            let path = JsonFieldPath::parse(&text).expect("a path");
            prop_assert_eq!(path.to_string(), text);
            prop_assert_eq!(path.segments(), &names);
            let object = names.iter().rev().fold(json!(7), |inner, name| json!({ name.as_str(): inner }));
            prop_assert_eq!(path.get(&object), Some(&json!(7)));
        }
    }

    #[test]
    fn only_the_dot_notation_is_a_path() {
        for text in ["", ".", "spec", "spec.a", ".spec.", "..a", ".a..b", ".a[0]", ".a.b]", "$.a"] {
            assert_eq!(JsonFieldPath::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_none() {
        let path = JsonFieldPath::parse(".spec.replicas").expect("a path");
        for (object, want) in [
            (json!({"spec": {"replicas": 3}}), Some(json!(3))),
            (json!({"spec": {"replicas": null}}), Some(Value::Null)),
            (json!({"spec": {}}), None),
            (json!({"spec": [{"replicas": 3}]}), None),
            (json!({"spec": "replicas"}), None),
            (json!({"replicas": 3}), None),
            (Value::Null, None),
        ] {
            assert_eq!(path.get(&object), want.as_ref(), "{object}");
        }
    }
}
