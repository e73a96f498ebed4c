//! Merge patches, as the library of the reference does them: of what is new all nulls are left out, also those within
//! the objects of a list; a list that takes the place of an object keeps them.

use serde_json::{Map, Value};

/// Merges a patch into a document; one that is no object takes its place.
pub(super) fn apply(document: &mut Value, patch: Value) {
    match (document.as_object_mut(), patch) {
        (Some(fields), Value::Object(patch)) => merge(fields, patch),
        (_, mut patch) => {
            prune(&mut patch);
            *document = patch;
        }
    }
}

fn merge(fields: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (field, mut value) in patch {
        if value.is_null() {
            fields.remove(&field);
            continue;
        }
        match (fields.get_mut(&field), &mut value) {
            (Some(Value::Object(inner)), Value::Object(patch)) => {
                merge(inner, std::mem::take(patch));
                continue;
            }
            (Some(Value::Object(_)), _) => {}
            _ => prune(&mut value),
        }
        fields.insert(field, value);
    }
}

/// Drops the fields that are null. An item of a list stays.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}
