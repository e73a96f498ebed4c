//! Pruning: fields that the schema does not know are removed, and their paths reported for `fieldValidation`.
//!
//! Follows apiextensions-apiserver `pkg/apiserver/schema/pruning`.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::limits;
use crate::structural::{Additional, Node, Structural};

/// What every resource has and no schema needs to name.
const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

impl Structural {
    /// Removes the fields of `object` that the schema does not know and gives their paths (`spec.list[0].x`), sorted.
    /// `apiVersion`, `kind` and `metadata` of the object itself stay.
    pub fn prune(&self, object: &mut Map<String, Value>) -> Vec<String> {
        let mut pruning = Pruning::default();
        let root = &self.root;
        object.retain(|name, value| META_FIELDS.contains(&name.as_str()) || pruning.field(root, name, value));
        pruning.unknown.sort_unstable();
        pruning.unknown
    }
}

impl Node {
    /// Whether `value` has no field that pruning would remove.
    pub(crate) fn keeps_all_of(&self, value: &Value) -> bool {
        let mut pruning = Pruning::default();
        let mut kept = value.clone();
        pruning.value(Some(self), &mut kept);
        kept == *value
    }
}

/// The path of the value at hand, and what was removed so far.
#[derive(Default)]
struct Pruning {
    path: String,
    unknown: Vec<String>,
    /// Of the paths in `unknown`.
    bytes: usize,
}

impl Pruning {
    fn value(&mut self, node: Option<&Node>, value: &mut Value) {
        match (value, node) {
            (Value::Object(fields), Some(node)) => fields.retain(|name, field| {
                // What describes an embedded resource is known without being declared.
                (node.embedded && META_FIELDS.contains(&name.as_str())) || self.field(node, name, field)
            }),
            (Value::Object(fields), None) => {
                for name in fields.keys() {
                    self.record(name);
                }
                fields.clear();
            }
            (Value::Array(items), Some(node)) if node.preserves_unknown => self.preserved_items(node, items),
            (Value::Array(items), node) => {
                let schema = node.and_then(|node| node.items.as_deref());
                self.each(items, |pruning, item| pruning.value(schema, item));
            }
            (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {}
        }
    }

    /// Prunes one field and says whether it stays.
    fn field(&mut self, node: &Node, name: &str, value: &mut Value) -> bool {
        let schema = match (node.properties.get(name), &node.additional) {
            (Some(property), _) => Some(property),
            (None, Some(Additional::Schema(schema))) => Some(&**schema),
            // additionalProperties without a schema keeps the key, but knows nothing of what is below it.
            (None, Some(Additional::Allowed(_))) => None,
            (None, None) if node.preserves_unknown => return true,
            (None, None) => {
                self.record(name);
                return false;
            }
        };
        let length = self.enter(name);
        self.value(schema, value);
        self.path.truncate(length);
        true
    }

    /// A list whose node preserves unknown fields preserves those of its items too, item schemas aside.
    fn preserved_items(&mut self, node: &Node, items: &mut [Value]) {
        let Some(schema) = node.items.as_deref() else { return };
        self.each(items, |pruning, item| pruning.preserved(schema, item));
    }

    fn preserved(&mut self, node: &Node, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    if node.embedded && META_FIELDS.contains(&name.as_str()) {
                        continue;
                    }
                    if node.properties.contains_key(name) || node.additional.is_some() {
                        self.field(node, name, field);
                    }
                }
            }
            Value::Array(items) => self.preserved_items(node, items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn each(&mut self, items: &mut [Value], mut visit: impl FnMut(&mut Self, &mut Value)) {
        let length = self.path.len();
        for (index, item) in items.iter_mut().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(self.path, "[{index}]");
            visit(self, item);
            self.path.truncate(length);
        }
    }

    fn enter(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        length
    }

    /// Remembers a path, as long as there is room: past that, more of them tell nobody anything.
    fn record(&mut self, name: &str) {
        let bytes = self.path.len() + 1 + name.len();
        if self.unknown.len() == limits::UNKNOWN_FIELDS || self.bytes + bytes > limits::UNKNOWN_BYTES {
            return;
        }
        self.bytes += bytes;
        let length = self.enter(name);
        self.unknown.push(self.path.clone());
        self.path.truncate(length);
    }
}
