//! A registry with two resources, and short ways to call it.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tributary_crds::AggregatedApi;
use tributary_definition::compile;

use crate::*;

/// Namespaces by what their names begin with.
pub(crate) struct ByName;

impl Namespaces for ByName {
    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<NamespaceState, String>> {
        async move {
            match name {
                "missing" => Ok(NamespaceState::Missing),
                "ending" => Ok(NamespaceState::Terminating),
                "unknown" => Err("no answer".to_owned()),
                _ => Ok(NamespaceState::Active),
            }
        }
        .boxed()
    }
}

/// Tasks with these properties, jobs with subresources, hosts that take anything, and notes that last a minute.
pub(crate) fn definition(properties: Value) -> Arc<tributary_definition::Compiled> {
    let schema = json!({"openAPIV3Schema": {
        "type": "object",
        "properties": {"spec": {"type": "object", "required": ["title"], "properties": properties}},
    }});
    let jobs = json!({
        "name": "v1",
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            },
        },
        "schema": {"openAPIV3Schema": {
            "type": "object",
            "properties": {
                "spec": {"type": "object", "properties": {"replicas": {"type": "integer"}, "a": {"type": "string"}}},
                "status": {"type": "object", "properties": {
                    "replicas": {"type": "integer"}, "selector": {"type": "string"},
                }},
            },
        }},
    });
    let resource = |name: &str, kind: &str, scope: &str, version: Value| json!({"name": name, "kind": kind, "scope": scope, "source": {"stored": {}}, "versions": [version]});
    let mut notes = resource("notes", "Note", "Namespaced", json!({"name": "v1"}));
    notes["source"] = json!({"stored": {"ttl": "60s"}});
    let api: AggregatedApi = serde_json::from_value(json!({
        "apiVersion": "tributary.dev/v1alpha1",
        "kind": "AggregatedAPI",
        "metadata": {"name": "g.example.com"},
        "spec": {
            "group": "g.example.com",
            "resources": [
                resource("tasks", "Task", "Namespaced", json!({"name": "v1", "schema": schema})),
                resource("jobs", "Job", "Namespaced", jobs),
                resource("hosts", "Host", "Cluster", json!({"name": "v1"})),
                notes,
            ],
            "gateway": {"storage": {"memory": {}}},
        },
    }))
    .unwrap();
    Arc::new(compile(&api).unwrap())
}

pub(crate) fn registry() -> Registry {
    let registry = Registry::new(Arc::new(ByName), None);
    registry.publish(definition(json!({
        "title": {"type": "string"},
        "count": {"type": "integer", "default": 1},
    })));
    registry
}

pub(crate) fn resource(registry: &Registry, plural: &str) -> Arc<Resource> {
    registry.published().unwrap().resource("v1", plural).unwrap().clone()
}

pub(crate) fn address<'a>(namespace: &'a str, name: &'a str) -> Address<'a> {
    Address { namespace, name }
}

pub(crate) fn task(metadata: Value) -> Value {
    json!({"apiVersion": "g.example.com/v1", "kind": "Task", "metadata": metadata, "spec": {"title": "t"}})
}

pub(crate) fn parameters(query: &[(&str, &str)]) -> Parameters {
    Parameters(query.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
}

pub(crate) fn merge_patch(patch: Value) -> Patch {
    Patch::merge(Ok(patch), FieldValidation::Warn)
}

pub(crate) async fn create(
    resource: &Resource,
    at: Address<'_>,
    body: Value,
    query: &[(&str, &str)],
) -> Result<Written, Status> {
    let options = WriteOptions::read(&parameters(query), "CreateOptions")?;
    resource.create(at, body, &Duplicates::default(), &options).await
}

pub(crate) fn json_of(written: &Written) -> Value {
    match &written.object {
        WrittenObject::Stored(object) => serde_json::from_slice(object.bytes()).unwrap(),
        WrittenObject::NotStored(object) => object.clone(),
    }
}

pub(crate) async fn update(
    resource: &Resource,
    at: Address<'_>,
    change: Change,
    query: &[(&str, &str)],
) -> Result<Written, Status> {
    let options = WriteOptions::read(&parameters(query), "UpdateOptions")?;
    resource.update(at, Part::Main, &change, &Duplicates::default(), &options).await
}

pub(crate) async fn delete(
    resource: &Resource,
    at: Address<'_>,
    body: Option<Value>,
) -> Result<Deleted, Status> {
    let options = DeleteOptions::read(&Parameters::default(), body)?;
    resource.delete(at, &options).await
}
