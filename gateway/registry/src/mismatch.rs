//! Why an object's metadata is no ObjectMeta, in the words of Go's decoder.

use serde_json::Value;

/// The first field of another type, in the order of names, in which the reference decodes them; None: it is not the
/// type of a field.
pub(crate) fn of(metadata: &Value) -> Option<String> {
    match metadata {
        Value::Null => None,
        Value::Object(fields) => fields.iter().find_map(|(field, value)| of_field(field, value)),
        other => Some(format!("json: cannot unmarshal {} into Go value of type v1.ObjectMeta", kind(other))),
    }
}

fn of_field(field: &str, value: &Value) -> Option<String> {
    let wanted = match field {
        "ownerReferences" => return of_owners(value),
        "generateName" | "name" | "namespace" | "resourceVersion" | "selfLink" => Type::Text,
        "creationTimestamp" | "deletionTimestamp" => Type::Text,
        "uid" => Type::Uid,
        "generation" | "deletionGracePeriodSeconds" => Type::Integer,
        "annotations" | "labels" => Type::Texts,
        "finalizers" => Type::List("string"),
        "managedFields" => Type::List("v1.ManagedFieldsEntry"),
        _ => return None,
    };
    wanted.mismatch(value, &format!("ObjectMeta.{field}"))
}

fn of_owners(value: &Value) -> Option<String> {
    let list = Type::List("v1.OwnerReference").mismatch(value, "ObjectMeta.ownerReferences");
    let fields = || {
        let owners = value.as_array().into_iter().flatten().filter_map(Value::as_object);
        owners.flatten().find_map(|(field, value)| {
            let wanted = match field.as_str() {
                "apiVersion" | "kind" | "name" => Type::Text,
                "uid" => Type::Uid,
                "blockOwnerDeletion" | "controller" => Type::Bool,
                _ => return None,
            };
            wanted.mismatch(value, &format!("OwnerReference.ownerReferences.{field}"))
        })
    };
    list.or_else(fields)
}

/// The type of a field.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Uid,
    Bool,
    Integer,
    Texts,
    /// Of these: texts, or objects.
    List(&'static str),
}

impl Type {
    fn mismatch(self, value: &Value, field: &str) -> Option<String> {
        let (found, wanted) = match (self, value) {
            (_, Value::Null) | (Self::Text | Self::Uid, Value::String(_)) | (Self::Bool, Value::Bool(_)) => {
                return None;
            }
            (Self::Integer, Value::Number(number)) if number.is_i64() => return None,
            (Self::Integer, Value::Number(number)) => (format!("number {number}"), "int64".to_owned()),
            (Self::Texts, Value::Object(texts)) => {
                return texts.values().find_map(|text| Self::Text.mismatch(text, field));
            }
            (Self::List("string"), Value::Array(items)) => {
                return items.iter().find_map(|item| Self::Text.mismatch(item, field));
            }
            (Self::List(item), Value::Array(items)) => {
                (kind(items.iter().find(|item| !item.is_object() && !item.is_null())?), item.to_owned())
            }
            (Self::List(item), other) => (kind(other), format!("[]{item}")),
            (wanted, other) => (kind(other), wanted.name().to_owned()),
        };
        Some(format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}"))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Uid => "types.UID",
            Self::Bool => "bool",
            Self::Integer => "int64",
            Self::Texts => "map[string]string",
            Self::List(item) => item,
        }
    }
}

fn kind(value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    kind.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_field_of_another_type() {
        let field = |found: &str, field: &str, wanted: &str| {
            format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}")
        };
        for (metadata, expected) in [
            (json!([]), "json: cannot unmarshal array into Go value of type v1.ObjectMeta".to_owned()),
            (json!("x"), "json: cannot unmarshal string into Go value of type v1.ObjectMeta".to_owned()),
            (json!({"name": 1.5}), field("number", "ObjectMeta.name", "string")),
            (json!({"uid": {}}), field("object", "ObjectMeta.uid", "types.UID")),
            (json!({"generation": "x"}), field("string", "ObjectMeta.generation", "int64")),
            (json!({"generation": 1.5}), field("number 1.5", "ObjectMeta.generation", "int64")),
            (json!({"labels": 1}), field("number", "ObjectMeta.labels", "map[string]string")),
            (json!({"labels": {"a": 1}, "name": 1}), field("number", "ObjectMeta.labels", "string")),
            (json!({"finalizers": {}}), field("object", "ObjectMeta.finalizers", "[]string")),
            (json!({"finalizers": ["a", 1]}), field("number", "ObjectMeta.finalizers", "string")),
            (
                json!({"ownerReferences": 1}),
                field("number", "ObjectMeta.ownerReferences", "[]v1.OwnerReference"),
            ),
            (
                json!({"ownerReferences": [1]}),
                field("number", "ObjectMeta.ownerReferences", "v1.OwnerReference"),
            ),
            (
                json!({"ownerReferences": [{"name": 1}]}),
                field("number", "OwnerReference.ownerReferences.name", "string"),
            ),
            (
                json!({"ownerReferences": [{"controller": "x"}]}),
                field("string", "OwnerReference.ownerReferences.controller", "bool"),
            ),
            (json!({"creationTimestamp": 1}), field("number", "ObjectMeta.creationTimestamp", "string")),
        ] {
            assert_eq!(of(&metadata), Some(expected), "{metadata}");
        }
        for metadata in [json!(null), json!({"name": null, "labels": {"a": null}, "x": 1, "generation": 1})] {
            assert_eq!(of(&metadata), None, "{metadata}");
        }
    }
}
