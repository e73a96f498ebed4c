//! The schemas of a resource and its list: the declared one, and what Kubernetes adds to it.

use serde_json::{Value, json};

use super::shared::SHARED;
use crate::Resource;

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const LIST_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";
const GVK: &str = "x-kubernetes-group-version-kind";

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
    }
    if dialect == Dialect::V2 {
        prune_defaults(&mut schema);
    }
    schema[GVK] = json!([gvk(resource, &resource.kind)]);
    schema
}

fn list(resource: &Resource, dialect: Dialect) -> Value {
    let Resource { kind, list_kind, plural, .. } = resource;
    let conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
    let items = json!({
        "type": "array",
        "description": format!("List of {plural}. More info: {conventions}"),
        "items": dialect.reference(&name(resource, kind)),
    });
    let mut properties = SHARED.type_meta.clone();
    properties.insert("items".to_owned(), items);
    properties.insert("metadata".to_owned(), dialect.described(LIST_META, &SHARED.descriptions.list));
    json!({
        "type": "object",
        "description": format!("{list_kind} is a list of {kind}"),
        "required": ["items"],
        "properties": properties,
        GVK: [gvk(resource, list_kind)],
    })
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

fn add_properties(schema: &mut Value, added: impl Iterator<Item = (String, Value)>) {
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    for (key, value) in added {
        schema["properties"][key] = value;
    }
}
