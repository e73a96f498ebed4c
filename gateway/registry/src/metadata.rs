//! ObjectMeta of a request's object: read by its type, filled in, validated.

use std::collections::{BTreeSet, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde_json::{Map, Value};
use tributary_schema::field::{Error, Path};
use tributary_schema::names;

/// The most bytes of all annotations (apimachinery, `TotalAnnotationSizeLimitB`).
const ANNOTATIONS_MOST: i64 = 256 << 10;

/// Tells the garbage collector to let the objects that this one owns stay.
pub(crate) const ORPHAN: &str = "orphan";
/// Tells the garbage collector to delete the objects that this one owns first.
pub(crate) const FOREGROUND: &str = "foregroundDeletion";

/// The most faults that are looked for: each repeats the value, and there can be a hundred thousand labels.
const ERRORS_MOST: usize = 256;

/// The fields of ObjectMeta; others are unknown.
const FIELDS: [&str; 15] = [
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Reads `metadata` of an object by its type; the paths of unknown fields are added to `unknown`.
pub(crate) fn read(
    object: &Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<ObjectMeta, serde_json::Error> {
    let Some(metadata) = object.get("metadata") else { return Ok(ObjectMeta::default()) };
    if let Some(fields) = metadata.as_object() {
        let others = fields.keys().filter(|field| !FIELDS.contains(&field.as_str()));
        unknown.extend(others.map(|field| format!("metadata.{field}")));
    }
    match metadata {
        Value::Null => Ok(ObjectMeta::default()),
        metadata => serde_json::from_value(with_texts(metadata.clone())),
    }
}

/// To Go a null among texts is an empty one.
fn with_texts(mut metadata: Value) -> Value {
    let empty = |value: &mut Value| {
        if value.is_null() {
            *value = Value::from("");
        }
    };
    for field in ["annotations", "labels", "finalizers"] {
        match metadata.get_mut(field) {
            Some(Value::Object(texts)) => texts.values_mut().for_each(empty),
            Some(Value::Array(texts)) => texts.iter_mut().for_each(empty),
            _ => {}
        }
    }
    metadata
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

/// What names may be.
struct NameRule {
    name: fn(&str) -> Vec<String>,
    /// Of `generateName`, which more characters follow.
    prefix: fn(&str) -> Vec<String>,
}

/// A trailing dash of a prefix is masked (`maskTrailingDash`).
const SUBDOMAIN: NameRule = NameRule {
    name: names::dns_subdomain,
    prefix: |prefix| {
        let masked = prefix.strip_suffix('-').map_or(prefix.to_owned(), |start| format!("{start}a"));
        names::dns_subdomain(&masked)
    },
};
const PATH_SEGMENT: NameRule = NameRule { name: names::path_segment, prefix: names::path_segment_prefix };

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

/// The rules of apimachinery's `ValidateObjectMeta` for a custom resource.
pub(crate) fn validate(metadata: &ObjectMeta, namespaced: bool) -> Vec<Error> {
    validate_by(&SUBDOMAIN, metadata, namespaced)
}

/// The same for a resource embedded in one, whose kind is anybody's.
pub(crate) fn validate_embedded(metadata: &ObjectMeta, namespaced: bool) -> Vec<Error> {
    validate_by(&PATH_SEGMENT, metadata, namespaced)
}

fn validate_by(rule: &NameRule, metadata: &ObjectMeta, namespaced: bool) -> Vec<Error> {
    let at = Path::new("metadata");
    let mut errors = Vec::new();
    validate_names(rule, metadata, &at, &mut errors);
    validate_namespace(metadata, namespaced, &at.child("namespace"), &mut errors);
    for (key, value) in metadata.labels.iter().flatten() {
        let at = at.child("labels");
        invalid(&mut errors, &at, key, names::qualified_name(key));
        invalid(&mut errors, &at, value, names::label_value(value));
    }
    validate_annotations(metadata, &at.child("annotations"), &mut errors);
    validate_owners(
        metadata.owner_references.as_deref().unwrap_or_default(),
        &at.child("ownerReferences"),
        &mut errors,
    );
    validate_finalizers(
        metadata.finalizers.as_deref().unwrap_or_default(),
        &at.child("finalizers"),
        &mut errors,
    );
    errors
}

/// The rules of apimachinery's `ValidateObjectMetaUpdate` that are left once system fields are the server's.
pub(crate) fn validate_update(metadata: &ObjectMeta, current: &ObjectMeta) -> Vec<Error> {
    let at = Path::new("metadata");
    let mut errors = Vec::new();
    if current.deletion_timestamp.is_some() {
        let before = current.finalizers.as_deref().unwrap_or_default();
        let mut new: Vec<_> =
            metadata.finalizers.iter().flatten().filter(|one| !before.contains(one)).collect();
        new.sort();
        if !new.is_empty() {
            let list: Vec<_> = new.iter().map(|one| format!("{one:?}")).collect();
            let text = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                list.join(", ")
            );
            errors.push(Error::forbidden(&at.child("finalizers"), text));
        }
    }
    if metadata.uid != current.uid {
        let uid = Value::from(metadata.uid.as_deref());
        errors.push(Error::invalid(&at.child("uid"), &uid, "field is immutable"));
    }
    if metadata.deletion_timestamp != current.deletion_timestamp {
        let time = serde_json::to_value(&metadata.deletion_timestamp).unwrap_or_default();
        errors.push(Error::invalid(&at.child("deletionTimestamp"), &time, "field is immutable"));
    }
    let seconds = metadata.deletion_grace_period_seconds;
    if seconds != current.deletion_grace_period_seconds {
        let at = at.child("deletionGracePeriodSeconds");
        errors.push(Error::invalid(&at, &Value::from(seconds), "field is immutable"));
    }
    errors
}

fn validate_finalizers(finalizers: &[String], at: &Path, errors: &mut Vec<Error>) {
    for finalizer in finalizers {
        invalid(errors, at, finalizer, names::qualified_name(finalizer));
    }
    let has = |name: &str| finalizers.iter().any(|finalizer| finalizer == name);
    if has(ORPHAN) && has(FOREGROUND) {
        let text = format!("finalizer {ORPHAN} and {FOREGROUND} cannot be both set");
        errors.push(Error::invalid(at, &Value::from(finalizers), text));
    }
}

fn validate_names(rule: &NameRule, metadata: &ObjectMeta, at: &Path, errors: &mut Vec<Error>) {
    if let Some(prefix) = non_empty(metadata.generate_name.as_deref()) {
        invalid(errors, &at.child("generateName"), prefix, (rule.prefix)(prefix));
    }
    match non_empty(metadata.name.as_deref()) {
        None => errors.push(Error::required(&at.child("name"), "name or generateName is required")),
        Some(name) => invalid(errors, &at.child("name"), name, (rule.name)(name)),
    }
}

fn validate_namespace(metadata: &ObjectMeta, namespaced: bool, at: &Path, errors: &mut Vec<Error>) {
    match (namespaced, non_empty(metadata.namespace.as_deref())) {
        (true, None) => errors.push(Error::required(at, "")),
        (true, Some(namespace)) => invalid(errors, at, namespace, names::dns_label(namespace)),
        (false, Some(_)) => errors.push(Error::forbidden(at, "not allowed on this type")),
        (false, None) => {}
    }
}

fn validate_annotations(metadata: &ObjectMeta, at: &Path, errors: &mut Vec<Error>) {
    let mut size = 0;
    for (key, value) in metadata.annotations.iter().flatten() {
        size += key.len() + value.len();
        // The rule is that of labels, but case does not matter.
        invalid(errors, at, key, names::qualified_name(&key.to_lowercase()));
    }
    if i64::try_from(size).is_ok_and(|size| size > ANNOTATIONS_MOST) {
        errors.push(Error::too_long(at, ANNOTATIONS_MOST));
    }
}

fn validate_owners(owners: &[OwnerReference], at: &Path, errors: &mut Vec<Error>) {
    let mut controller: Option<String> = None;
    for owner in owners {
        let version = owner.api_version.rsplit('/').next().unwrap_or_default();
        let required = [
            ("apiVersion", &owner.api_version, version.is_empty(), "version must not be empty"),
            ("kind", &owner.kind, owner.kind.is_empty(), "must not be empty"),
            ("name", &owner.name, owner.name.is_empty(), "must not be empty"),
            ("uid", &owner.uid, owner.uid.is_empty(), "must not be empty"),
        ];
        for (field, value, _, text) in required.into_iter().filter(|(_, _, empty, _)| *empty) {
            errors.push(Error::invalid(&at.child(field), &Value::from(value.as_str()), text));
        }
        if owner.controller != Some(true) {
            continue;
        }
        let name = format!("{}/{}", owner.kind, owner.name);
        match &controller {
            Some(first) => {
                let text = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
                );
                errors.push(Error::invalid(at, &serde_json::to_value(owners).unwrap_or_default(), text));
            }
            None => controller = Some(name),
        }
    }
}

fn invalid(errors: &mut Vec<Error>, at: &Path, value: &str, wrong: Vec<String>) {
    if errors.len() < ERRORS_MOST {
        errors.extend(wrong.into_iter().map(|text| Error::invalid(at, &Value::from(value), text)));
    }
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
    fn nulls_are_empty_texts() {
        let object =
            json!({"metadata": {"labels": {"a": null, "b": "c"}, "annotations": null, "finalizers": [null]}});
        let read = read(object.as_object().unwrap(), &mut Vec::new()).unwrap();
        assert_eq!(
            serde_json::to_value(read).unwrap(),
            json!({"labels": {"a": "", "b": "c"}, "finalizers": [""]})
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
