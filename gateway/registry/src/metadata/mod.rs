//! ObjectMeta of a request's object: read by its type, filled in, validated.

mod validation;

use std::collections::{BTreeSet, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde_json::{Map, Value};

use crate::mismatch;

pub(crate) use validation::{validate, validate_by_any_kind, validate_update};

/// Tells the garbage collector to let the objects that this one owns stay.
pub(crate) const ORPHAN: &str = "orphan";
/// Tells the garbage collector to delete the objects that this one owns first.
pub(crate) const FOREGROUND: &str = "foregroundDeletion";

/// Reads `metadata` of an object by its type; the paths of unknown fields are added to `unknown`.
pub(crate) fn read(
    object: &Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<ObjectMeta, serde_json::Error> {
    match object.get("metadata") {
        None | Some(Value::Null) => Ok(ObjectMeta::default()),
        Some(metadata) => mismatch::read(metadata, "metadata", unknown),
    }
}

/// ObjectMeta as it is stored: without what is empty, as Go's `omitempty` writes it.
pub(crate) fn write(metadata: &ObjectMeta) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(metadata)?;
    if let Some(fields) = value.as_object_mut() {
        // A grace period of 0 is one: Go has a pointer there.
        fields.retain(|field, value| {
            !is_empty(value) || (field == "deletionGracePeriodSeconds" && value.is_number())
        });
    }
    Ok(value)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(_) => false,
    }
}

/// Drops owner references that are there twice; the warning, if there were any (apiserver,
/// `dedupOwnerReferencesAndAddWarning`). A patch is told in other words, as it is looked at later.
pub(crate) fn drop_duplicate_owners(metadata: &mut ObjectMeta, patched: bool) -> Option<String> {
    let mut seen = HashSet::new();
    let mut dropped = Vec::new();
    let owners = metadata.owner_references.as_mut()?;
    owners.retain(|owner| {
        let OwnerReference { api_version, block_owner_deletion, controller, kind, name, uid } = owner.clone();
        let first = seen.insert((uid, name, kind, api_version, controller, block_owner_deletion));
        if !first {
            dropped.push(owner.uid.clone());
        }
        first
    });
    let when = if patched { " after mutating admission happens" } else { "" };
    (!dropped.is_empty()).then(|| {
        format!(
            ".metadata.ownerReferences contains duplicate entries{when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
            dropped.join(", ")
        )
    })
}

/// Warns of new finalizers that others may use, too (apiextensions, `validateKubeFinalizerName`).
pub(crate) fn finalizer_warnings(metadata: &ObjectMeta, current: Option<&ObjectMeta>) -> Vec<String> {
    let before = current.and_then(|current| current.finalizers.as_deref()).unwrap_or_default();
    let before: HashSet<_> = before.iter().collect();
    let new: BTreeSet<_> = metadata.finalizers.iter().flatten().filter(|one| !before.contains(one)).collect();
    let standard = [ORPHAN, FOREGROUND, "kubernetes"];
    let unqualified = new.into_iter().filter(|one| !one.contains('/') && !standard.contains(&one.as_str()));
    let text = |finalizer: &String| {
        let path = if finalizer.contains('.') { "including a path (/) " } else { "" };
        format!(
            "metadata.finalizers: {finalizer:?}: prefer a domain-qualified finalizer name {path}to avoid accidental conflicts with other finalizer writers"
        )
    };
    unqualified.map(text).collect()
}

/// Absent and empty are the same in Kubernetes' metadata.
pub(crate) fn non_empty(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn meta(value: Value) -> ObjectMeta {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn owners_are_there_once() {
        let owner =
            |uid: &str, name: &str| json!({"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid});
        for (owners, kept, dropped) in [
            (json!(null), 0, ""),
            (json!([]), 0, ""),
            (json!([owner("u", "a"), owner("v", "a"), owner("u", "b")]), 3, ""),
            (
                json!([owner("u", "a"), owner("v", "a"), owner("u", "a"), owner("v", "a"), owner("u", "a")]),
                2,
                "u, v, u",
            ),
        ] {
            let mut metadata = meta(json!({"ownerReferences": owners}));
            let warning = drop_duplicate_owners(&mut metadata, true).unwrap_or_default();
            assert_eq!(metadata.owner_references.iter().flatten().count(), kept, "{owners}");
            let told = warning.rsplit_once("observed: ").map_or("", |(_, uids)| uids);
            assert_eq!(told, dropped);
            assert_eq!(
                warning.contains("entries after mutating admission happens; API"),
                !dropped.is_empty()
            );
        }
        let mut metadata = meta(json!({"ownerReferences": [owner("u", "a"), owner("u", "a")]}));
        assert!(
            drop_duplicate_owners(&mut metadata, false).unwrap().contains("duplicate entries; API server")
        );
    }

    #[test]
    fn finalizers_without_a_path_are_warned_of() {
        let prefer = |name: &str, path: &str| {
            format!(
                "metadata.finalizers: {name:?}: prefer a domain-qualified finalizer name {path}to avoid accidental conflicts with other finalizer writers"
            )
        };
        for (before, after, expected) in [
            (json!(null), json!(["x.y/z", "orphan", "foregroundDeletion", "kubernetes"]), vec![]),
            (
                json!(null),
                json!(["b", "a.b", "b"]),
                vec![prefer("a.b", "including a path (/) "), prefer("b", "")],
            ),
            (json!(["b"]), json!(["b", "c"]), vec![prefer("c", "")]),
            (json!(["b"]), json!(null), vec![]),
        ] {
            let (before, after) = (meta(json!({"finalizers": before})), meta(json!({"finalizers": after})));
            assert_eq!(finalizer_warnings(&after, Some(&before)), expected);
        }
        assert_eq!(finalizer_warnings(&meta(json!({"finalizers": ["b"]})), None), [prefer("b", "")]);
    }
}
