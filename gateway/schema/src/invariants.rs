//! What makes a schema structural, and defaults that fit it.
//!
//! Follows apiextensions-apiserver `pkg/apiserver/schema/validation.go`, `…/defaulting/validation.go` and
//! `pkg/apis/apiextensions/validation`.

use serde_json::Value;

use crate::field::{Error, Path};
use crate::structural::{Additional, Expected, Node, Type};
use crate::validate::Validation;

/// Where a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Checks the whole tree, `root` being the schema of a resource.
pub(crate) fn structure(root: &Node, at: &Path, errors: &mut Vec<Error>) {
    node(root, Level::Root, at, errors);
    if root.nullable {
        errors.push(Error::forbidden(&at.child("nullable"), "nullable cannot be true at the root"));
    }
    if root.additional.is_some() {
        errors.push(Error::forbidden(&at.child("additionalProperties"), "must not be used at the root"));
    }
    for name in ["apiVersion", "kind"] {
        let Some(property) = root.properties.get(name) else { continue };
        let at = at.child("properties").key(name);
        if property.declared_type() != Some("string") {
            errors.push(Error::invalid(&at.child("type"), &type_value(property), "must be string"));
        }
        forbid_defaults(property, name, &at, errors);
    }
    if let Some(metadata) = root.properties.get("metadata") {
        self::metadata(metadata, &at.child("properties").key("metadata"), errors);
    }
}

fn node(node: &Node, level: Level, at: &Path, errors: &mut Vec<Error>) {
    types(node, level, at, errors);
    containers(node, at, errors);
    if let Some(items) = &node.items {
        self::node(items, Level::Item, &at.child("items"), errors);
    }
    for (name, property) in &node.properties {
        self::node(property, Level::Field, &at.child("properties").key(name), errors);
    }
    if let Some(Additional::Schema(schema)) = &node.additional {
        self::node(schema, Level::Field, &at.child("additionalProperties"), errors);
    }
}

fn types(node: &Node, level: Level, at: &Path, errors: &mut Vec<Error>) {
    let typeless = !node.keywords.contains_key("type");
    if typeless && node.expected != Expected::IntOrString && !node.preserves_unknown {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        errors.push(Error::required(&at.child("type"), detail));
    }
    if level == Level::Root && !typeless && node.declared_type() != Some("object") {
        errors.push(Error::invalid(&at.child("type"), &type_value(node), "must be object at the root"));
    }
    if node.expected == Expected::IntOrString && node.preserves_unknown {
        let at = at.child("x-kubernetes-preserve-unknown-fields");
        errors.push(Error::invalid(
            &at,
            &Value::Bool(true),
            "must be false if x-kubernetes-int-or-string is true",
        ));
    }
}

fn containers(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    if node.declared_type() == Some("array") && node.items.is_none() {
        errors.push(Error::required(&at.child("items"), "must be specified"));
    }
    let closed = matches!(node.additional, Some(Additional::Schema(_) | Additional::Allowed(false)));
    if closed && !node.properties.is_empty() {
        let detail = "additionalProperties and properties are mutual exclusive";
        errors.push(Error::forbidden(&at.child("additionalProperties"), detail));
    }
    for (keyword, kind) in [("x-kubernetes-map-type", "object"), ("x-kubernetes-list-type", "array")] {
        if !node.keywords.contains_key(keyword) || node.declared_type() == Some(kind) {
            continue;
        }
        let detail = format!("must be {kind} if {keyword} is specified");
        errors.push(match node.declared_type() {
            None => Error::required(&at.child("type"), detail),
            Some(_) => Error::invalid(&at.child("type"), &type_value(node), detail),
        });
    }
}

/// The metadata of a resource may restrict its names and nothing else.
fn metadata(metadata: &Node, at: &Path, errors: &mut Vec<Error>) {
    if metadata.declared_type() != Some("object") {
        errors.push(Error::invalid(&at.child("type"), &type_value(metadata), "must be object"));
    }
    let names = metadata.properties.keys().all(|name| matches!(name.as_str(), "name" | "generateName"));
    let plain = metadata.keywords.keys().all(|keyword| matches!(keyword.as_str(), "type" | "default"));
    if !names || !plain || metadata.items.is_some() || metadata.additional.is_some() {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        errors.push(Error::forbidden(at, detail));
    }
    forbid_defaults(metadata, "metadata", at, errors);
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

/// Checks that every default of a sound schema has only known fields and is valid.
pub(crate) fn defaults(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    if let Some(default) = &node.default {
        let at = at.child("default");
        if !node.keeps_all_of(default) {
            errors.push(Error::invalid(&at, default, "must not have unknown fields"));
        }
        let mut validation = Validation::new(&at);
        validation.start(node, default);
        errors.extend(validation.into_errors());
    }
    if let Some(items) = &node.items {
        defaults(items, &at.child("items"), errors);
    }
    for (name, property) in &node.properties {
        defaults(property, &at.child("properties").key(name), errors);
    }
    if let Some(Additional::Schema(schema)) = &node.additional {
        defaults(schema, &at.child("additionalProperties"), errors);
    }
}

impl Node {
    /// The `type` that the schema writes, also beside `x-kubernetes-int-or-string`.
    fn declared_type(&self) -> Option<&str> {
        self.keywords.get("type").and_then(Value::as_str).filter(|name| Type::named(name).is_some())
    }
}

fn type_value(node: &Node) -> Value {
    node.keywords.get("type").cloned().unwrap_or_else(|| Value::from(""))
}
