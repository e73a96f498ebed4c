//! What JSON says of its kind and version, which is looked at before all else (apimachinery, `SimpleMetaFactory`).

use serde_json::Value;

use crate::mismatch;

/// How Go names the type that is read to find out the kind.
const TYPE_META: &str = r#"value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;

/// Kind and apiVersion have to be texts where they are there, and the apiVersion one (`ParseGroupVersion`).
pub fn check_type_meta(value: &Value) -> Result<(), String> {
    let fields = match value {
        Value::Object(fields) => fields,
        Value::Null => return Ok(()),
        other => return Err(unlike(other, TYPE_META)),
    };
    for field in ["apiVersion", "kind"] {
        match fields.get(field) {
            None | Some(Value::Null | Value::String(_)) => {}
            Some(other) => return Err(unlike(other, &format!("struct field .{field} of type string"))),
        }
    }
    match fields.get("apiVersion").and_then(Value::as_str) {
        Some(version) if version.matches('/').count() > 1 => {
            Err(format!("unexpected GroupVersion string: {version}"))
        }
        _ => Ok(()),
    }
}

fn unlike(value: &Value, wanted: &str) -> String {
    let found = mismatch::kind(value);
    format!("couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kind_and_version_are_texts() {
        let unlike = |why: &str| {
            Some(format!("couldn't get version/kind; json parse error: json: cannot unmarshal {why}"))
        };
        for (value, expected) in [
            (json!(null), None),
            (json!({"apiVersion": null, "kind": ""}), None),
            (json!({"apiVersion": "/", "kind": "Task"}), None),
            (json!({"kind": 1}), unlike("number into Go struct field .kind of type string")),
            (
                json!({"apiVersion": {}, "kind": 1}),
                unlike("object into Go struct field .apiVersion of type string"),
            ),
            (
                json!({"apiVersion": "a/b/c", "kind": 1}),
                unlike("number into Go struct field .kind of type string"),
            ),
            (json!({"apiVersion": "a/b/c"}), Some("unexpected GroupVersion string: a/b/c".to_owned())),
            (json!([]), unlike(&format!("array into Go {TYPE_META}"))),
        ] {
            assert_eq!(check_type_meta(&value).err(), expected, "{value}");
        }
    }
}
