//! The schemas in junctors: they judge values and declare nothing, and speak only of what is declared outside.

use serde_json::{Map, Value, json};

use crate::children::Child;
use crate::field::{Error, Path};
use crate::structural::{Additional, Node};

/// Keywords that declare, and what Kubernetes wants of them here.
const FORBIDDEN: [(&str, &str); 10] = [
    ("type", "must be empty to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
];
const MAP_TYPE: (&str, &str) = ("x-kubernetes-map-type", "must be undefined to be structural");

/// Checks the junctors of the whole tree. Like Kubernetes, it looks for undeclared fields from the root's junctors only:
/// below, a rule about a field that nobody can set is no harm.
pub(super) fn check(root: &Node, at: &Path, errors: &mut Vec<Error>) {
    complete_junctors(root, root, at, at, errors);
    below(root, at, errors);
}

fn below(node: &Node, at: &Path, errors: &mut Vec<Error>) {
    junctors(node, is_int_or_string(node), starts_int_or_string(node), at, errors);
    for (child, schema) in node.children() {
        below(schema, &child.path(at), errors);
    }
}

/// The way to a junctor's schema: `anyOf[0]`, `not`.
pub(super) fn path(at: &Path, keyword: &str, index: Option<usize>) -> Path {
    let at = at.child(keyword);
    index.map(|index| at.index(index)).unwrap_or(at)
}

/// `spared` anyOf and a first allOf whose anyOf is spared are the two ways to write int-or-string.
fn junctors(node: &Node, spared: bool, first_spared: bool, at: &Path, errors: &mut Vec<Error>) {
    for (keyword, index, schema) in node.junctors.iter().flat_map(|junctors| junctors.each()) {
        if spared && keyword == "anyOf" {
            continue;
        }
        let spared = first_spared && keyword == "allOf" && index == Some(0);
        nested(schema, spared, &path(at, keyword, index), errors);
    }
}

fn nested(node: &Node, spared: bool, at: &Path, errors: &mut Vec<Error>) {
    junctors(node, spared, false, at, errors);
    for (keyword, detail) in FORBIDDEN.into_iter().chain([MAP_TYPE]) {
        if node.keywords.contains_key(keyword) {
            errors.push(Error::forbidden(&at.child(keyword), detail));
        }
    }
    if !matches!(node.additional, None | Some(Additional::Allowed(false))) {
        let detail = "must be undefined to be structural";
        errors.push(Error::forbidden(&at.child("additionalProperties"), detail));
    }
    // additionalProperties are refused as they are.
    for (child, schema) in node.children().filter(|(child, _)| *child != Child::Additional) {
        let at = child.path(at);
        if child == Child::Property("metadata") {
            errors.push(Error::forbidden(&at, "must not be specified in a nested context"));
        }
        nested(schema, false, &at, errors);
    }
}

/// Whether all that `judge`'s junctors speak of is declared by `node`.
fn complete_junctors(judge: &Node, node: &Node, at: &Path, judge_at: &Path, errors: &mut Vec<Error>) {
    for (keyword, index, schema) in judge.junctors.iter().flat_map(|junctors| junctors.each()) {
        complete(schema, node, at, &path(judge_at, keyword, index), errors);
    }
}

fn complete(judge: &Node, node: &Node, at: &Path, judge_at: &Path, errors: &mut Vec<Error>) {
    complete_junctors(judge, node, at, judge_at, errors);
    let missing =
        |at: &Path, judge_at: &Path| Error::required(at, format!("because it is defined in {judge_at}"));
    if let Some(items) = &judge.items {
        let (at, judge_at) = (at.child("items"), judge_at.child("items"));
        match &node.items {
            Some(declared) => complete(items, declared, &at, &judge_at, errors),
            None => errors.push(missing(&at, &judge_at)),
        }
    }
    for (name, property) in &judge.properties {
        let (at, judge_at) = (at.child("properties").key(name), judge_at.child("properties").key(name));
        match node.properties.get(name) {
            Some(declared) => complete(property, declared, &at, &judge_at, errors),
            None => errors.push(missing(&at, &judge_at)),
        }
    }
}

/// `anyOf: [{type: integer}, {type: string}]`.
pub(crate) fn is_int_or_string(node: &Node) -> bool {
    node.junctors.as_ref().is_some_and(|junctors| names_int_or_string(&junctors.any_of))
}

/// `allOf` whose first schema is that `anyOf`, whatever follows.
pub(crate) fn starts_int_or_string(node: &Node) -> bool {
    let first = node.junctors.as_ref().and_then(|junctors| junctors.all_of.first());
    first.is_some_and(is_int_or_string)
}

fn names_int_or_string(any_of: &[Node]) -> bool {
    let [integer, string] = any_of else { return false };
    is_bare(integer, "integer") && is_bare(string, "string")
}

/// Whether the schema says nothing but its type.
fn is_bare(node: &Node, kind: &str) -> bool {
    let bare: Map<String, Value> = [("type".to_owned(), json!(kind))].into_iter().collect();
    let Node { keywords, junctors, properties, items, additional, .. } = node;
    let childless = properties.is_empty() && items.is_none() && additional.is_none();
    *keywords == bare && junctors.is_none() && childless
}
