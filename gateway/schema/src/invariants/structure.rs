//! The schemas that declare fields: all but those of junctors.

use serde_json::Value;

use super::{META_FIELDS, lists, nested, type_value};
use crate::children::Child;
use crate::field::{Error, Path};
use crate::structural::{Additional, Expected, Node};

/// Where a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Checks the whole tree, `root` being the schema of a resource.
pub(crate) fn check(root: &Node, at: &Path, errors: &mut Vec<Error>) {
    node(root, Level::Root, at, errors);
    every(root, at, errors);
    nested::check(root, at, errors);
    if root.nullable {
        errors.push(Error::forbidden(&at.child("nullable"), "nullable cannot be true at the root"));
    }
    if root.additional.is_some() {
        errors.push(Error::forbidden(&at.child("additionalProperties"), "must not be used at the root"));
    }
    if let Some(metadata) = root.properties.get("metadata") {
        root_metadata(metadata, &at.child("properties").key("metadata"), errors);
    }
    for name in META_FIELDS {
        if let Some(property) = root.properties.get(name) {
            forbid_defaults(property, name, &at.child("properties").key(name), errors);
            inside_meta(property, &at.child("properties").key(name), errors);
        }
    }
}

/// The rules of schemas that declare fields.
fn node(node: &Node, level: Level, at: &Path, errors: &mut Vec<Error>) {
    types(node, level, at, errors);
    extensions(node, at, errors);
    if node.declared_type() == Some("array") && node.items.is_none() {
        errors.push(Error::required(&at.child("items"), "must be specified"));
    }
    if node.embedded || level == Level::Root {
        meta_types(node, at, errors);
    }
    for (child, schema) in node.children() {
        let level = if child == Child::Items { Level::Item } else { Level::Field };
        self::node(schema, level, &child.path(at), errors);
    }
}

fn types(node: &Node, level: Level, at: &Path, errors: &mut Vec<Error>) {
    let declared = node.keywords.contains_key("type");
    let at = at.child("type");
    if node.embedded && node.declared_type() != Some("object") {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        errors.push(match declared {
            true => Error::invalid(&at, &type_value(node), detail),
            false => Error::required(&at, detail),
        });
    } else if !declared && node.expected != Expected::IntOrString && !node.preserves_unknown {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        errors.push(Error::required(&at, detail));
    }
    if level == Level::Root && declared && node.declared_type() != Some("object") {
        errors.push(Error::invalid(&at, &type_value(node), "must be object at the root"));
    }
}

fn extensions(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    let clash = "must be false if x-kubernetes-int-or-string is true";
    let int_or_string = node.expected == Expected::IntOrString;
    if int_or_string && node.preserves_unknown {
        let at = at.child("x-kubernetes-preserve-unknown-fields");
        errors.push(Error::invalid(&at, &Value::Bool(true), clash));
    }
    if !node.embedded {
        return;
    }
    if int_or_string {
        let at = at.child("x-kubernetes-embedded-resource");
        errors.push(Error::invalid(&at, &Value::Bool(true), clash));
    }
    if node.additional.is_some() {
        let detail = "must not be used if x-kubernetes-embedded-resource is set";
        errors.push(Error::forbidden(&at.child("additionalProperties"), detail));
    }
    if !node.preserves_unknown && node.properties.is_empty() {
        let detail = "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
        errors.push(Error::required(&at.child("properties"), detail));
    }
}

/// apiVersion, kind and metadata of a resource, also of an embedded one.
fn meta_types(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    for (name, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
        let Some(property) = node.properties.get(name) else { continue };
        if property.declared_type() != Some(kind) {
            let at = at.child("properties").key(name).child("type");
            errors.push(Error::invalid(&at, &type_value(property), format!("must be {kind}")));
        }
        if node.embedded {
            inside_meta(property, &at.child("properties").key(name), errors);
        }
    }
}

/// Nothing is embedded in what describes an object.
fn inside_meta(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    if node.embedded {
        let detail = "must not be used inside of resource meta";
        errors.push(Error::forbidden(&at.child("x-kubernetes-embedded-resource"), detail));
    }
    for (name, property) in &node.properties {
        inside_meta(property, &at.child("properties").key(name), errors);
    }
}

/// The metadata of a resource may restrict its names and nothing else.
fn root_metadata(metadata: &Node, at: &Path, errors: &mut Vec<Error>) {
    let names = metadata.properties.keys().all(|name| matches!(name.as_str(), "name" | "generateName"));
    let plain = metadata.keywords.keys().all(|keyword| matches!(keyword.as_str(), "type" | "default"));
    let bare = metadata.items.is_none() && metadata.additional.is_none() && metadata.junctors.is_none();
    if !names || !plain || !bare {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        errors.push(Error::forbidden(at, detail));
    }
}

/// Defaults below a top-level field of every resource.
fn forbid_defaults(node: &Node, field: &str, at: &Path, errors: &mut Vec<Error>) {
    if node.default.is_some() {
        errors.push(Error::forbidden(&at.child("default"), format!("must not be set in top-level {field}")));
    }
    for (name, property) in &node.properties {
        forbid_defaults(property, field, &at.child("properties").key(name), errors);
    }
}

/// The rules of every schema, also of those in junctors.
fn every(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    let closed = matches!(node.additional, Some(Additional::Schema(_) | Additional::Allowed(false)));
    if closed && !node.properties.is_empty() {
        let detail = "additionalProperties and properties are mutual exclusive";
        errors.push(Error::forbidden(&at.child("additionalProperties"), detail));
    }
    lists::check(node, at, errors);
    for (child, schema) in node.children() {
        every(schema, &child.path(at), errors);
    }
    for (keyword, index, schema) in node.junctors.iter().flat_map(|junctors| junctors.each()) {
        every(schema, &nested::path(at, keyword, index), errors);
    }
}
