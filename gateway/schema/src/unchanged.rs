//! Whether an update leaves a value as it was: what was wrong with it before is then not held against the update.
//!
//! Follows apiserver `pkg/cel/common/equality.go`: values correlate by the schema.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::list_type;
use crate::structural::{ListType, Node};

/// Whether `value` equals `before`, as far as `node` can tell: a field that it does not know is never the same.
pub(crate) fn is_unchanged(node: &Node, value: &Value, before: &Value) -> bool {
    match (value, before) {
        (Value::Object(fields), Value::Object(before)) => has_unchanged_fields(node, fields, before),
        (Value::Array(items), Value::Array(before)) => has_unchanged_items(node, items, before),
        _ => value == before,
    }
}

/// As [`is_unchanged`], of objects.
pub(crate) fn has_unchanged_fields(
    node: &Node,
    fields: &Map<String, Value>,
    before: &Map<String, Value>,
) -> bool {
    let unchanged = |name: &String, value| match (node.field(name), before.get(name)) {
        (Some(schema), Some(before)) => is_unchanged(schema, value, before),
        _ => false,
    };
    fields.len() == before.len() && fields.iter().all(|(name, value)| unchanged(name, value))
}

fn has_unchanged_items(node: &Node, items: &[Value], before: &[Value]) -> bool {
    if items.len() != before.len() {
        return false;
    }
    let (ListType::Map(_), Some(schema)) = (&node.list_type, &node.items) else { return items == before };
    let correlated = Correlated::new(node, before);
    items.iter().all(|item| correlated.get(item).is_some_and(|before| is_unchanged(schema, item, before)))
}

/// The items of a list before an update, found by the keys of a map. Those of other lists cannot be told apart.
pub(crate) struct Correlated<'a> {
    keys: &'a [String],
    items: HashMap<String, &'a Value>,
}

impl<'a> Correlated<'a> {
    /// The items of `before`, which `node` describes.
    pub(crate) fn new(node: &'a Node, before: &'a [Value]) -> Self {
        let ListType::Map(keys) = &node.list_type else {
            return Self { keys: &[], items: HashMap::new() };
        };
        // Of two with one key the first counts.
        let items = before.iter().rev().filter_map(|item| Some((identity(keys, item)?, item)));
        Self { keys, items: items.collect() }
    }

    /// What `item` was.
    pub(crate) fn get(&self, item: &Value) -> Option<&'a Value> {
        if self.items.is_empty() {
            return None;
        }
        self.items.get(&identity(self.keys, item)?).copied()
    }
}

/// The keys of an item in one text; none for an item without all of them.
fn identity(keys: &[String], item: &Value) -> Option<String> {
    let key = list_type::key(keys, item);
    let values = key.as_object()?.values();
    let scalar = |value: &Value| matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
    let whole = keys.iter().all(|name| key.get(name).is_some_and(scalar));
    (whole && values.len() > 0).then(|| key.to_string())
}
