//! The schemas of a resource and its list: the declared one, and what Kubernetes adds to it.

use serde_json::{Value, json};

use super::shared::SHARED;
use crate::Resource;

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const LIST_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";
const CONVENTIONS: &str =
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
const GVK: &str = "x-kubernetes-group-version-kind";
const SELECTABLE: &str = "x-kubernetes-selectable-fields";

/// The version of OpenAPI that a schema is written for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dialect {
    V2,
    V3,
}

/// The name of the schema of `kind` (the resource's or its list's): `com.example.custom-api.v1.CustomTask`.
pub(super) fn name(resource: &Resource, kind: &str) -> String {
    let reversed: Vec<&str> = resource.group.rsplit('.').collect();
    format!("{}.{}.{kind}", reversed.join("."), resource.version)
}

/// `{group, version, kind}`.
pub(super) fn gvk(resource: &Resource, kind: &str) -> Value {
    json!({"group": resource.group, "version": resource.version, "kind": kind})
}

/// The two schemas of a resource, by name.
pub(super) fn of(resource: &Resource, dialect: Dialect) -> [(String, Value); 2] {
    [
        (name(resource, &resource.kind), object(resource, dialect)),
        (name(resource, &resource.list_kind), list(resource, dialect)),
    ]
}

// === impl Dialect ===

impl Dialect {
    /// A reference to the schema `name`.
    pub(super) fn reference(self, name: &str) -> Value {
        match self {
            Self::V2 => json!({"$ref": format!("#/definitions/{name}")}),
            Self::V3 => json!({"$ref": format!("#/components/schemas/{name}")}),
        }
    }

    /// A reference with a description: v3 knows no siblings of `$ref`.
    fn described(self, name: &str, description: &str) -> Value {
        match self {
            Self::V2 => json!({"$ref": format!("#/definitions/{name}"), "description": description}),
            Self::V3 => json!({"allOf": [self.reference(name)], "description": description}),
        }
    }
}

/// The declared schema with apiVersion, kind, metadata and the group, version and kind.
///
/// In v2 an object of any content is bare: kubectl would refuse every field beside those that it is shown.
fn object(resource: &Resource, dialect: Dialect) -> Value {
    let mut schema = match dialect {
        Dialect::V2 => resource.schema.openapi_v2(),
        Dialect::V3 => resource.schema.openapi_v3(),
    };
    if dialect == Dialect::V3 || !resource.schema.is_bare_in_v2() {
        let metadata = dialect.described(OBJECT_META, &SHARED.descriptions.object);
        let own = SHARED.type_meta.clone().into_iter().chain([("metadata".to_owned(), metadata)]);
        add_properties(&mut schema, own);
        describe_embedded(&mut schema, dialect);
    }
    if dialect == Dialect::V2 {
        prune_defaults(&mut schema);
    }
    schema[GVK] = json!([gvk(resource, &resource.kind)]);
    select_by(resource, &mut schema);
    schema
}

/// Names the fields by which objects can be selected.
fn select_by(resource: &Resource, schema: &mut Value) {
    let fields = resource.selectable.iter().map(|path| json!({"fieldPath": path.segments().join(".")}));
    let fields: Vec<Value> = fields.collect();
    if !fields.is_empty() {
        schema[SELECTABLE] = Value::Array(fields);
    }
}

fn list(resource: &Resource, dialect: Dialect) -> Value {
    let Resource { kind, list_kind, plural, .. } = resource;
    let items = json!({
        "type": "array",
        "description": format!("List of {plural}. More info: {CONVENTIONS}"),
        "items": dialect.reference(&name(resource, kind)),
    });
    let mut properties = SHARED.type_meta.clone();
    properties.insert("items".to_owned(), items);
    properties.insert("metadata".to_owned(), dialect.described(LIST_META, &SHARED.descriptions.list));
    let mut schema = json!({
        "type": "object",
        "description": format!("{list_kind} is a list of {kind}"),
        "required": ["items"],
        "properties": properties,
        GVK: [gvk(resource, list_kind)],
    });
    select_by(resource, &mut schema);
    schema
}

/// Takes defaults out at every level, as kube-apiserver does before it serves v2.
fn prune_defaults(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    map.remove("default");
    if let Some(Value::Object(children)) = map.get_mut("properties") {
        children.values_mut().for_each(prune_defaults);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(child) = map.get_mut(key) {
            prune_defaults(child);
        }
    }
}

/// Gives embedded resources apiVersion, kind and metadata; in v2 not to those of any content, for the reason above.
fn describe_embedded(schema: &mut Value, dialect: Dialect) {
    if let Some(Value::Object(children)) = schema.get_mut("properties") {
        children.values_mut().for_each(|child| describe_embedded(child, dialect));
    }
    for key in ["items", "additionalProperties"] {
        if let Some(child) = schema.get_mut(key) {
            describe_embedded(child, dialect);
        }
    }
    let says = |keyword: &str| schema.get(keyword) == Some(&Value::Bool(true));
    let any_content = says("x-kubernetes-preserve-unknown-fields") && dialect == Dialect::V2;
    if any_content || !says("x-kubernetes-embedded-resource") {
        return;
    }
    let metadata = dialect.described(OBJECT_META, &SHARED.descriptions.object);
    let mut own = SHARED.type_meta.clone();
    for (name, description) in [
        (
            "apiVersion",
            format!(
                "apiVersion defines the versioned schema of this representation of an object. More info: {CONVENTIONS}#resources"
            ),
        ),
        (
            "kind",
            format!(
                "kind is a string value representing the type of this object. In CamelCase. More info: {CONVENTIONS}#types-kinds"
            ),
        ),
    ] {
        own[name]["description"] = description.into();
    }
    own.insert("metadata".to_owned(), metadata);
    add_properties(schema, own.into_iter());
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    for name in ["kind", "apiVersion"] {
        if !required.iter().any(|known| known == name) {
            required.push(json!(name));
        }
    }
    schema["required"] = Value::Array(required);
}

fn add_properties(schema: &mut Value, added: impl Iterator<Item = (String, Value)>) {
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    for (key, value) in added {
        schema["properties"][key] = value;
    }
}
