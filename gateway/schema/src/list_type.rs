//! Sets and maps in list form: no item, or no key of an item, occurs twice.
//!
//! Follows apiextensions-apiserver `pkg/apiserver/schema/listtype`.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tributary_expr::gotext;

use crate::field::{Error, Path};
use crate::limits;
use crate::structural::{Additional, ListType, Node, Structural};

impl Structural {
    /// What occurs twice in the sets and maps of `object`. An update is held to it only if the object before it was
    /// without fault.
    pub fn duplicates(&self, object: &Map<String, Value>) -> Vec<Error> {
        let mut errors = Vec::new();
        if knows_lists(&self.root) {
            fields(&self.root, object, &Path::root(), &mut errors);
        }
        errors
    }
}

fn fields(node: &Node, object: &Map<String, Value>, at: &Path, errors: &mut Vec<Error>) {
    for (name, value) in object {
        match (node.properties.get(name), &node.additional) {
            (Some(property), _) => self::value(property, value, &at.child(name), errors),
            (None, Some(Additional::Schema(schema))) => self::value(schema, value, &at.key(name), errors),
            (None, _) => {}
        }
    }
}

fn value(node: &Node, value: &Value, at: &Path, errors: &mut Vec<Error>) {
    match value {
        Value::Object(object) => fields(node, object, at, errors),
        Value::Array(items) => {
            list(&node.list_type, items, at, errors);
            if let Some(schema) = node.items.as_ref().filter(|schema| knows_lists(schema)) {
                let items = items.iter().enumerate();
                items.for_each(|(index, item)| self::value(schema, item, &at.index(index), errors));
            }
        }
        _ => {}
    }
}

fn list(kind: &ListType, items: &[Value], at: &Path, errors: &mut Vec<Error>) {
    match kind {
        ListType::Atomic => {}
        ListType::Set => refuse_repeated(items, items.iter().map(text), at, errors),
        ListType::Map(names) => map(names, items, at, errors),
    }
}

fn map(names: &[String], items: &[Value], at: &Path, errors: &mut Vec<Error>) {
    let is_none = |item: &&Value| !matches!(item, Value::Null | Value::Object(_));
    if let Some((index, item)) = items.iter().enumerate().find(|(_, item)| is_none(item)) {
        let detail = "must be an object for an array of list-type map";
        errors.push(Error::invalid(&at.index(index), item, detail));
        return;
    }
    let keys: Vec<Value> = items.iter().map(|item| key(names, item)).collect();
    let written: fn(&Value) -> String = if names.len() == 1 { Value::to_string } else { text };
    refuse_repeated(&keys, keys.iter().map(written), at, errors);
}

/// What tells values apart: scalars by type and value, others as JSON, which makes 1.0 of a list the same as 1.
fn text(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => gotext::json(value),
        scalar => scalar.to_string(),
    }
}

/// The fields that tell an item of a map from the others, as far as it has them.
pub(crate) fn key(names: &[String], item: &Value) -> Value {
    let found = names.iter().filter_map(|name| Some((name.clone(), item.get(name)?.clone())));
    Value::Object(found.collect())
}

/// Refuses the second occurrence of each value by its text; a third is not told.
fn refuse_repeated(
    values: &[Value],
    texts: impl Iterator<Item = String>,
    at: &Path,
    errors: &mut Vec<Error>,
) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, text) in texts.enumerate() {
        let times = seen.entry(text).or_default();
        *times += 1;
        if *times == 2 && errors.len() < limits::VALIDATION_ERRORS {
            errors.push(Error::duplicate(&at.index(index), &values[index]));
        }
    }
}

/// Whether a value of this schema can hold a set or a map in list form.
fn knows_lists(node: &Node) -> bool {
    node.list_type != ListType::Atomic || node.children().any(|(_, child)| knows_lists(child))
}
