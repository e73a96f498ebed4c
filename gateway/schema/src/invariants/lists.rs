//! List and map types.

use serde_json::Value;

use super::type_value;
use crate::field::{Error, Path};
use crate::structural::{ListType, Node};

/// Checks what one schema says of lists and maps.
pub(super) fn check(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    for (keyword, kind) in [("x-kubernetes-map-type", "object"), ("x-kubernetes-list-type", "array")] {
        if !node.keywords.contains_key(keyword) || node.declared_type() == Some(kind) {
            continue;
        }
        let detail = format!("must be {kind} if {keyword} is specified");
        errors.push(match node.keywords.contains_key("type") {
            false => Error::required(&at.child("type"), detail),
            true => Error::invalid(&at.child("type"), &type_value(node), detail),
        });
    }
    keys_need_a_map(node, at, errors);
    match &node.list_type {
        ListType::Atomic => {}
        ListType::Set => set(node, at, errors),
        ListType::Map(keys) => map(node, keys, at, errors),
    }
}

fn keys_need_a_map(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    if !node.keywords.contains_key("x-kubernetes-list-map-keys") || matches!(node.list_type, ListType::Map(_))
    {
        return;
    }
    let at = at.child("x-kubernetes-list-type");
    let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(match node.keywords.get("x-kubernetes-list-type") {
        None => Error::required(&at, detail),
        Some(kind) => Error::invalid(&at, kind, detail),
    });
}

/// Lists and objects in a set are compared as a whole.
fn set(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    let Some(items) = &node.items else { return };
    let at = at.child("items");
    not_nullable(items, "set", &at, errors);
    if node.declared_type() != Some("array") {
        return;
    }
    let list_type = items.keywords.get("x-kubernetes-list-type");
    let map_type = items.keywords.get("x-kubernetes-map-type");
    let wrong = match items.declared_type() {
        Some("array") => list_type.is_some_and(|kind| kind != "atomic").then_some("x-kubernetes-list-type"),
        Some("object") => map_type.is_none_or(|kind| kind != "atomic").then_some("x-kubernetes-map-type"),
        _ => None,
    };
    if let Some(keyword) = wrong {
        // Kubernetes shows the list type, whichever is wrong.
        let value = list_type.cloned().unwrap_or_default();
        let detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        errors.push(Error::invalid(&at.child(keyword), &value, detail));
    }
}

/// Each key is a scalar that every item has.
fn map(node: &Node, keys: &[String], at: &Path, errors: &mut Vec<Error>) {
    let keys_at = at.child("x-kubernetes-list-map-keys");
    if keys.is_empty() {
        errors.push(Error::required(&keys_at, "must not be empty if x-kubernetes-list-type is map"));
    }
    let Some(items) = &node.items else {
        let detail = "must have a schema if x-kubernetes-list-type is map";
        errors.push(Error::required(&at.child("items"), detail));
        return;
    };
    let at = at.child("items");
    not_nullable(items, "map", &at, errors);
    let of_objects = items.declared_type() == Some("object");
    if !of_objects {
        let detail = "must be object if parent array's x-kubernetes-list-type is map";
        errors.push(Error::invalid(&at.child("type"), &type_value(items), detail));
    }
    for (index, key) in keys.iter().enumerate() {
        let mut invalid = |detail| errors.push(Error::invalid(&keys_at, &Value::from(keys), detail));
        if of_objects && keys[..index].contains(key) {
            invalid("must not contain duplicate entries");
        }
        let Some(property) = items.properties.get(key) else {
            if of_objects {
                invalid("entries must all be names of item properties");
            }
            continue;
        };
        self::key(items, key, property, &at.child("properties").key(key), errors);
    }
}

fn key(items: &Node, key: &String, property: &Node, at: &Path, errors: &mut Vec<Error>) {
    if items.declared_type() == Some("object") && matches!(property.declared_type(), Some("array" | "object"))
    {
        let detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
        // Kubernetes shows the type of the items here.
        errors.push(Error::invalid(&at.child("type"), &type_value(items), detail));
    }
    let listed = "this property is in x-kubernetes-list-map-keys, so it";
    if !items.required.contains(key) && property.default.is_none() {
        let detail = format!("{listed} must have a default or be a required property");
        errors.push(Error::required(&at.child("default"), detail));
    }
    if property.nullable {
        errors.push(Error::forbidden(&at.child("nullable"), format!("{listed} cannot be nullable")));
    }
}

fn not_nullable(items: &Node, kind: &str, at: &Path, errors: &mut Vec<Error>) {
    if items.nullable {
        let detail = format!("cannot be nullable when x-kubernetes-list-type is {kind}");
        errors.push(Error::forbidden(&at.child("nullable"), detail));
    }
}
