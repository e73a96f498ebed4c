//! The rules for metadata.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde_json::Value;
use tributary_schema::field::{Error, Path};
use tributary_schema::{gotext, names};

use super::{FOREGROUND, ORPHAN, non_empty};

/// The most bytes of all annotations (apimachinery, `TotalAnnotationSizeLimitB`).
const ANNOTATIONS_MOST: i64 = 256 << 10;
/// The most faults that are looked for: each repeats the value, and there can be a hundred thousand labels.
const ERRORS_MOST: usize = 256;

/// Up to so many owners a fault of all of them is told for each.
const OWNERS_REPEATED: usize = 16;

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

/// The rules of apimachinery's `ValidateObjectMeta` for a custom resource.
pub(crate) fn validate(metadata: &ObjectMeta, namespaced: bool) -> Vec<Error> {
    validate_by(&SUBDOMAIN, metadata, namespaced)
}

/// The same for an object of any kind: a resource that is embedded in one, and one that is changed.
pub(crate) fn validate_by_any_kind(metadata: &ObjectMeta, namespaced: bool) -> Vec<Error> {
    validate_by(&PATH_SEGMENT, metadata, namespaced)
}

fn validate_by(rule: &NameRule, metadata: &ObjectMeta, namespaced: bool) -> Vec<Error> {
    let at = Path::new("metadata");
    let mut errors = Vec::new();
    validate_names(rule, metadata, &at, &mut errors);
    validate_namespace(metadata, namespaced, &at.child("namespace"), &mut errors);
    validate_notes(metadata, &at, &mut errors);
    let finalizers = metadata.finalizers.as_deref().unwrap_or_default();
    validate_finalizers(finalizers, &at.child("finalizers"), &mut errors);
    errors
}

/// The rules of apimachinery's `ValidateObjectMetaUpdate` that are left once system fields are the server's.
pub(crate) fn validate_update(metadata: &ObjectMeta, current: &ObjectMeta) -> Vec<Error> {
    let at = Path::new("metadata");
    let mut errors = Vec::new();
    if current.deletion_timestamp.is_some() {
        no_new_finalizers(metadata, current, &at.child("finalizers"), &mut errors);
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
    validate_notes(metadata, &at, &mut errors);
    errors
}

/// Labels, annotations and owners.
fn validate_notes(metadata: &ObjectMeta, at: &Path, errors: &mut Vec<Error>) {
    for (key, value) in metadata.labels.iter().flatten() {
        let at = at.child("labels");
        invalid(errors, &at, key, names::qualified_name(key));
        invalid(errors, &at, value, names::label_value(value));
    }
    validate_annotations(metadata, &at.child("annotations"), errors);
    let owners = metadata.owner_references.as_deref().unwrap_or_default();
    validate_owners(owners, &at.child("ownerReferences"), errors);
}

fn no_new_finalizers(metadata: &ObjectMeta, current: &ObjectMeta, at: &Path, errors: &mut Vec<Error>) {
    let before = current.finalizers.as_deref().unwrap_or_default();
    let mut new: Vec<_> = metadata.finalizers.iter().flatten().filter(|one| !before.contains(one)).collect();
    if new.is_empty() {
        return;
    }
    new.sort();
    new.dedup();
    let list: Vec<_> = new.iter().map(|one| gotext::quoted(one)).collect();
    let text = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        list.join(", ")
    );
    errors.push(Error::forbidden(at, text));
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
    let mut repeated = false;
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
            // Each repeats the whole list: with many owners one has to do.
            Some(_) if repeated && owners.len() > OWNERS_REPEATED => {}
            Some(first) => {
                let text = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
                );
                errors.push(Error::invalid_text(at, &written(owners), text));
                repeated = true;
            }
            None => controller = Some(name),
        }
    }
}

/// Owners as JSON with the fields in the order of their type in Go.
fn written(owners: &[OwnerReference]) -> String {
    let one = |owner: &OwnerReference| {
        let text = |value: &str| gotext::json(&Value::from(value));
        let flag = |name: &str, value: Option<bool>| {
            value.map(|value| format!(",\"{name}\":{value}")).unwrap_or_default()
        };
        format!(
            "{{\"apiVersion\":{},\"kind\":{},\"name\":{},\"uid\":{}{}{}}}",
            text(&owner.api_version),
            text(&owner.kind),
            text(&owner.name),
            text(&owner.uid),
            flag("controller", owner.controller),
            flag("blockOwnerDeletion", owner.block_owner_deletion),
        )
    };
    format!("[{}]", owners.iter().map(one).collect::<Vec<_>>().join(","))
}

fn invalid(errors: &mut Vec<Error>, at: &Path, value: &str, wrong: Vec<String>) {
    if errors.len() < ERRORS_MOST {
        errors.extend(wrong.into_iter().map(|text| Error::invalid(at, &Value::from(value), text)));
    }
}
