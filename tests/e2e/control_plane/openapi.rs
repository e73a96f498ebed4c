//! OpenAPI: kube-apiserver merges the group's documents with its own.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::harness::{OPENAPI, Served, until};
use crate::tasks;

/// Where Kubernetes keeps what all groups share.
const SHARED: &str = "io.k8s.apimachinery.";

#[tokio::test]
async fn version_2() {
    let served = Served::start("openapi-two", tasks::spec()).await;
    let admin = &served.cluster.admin;
    let list = served.path("/customtasks");
    let merged = until("the merged document has the group", OPENAPI, async || {
        let document = admin.get("/openapi/v2").await.json();
        if document["paths"][&list].is_object() { Ok(document) } else { Err("it has not".to_owned()) }
    })
    .await;
    let definitions = merged["definitions"].as_object().unwrap();
    let own = definitions_of(&served, definitions);
    assert!(own.iter().any(|name| name.ends_with(".v1.CustomTask")), "{own:?}");
    let renamed: Vec<_> = definitions.keys().filter(|name| name.contains("_v")).collect();
    assert!(renamed.is_empty(), "kube-apiserver had to rename: {renamed:?}");
    check_references(&merged);
    check_operations(&merged);
    let gateway = gateway_document(&served, "/openapi/v2").await;
    check_shared(gateway["definitions"].as_object().unwrap(), definitions);
}

#[tokio::test]
async fn version_3() {
    let served = Served::start("openapi-three", tasks::spec()).await;
    let admin = &served.cluster.admin;
    let key = format!("apis/{}/v1", served.group);
    let address = until("the index has the group", OPENAPI, async || {
        let index = admin.get("/openapi/v3").await.json();
        let address = index["paths"][&key]["serverRelativeURL"].as_str().map(str::to_owned);
        address.ok_or("it has not".to_owned())
    })
    .await;
    assert!(address.contains("?hash="), "{address}");
    let document = until("the document is there", OPENAPI, async || {
        let answer = admin.get(&address).await;
        if answer.code() == 200 { Ok(answer.json()) } else { Err(answer.text()) }
    })
    .await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(definitions_of(&served, schemas).len() >= 4, "kinds and their lists");
    check_references(&document);
    check_operations(&document);
    let cluster = admin.get("/openapi/v3/apis/apiextensions.k8s.io/v1").await.expect(200);
    check_shared(schemas, cluster["components"]["schemas"].as_object().unwrap());
    let title =
        &schemas.values().find(|schema| schema["properties"]["spec"]["properties"]["title"].is_object());
    assert!(title.is_some(), "the schema is not published");
}

/// The definitions of the group's own kinds.
fn definitions_of(served: &Served, definitions: &Map<String, Value>) -> Vec<String> {
    let reversed: Vec<_> = served.group.split('.').rev().collect();
    let prefix = reversed.join(".");
    definitions.keys().filter(|name| name.starts_with(&prefix)).cloned().collect()
}

async fn gateway_document(served: &Served, path: &str) -> Value {
    let proxy = served.cluster.identity("front-proxy-client");
    served.gateway.caller(Some(&proxy)).header("X-Remote-User", "u").get(path).await.expect(200)
}

/// What a group shares with the cluster has to be the same, or kube-apiserver keeps both, under new names.
fn check_shared(group: &Map<String, Value>, cluster: &Map<String, Value>) {
    let mut compared = 0;
    for (name, definition) in group.iter().filter(|(name, _)| name.starts_with(SHARED)) {
        let Some(known) = cluster.get(name) else { continue };
        // kube-apiserver collects in it the kinds that use it; those of other groups are not the group's affair.
        let without = |definition: &Value| {
            let mut definition = definition.clone();
            definition.as_object_mut().unwrap().remove("x-kubernetes-group-version-kind");
            definition
        };
        assert_eq!(without(definition), without(known), "{name}");
        compared += 1;
    }
    assert!(compared >= 5, "only {compared} shared definitions");
}

fn check_references(document: &Value) {
    let mut references = Vec::new();
    collect(document, "$ref", &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

fn check_operations(document: &Value) {
    let mut operations = Vec::new();
    collect(&document["paths"], "operationId", &mut operations);
    let mut seen = BTreeSet::new();
    for operation in operations {
        assert!(seen.insert(operation), "{operation} twice");
    }
    assert!(seen.len() >= 8, "{seen:?}");
}

/// The texts of all fields of this name.
fn collect<'a>(value: &'a Value, field: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(field).and_then(Value::as_str));
            fields.values().for_each(|value| collect(value, field, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, field, found)),
        _ => {}
    }
}
