//! Defaults: of known fields only, and valid.

use serde_json::Value;

use super::META_FIELDS;
use crate::children::Child;
use crate::embedded;
use crate::field::{Error, Path};
use crate::structural::Node;
use crate::validate::Validation;

/// Checks the defaults of a schema that is sound otherwise; not those in additionalProperties, as Kubernetes does not.
pub(crate) fn check(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    if let Some(default) = &node.default {
        errors.extend(faults(node, default, &at.child("default")));
    }
    for (child, schema) in node.children() {
        match child {
            Child::Property(name) if node.embedded && META_FIELDS.contains(&name) => {
                refuse(schema, &child.path(at), errors);
            }
            Child::Items | Child::Property(_) => check(schema, &child.path(at), errors),
            Child::Additional => {}
        }
    }
}

fn faults(node: &Node, default: &Value, at: &Path) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut described = false;
    embedded::visit(node, default, at, &mut |at, object| {
        errors.extend(embedded::type_faults(at, object));
        described |= object.contains_key("metadata");
    });
    if described {
        let detail = "a default with the metadata of an embedded resource is not supported by this version";
        errors.push(Error::forbidden(at, detail));
    }
    if errors.is_empty() {
        let mut validation = Validation::new(at);
        validation.start(node, default, None);
        errors = validation.into_errors();
    }
    if !node.keeps_all_of(default) {
        errors.push(Error::invalid(at, default, "must not have unknown fields"));
    }
    errors
}

/// Defaults inside what describes an embedded resource would have to make valid metadata with all else that is there.
fn refuse(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    if node.default.is_some() {
        let detail = "a default in an embedded resource's apiVersion, kind or metadata is not supported by this version";
        errors.push(Error::forbidden(&at.child("default"), detail));
    }
    for (name, property) in &node.properties {
        refuse(property, &at.child("properties").key(name), errors);
    }
}
