//! Defaulting: absent fields and nulls of non-nullable fields take their default; other nulls of non-nullable fields go.
//!
//! Follows apiextensions-apiserver `pkg/apiserver/schema/defaulting`. A default inside an absent parent applies only if
//! the parent has a default itself.

use serde_json::{Map, Value};

use crate::structural::{Node, Structural};

impl Structural {
    /// Applies the schema's defaults to `object` and drops nulls that no nullable field holds.
    pub fn default(&self, object: &mut Map<String, Value>) {
        fields(&self.root, object);
    }
}

fn fields(node: &Node, object: &mut Map<String, Value>) {
    object.retain(|name, value| !value.is_null() || node.field(name).is_none_or(Node::may_stay_null));
    for (name, property) in &node.properties {
        let Some(default) = &property.default else { continue };
        if !object.contains_key(name) {
            object.insert(name.clone(), default.clone());
        }
    }
    for (name, value) in object {
        if let Some(schema) = node.field(name) {
            self::value(schema, value);
        }
    }
}

fn value(node: &Node, value: &mut Value) {
    if value.is_null()
        && !node.nullable
        && let Some(default) = &node.default
    {
        *value = default.clone();
    }
    match value {
        Value::Object(object) => fields(node, object),
        Value::Array(items) => {
            let Some(schema) = &node.items else { return };
            for item in items {
                self::value(schema, item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Node {
    /// Whether a null of this schema is a value, or is about to become the default.
    fn may_stay_null(&self) -> bool {
        self.nullable || self.default.is_some()
    }
}
