//! What upstream's documents and ours have in common to the letter; `data/extract.go` says where it is from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The extracted facts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shared {
    /// Definitions of v2 documents by name.
    pub(super) definitions: Map<String, Value>,
    /// Schemas of v3 documents by name.
    pub(super) schemas: Map<String, Value>,
    /// Parameters that v2 documents refer to, by name: the hash in it is upstream's.
    pub(super) parameters: Map<String, Value>,
    /// Query parameters by action, in v2 form.
    pub(super) options: BTreeMap<String, Vec<Value>>,
    /// `apiVersion` and `kind` of an object.
    pub(super) type_meta: Map<String, Value>,
    /// Descriptions of `metadata`.
    pub(super) descriptions: Descriptions,
}

/// Descriptions of `metadata`.
#[derive(Deserialize)]
pub(super) struct Descriptions {
    /// Of an object.
    pub(super) object: String,
    /// Of a list.
    pub(super) list: String,
}

/// The facts, parsed at first use.
#[expect(clippy::expect_used, reason = "the text is part of the program and the unit tests parse it")]
pub(super) static SHARED: LazyLock<Shared> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/shared.json")).expect("shared.json"));

/// Adds to `definitions` what they and `paths` refer to, and what that refers to.
pub(super) fn close(definitions: &mut Map<String, Value>, paths: &Value, known: &Map<String, Value>) {
    let mut wanted = Vec::new();
    references(paths, &mut wanted);
    definitions.values().for_each(|schema| references(schema, &mut wanted));
    while let Some(name) = wanted.pop() {
        let Some(schema) = known.get(&name).filter(|_| !definitions.contains_key(&name)) else {
            continue;
        };
        references(schema, &mut wanted);
        definitions.insert(name, schema.clone());
    }
}

/// The last segments of all `$ref` in `value`.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get("$ref") {
                found.extend(target.rsplit('/').next().map(str::to_owned));
            }
            map.values().for_each(|child| references(child, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
