//! Schemas as OpenAPI publishes them.
//!
//! Follows apiextensions-apiserver `pkg/controller/openapi/v2/conversion.go` and `…/builder`. The properties that every
//! resource has (`apiVersion`, `kind`, `metadata`) and the GVK extension are the caller's.

use serde_json::{Map, Value, json};

use crate::invariants::{is_int_or_string, starts_int_or_string};
use crate::structural::{Additional, Expected, Node, Structural, Type};

impl Structural {
    /// The schema for OpenAPI v3: every keyword.
    pub fn openapi_v3(&self) -> Value {
        v3(&self.root)
    }

    /// The schema for OpenAPI v2, where nullable fields and those that preserve unknown fields lose type and fields
    /// (kubectl cannot cope with them). A root that preserves unknown fields becomes a bare object, to which no
    /// property may be added: see [`Structural::is_bare_in_v2`].
    pub fn openapi_v2(&self) -> Value {
        if self.is_bare_in_v2() {
            return Value::Object(Map::from_iter([("type".to_owned(), Value::from("object"))]));
        }
        v2(&self.root)
    }

    /// Whether OpenAPI v2 has nothing but `type: object` for the resource: adding even `metadata` would make kubectl
    /// report every other field as unknown.
    pub fn is_bare_in_v2(&self) -> bool {
        self.root.preserves_unknown
    }
}

fn v3(node: &Node) -> Value {
    let mut published = node.keywords.clone();
    publish_children(node, &mut published, v3);
    for (keyword, index, schema) in node.junctors.iter().flat_map(|junctors| junctors.each()) {
        match (index, published.get_mut(keyword)) {
            (Some(_), Some(Value::Array(schemas))) => schemas.push(v3(schema)),
            (Some(_), _) => drop(published.insert(keyword.to_owned(), Value::from(vec![v3(schema)]))),
            (None, _) => drop(published.insert(keyword.to_owned(), v3(schema))),
        }
    }
    unfold(node, &mut published);
    Value::Object(published)
}

/// Says in OpenAPI's own words what `x-kubernetes-int-or-string` means, where the schema does not (apiextensions-apiserver
/// `pkg/apiserver/schema/unfold.go`).
fn unfold(node: &Node, published: &mut Map<String, Value>) {
    if node.expected != Expected::IntOrString || is_int_or_string(node) || starts_int_or_string(node) {
        return;
    }
    let either = json!([{"type": "integer"}, {"type": "string"}]);
    if !published.contains_key("anyOf") {
        published.insert("anyOf".to_owned(), either);
        return;
    }
    let mut all_of = vec![json!({"anyOf": either})];
    if let Some(Value::Array(declared)) = published.remove("allOf") {
        all_of.extend(declared);
    }
    published.insert("allOf".to_owned(), all_of.into());
}

fn v2(node: &Node) -> Value {
    let mut published = node.keywords.clone();
    published.remove("nullable");
    let childless = node.nullable || node.preserves_unknown;
    let listless = node.expected == Expected::One(Type::Array) && (childless || node.items.is_none());
    let untyped =
        node.nullable || listless || (node.preserves_unknown && node.expected == Expected::One(Type::Object));
    if untyped {
        published.remove("type");
    }
    match childless {
        true => publish_additional(node, &mut published, v2),
        false => publish_children(node, &mut published, v2),
    }
    let properties = node.properties.iter().filter(|_| !childless);
    require_non_nullable(properties, &node.additional, &mut published);
    Value::Object(published)
}

/// A field that v2 cannot call nullable cannot be required either.
fn require_non_nullable<'a>(
    properties: impl Iterator<Item = (&'a String, &'a Node)>,
    additional: &Option<Additional>,
    published: &mut Map<String, Value>,
) {
    let Some(Value::Array(required)) = published.get_mut("required") else { return };
    for (name, _) in properties.filter(|(_, property)| property.nullable) {
        required.retain(|required| required != name);
    }
    let nullable_values = matches!(additional, Some(Additional::Schema(schema)) if schema.nullable);
    if required.is_empty() || nullable_values {
        published.remove("required");
    }
}

fn publish_children(node: &Node, published: &mut Map<String, Value>, publish: fn(&Node) -> Value) {
    if let Some(items) = &node.items {
        published.insert("items".to_owned(), publish(items));
    }
    if !node.properties.is_empty() {
        let properties = node.properties.iter().map(|(name, property)| (name.clone(), publish(property)));
        published.insert("properties".to_owned(), Value::Object(properties.collect()));
    }
    publish_additional(node, published, publish);
}

fn publish_additional(node: &Node, published: &mut Map<String, Value>, publish: fn(&Node) -> Value) {
    let value = match &node.additional {
        None => return,
        Some(Additional::Allowed(allowed)) => Value::Bool(*allowed),
        Some(Additional::Schema(schema)) => publish(schema),
    };
    published.insert("additionalProperties".to_owned(), value);
}
