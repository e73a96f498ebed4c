//! The CustomResourceDefinition as it is installed.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::{Map, Value};

use crate::AggregatedApi;

/// How the committed manifest, `crds/aggregatedapis.yaml`, is made.
pub const REGENERATE: &str = "cargo run -p tributary-crds --example crdgen";

/// Schemas of Kubernetes' own types: their text is in the Kubernetes API reference, and would be most of the manifest.
const FOREIGN: [&str; 5] =
    ["affinity", "tolerations", "topologySpreadConstraints", "resources", "imagePullSecrets"];

/// The CustomResourceDefinition of `AggregatedAPI`.
///
/// What the derives generate, brought into the form of Kubernetes' own CRDs: nothing is nullable (the API server drops an explicit null
/// then, and `has()` in a CEL rule means that there is a value), and only defaults that
/// say something are written into users' objects.
///
/// # Errors
/// serde_json's, if the generated schema is not one.
pub fn custom_resource_definition() -> Result<CustomResourceDefinition, serde_json::Error> {
    let mut definition = serde_json::to_value(AggregatedApi::crd())?;
    tidy(&mut definition);
    for name in FOREIGN {
        if let Some(schema) = definition.pointer_mut(&format!("{GATEWAY_PROPERTIES}/{name}")) {
            keep_first_description(schema);
        }
    }
    serde_json::from_value(definition)
}

const GATEWAY_PROPERTIES: &str =
    "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/gateway/properties";

fn tidy(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            tidy_schema(fields);
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn tidy_schema(fields: &mut Map<String, Value>) {
    if fields.get("nullable").is_some_and(Value::is_boolean) {
        fields.remove("nullable");
    }
    match fields.get_mut("default") {
        // A property that is named `default` has a schema here, with a type; a default has none.
        Some(Value::Object(default)) if !default.contains_key("type") => {
            default.retain(|_, value| says(value))
        }
        Some(default) if !says(default) => {
            fields.remove("default");
        }
        _ => {}
    }
}

/// Whether a default differs from what leaving the field out means.
fn says(default: &Value) -> bool {
    match default {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn keep_first_description(schema: &mut Value) {
    let description = schema.get("description").cloned();
    strip_descriptions(schema);
    if let (Some(fields), Some(description)) = (schema.as_object_mut(), description) {
        fields.insert("description".to_owned(), description);
    }
}

fn strip_descriptions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("description").is_some_and(Value::is_string) {
                fields.remove("description");
            }
            fields.values_mut().for_each(strip_descriptions);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_descriptions),
        _ => {}
    }
}
