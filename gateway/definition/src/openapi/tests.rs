//! The OpenAPI documents: equal to upstream's where upstream has one, and sound by themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{OpenApi, shared};
use crate::compiled::Routes;
use crate::tests::{compiled, example_with, typed};
use crate::{Document, compile};

const GROUP: &str = "custom-api.example.com";
const APPLY: &str = "application/apply-patch+yaml";

fn parse(text: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(text.as_ref()).expect("JSON")
}

fn parsed(document: &Document) -> Value {
    parse(&document.body)
}

/// Resource `index` of the example alone, with `schema` and `subresources`, as a CustomResourceDefinition has it.
fn as_crd(index: usize, schema: &Value, subresources: &Value) -> OpenApi {
    let version = format!("/spec/resources/{index}/versions/0");
    let color = schema.pointer("/properties/spec/properties/color").is_some();
    let selectable = if color { json!([{"jsonPath": ".spec.color"}]) } else { json!([]) };
    let definition = typed(example_with(&[
        (&format!("{version}/selectableFields"), selectable),
        (&format!("{version}/schema"), json!({"openAPIV3Schema": schema})),
        (&format!("{version}/subresources"), subresources.clone()),
    ]));
    let plural = definition.spec.resources[index].name.clone();
    let api = compile(&definition).expect("compiles");
    let resource = api.resource("v1", &plural).expect("served").clone();
    let routes = Routes { resources: [(plural, resource)].into(), endpoints: BTreeMap::new() };
    OpenApi::new(GROUP, &["v1".to_owned()], &[("v1".to_owned(), routes)].into())
}

/// Our documents are upstream's, but for `info`, and for server-side apply, which is not built yet.
fn check(index: usize, schema: &Value, subresources: &Value, v2: &str, v3: &str) {
    let ours = as_crd(index, schema, subresources);
    for (ours, theirs) in [(&ours.v2, v2), (&ours.v3["apis/custom-api.example.com/v1"], v3)] {
        let (mut ours, mut theirs) = (parsed(ours), parse(theirs));
        ours["info"] = Value::Null;
        theirs["info"] = Value::Null;
        drop_apply(&mut theirs);
        drop_unused(&mut theirs);
        same(&ours, &theirs, "");
    }
}

/// Media types are items of lists in v2, and keys of `content` in v3.
fn drop_apply(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| key != APPLY);
            fields.values_mut().for_each(drop_apply);
        }
        Value::Array(items) => {
            items.retain(|item| item != APPLY);
            items.iter_mut().for_each(drop_apply);
        }
        _ => {}
    }
}

/// Upstream publishes ObjectMeta even where no schema refers to it.
fn drop_unused(document: &mut Value) {
    let roots = json!([document["paths"], document["parameters"]]);
    if let Some(Value::Object(definitions)) = document.get_mut("definitions") {
        let known = definitions.clone();
        definitions.retain(|name, _| !name.starts_with("io.k8s."));
        shared::close(definitions, &roots, &known);
    }
}

/// Equality that names the first place that differs: the documents have thousands of lines.
fn same(ours: &Value, theirs: &Value, at: &str) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(a), keys(b), "keys at {at}");
            a.iter().for_each(|(key, value)| same(value, &b[key], &format!("{at}/{key}")));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "items at {at}: {ours} {theirs}");
            a.iter().zip(b).enumerate().for_each(|(i, (a, b))| same(a, b, &format!("{at}/{i}")));
        }
        _ => assert_eq!(ours, theirs, "at {at}"),
    }
}

#[test]
fn a_namespaced_resource_with_status_and_scale_is_published_as_upstream_does() {
    let schema = json!({
        "type": "object", "description": "A task.", "required": ["spec"],
        "properties": {
            "spec": {"type": "object", "description": "What is to be done.", "required": ["title"], "properties": {
                "title": {"type": "string", "minLength": 1, "description": "One line."},
                "total": {"type": "integer", "format": "int32", "minimum": 0, "default": 1},
                "color": {"type": "string", "enum": ["red", "green"]},
                "steps": {
                    "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}},
                        "anyOf": [{"required": ["name"]}, {"properties": {"name": {"minLength": 2}}}],
                    },
                },
                "tags": {
                    "type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"},
                    "not": {"maxItems": 0},
                },
                "template": {
                    "type": "object", "x-kubernetes-embedded-resource": true, "required": ["spec"],
                    "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
                },
                "resource": {
                    "type": "object", "x-kubernetes-embedded-resource": true,
                    "x-kubernetes-preserve-unknown-fields": true,
                },
                "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            }},
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        },
    });
    let scale = json!({"specReplicasPath": ".spec.total", "statusReplicasPath": ".status.done"});
    check(
        0,
        &schema,
        &json!({"status": {}, "scale": scale}),
        include_str!("../../data/golden.customtasks.v2.json"),
        include_str!("../../data/golden.customtasks.v3.json"),
    );
}

#[test]
fn a_cluster_scoped_resource_of_any_content_is_published_as_upstream_does() {
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    check(
        1,
        &schema,
        &Value::Null,
        include_str!("../../data/golden.clustertasks.v2.json"),
        include_str!("../../data/golden.clustertasks.v3.json"),
    );
}

/// Every document with the operations of all path items: (path, method, operation).
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path item") {
            if method != "parameters" {
                found.push((path.clone(), method.clone(), operation.clone()));
            }
        }
    }
    found
}

fn documents(changes: &[(&str, Value)]) -> Vec<Value> {
    let openapi = compiled(changes).openapi;
    openapi.v3.values().chain([&openapi.v2]).map(parsed).collect()
}

#[test]
fn only_what_is_served_is_published() {
    let base = "/apis/custom-api.example.com/v1";
    let want: BTreeSet<(String, String)> = [
        ("/clustertasks", "get"),
        ("/clustertasks", "post"),
        ("/clustertasks", "delete"),
        ("/clustertasks/{name}", "get"),
        ("/clustertasks/{name}", "put"),
        ("/clustertasks/{name}", "patch"),
        ("/clustertasks/{name}", "delete"),
        ("/customtasks", "get"),
        ("/namespaces/{namespace}/customtasks", "get"),
        ("/namespaces/{namespace}/customtasks", "post"),
        ("/namespaces/{namespace}/customtasks", "delete"),
        ("/namespaces/{namespace}/customtasks/{name}", "get"),
        ("/namespaces/{namespace}/customtasks/{name}", "put"),
        ("/namespaces/{namespace}/customtasks/{name}", "patch"),
        ("/namespaces/{namespace}/customtasks/{name}", "delete"),
        ("/namespaces/{namespace}/customtasks/{name}/status", "get"),
        ("/namespaces/{namespace}/customtasks/{name}/status", "put"),
        ("/namespaces/{namespace}/customtasks/{name}/status", "patch"),
        ("/foo", "get"),
        ("/foo/bar", "get"),
    ]
    .map(|(path, method)| (format!("{base}{path}"), method.to_owned()))
    .into();
    for document in documents(&[]) {
        let got: BTreeSet<_> =
            operations(&document).into_iter().map(|(path, method, _)| (path, method)).collect();
        assert_eq!(got, want);
    }
    for document in documents(&[("/spec/resources/0/verbs", json!(["list"]))]) {
        let got: Vec<_> =
            operations(&document).into_iter().filter(|(path, ..)| path.contains("customtasks")).collect();
        assert_eq!(got.len(), 2, "the two collections: {got:?}");
    }
    for document in documents(&[("/spec/resources/0/verbs", json!(["list", "patch", "delete"]))]) {
        let status = format!("{base}/namespaces/{{namespace}}/customtasks/{{name}}/status");
        let got: Vec<_> = operations(&document).into_iter().filter(|(path, ..)| *path == status).collect();
        assert!(matches!(got.as_slice(), [(_, method, _)] if method == "patch"), "{got:?}");
    }
}

#[test]
fn operations_say_what_they_do_and_have_names_of_their_own() {
    let alike =
        json!({"version": "v1", "path": "foo-bar", "methods": ["GET", "POST"], "static": {"body": ""}});
    let other = json!({"version": "v2", "path": "foo", "static": {"body": ""}});
    for document in documents(&[("/spec/endpoints/-", alike), ("/spec/endpoints/-", other)]) {
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            assert!(ids.insert(operation["operationId"].to_string()), "{path} {method}: {operation}");
            let raw = path.contains("/foo");
            assert_eq!(operation["x-kubernetes-action"].is_string(), !raw, "{path} {method}");
            let gvk = &operation["x-kubernetes-group-version-kind"];
            assert_eq!(
                gvk["group"] == GROUP && gvk["version"] == "v1" && gvk["kind"].is_string(),
                !raw,
                "{path}"
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    for document in documents(&[]) {
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        for (root, definitions) in [
            ("#/definitions/", &document["definitions"]),
            ("#/components/schemas/", &document["components"]["schemas"]),
            ("#/parameters/", &document["parameters"]),
        ] {
            for name in definitions.as_object().into_iter().flat_map(serde_json::Map::keys) {
                assert!(found.contains(&format!("{root}{name}")), "nothing refers to {name}");
            }
        }
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|child| references(child, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn parameters_of_the_path_are_declared() {
    for document in documents(&[]) {
        for (path, item) in document["paths"].as_object().expect("paths") {
            let declared = item["parameters"].to_string();
            for name in ["namespace", "name"] {
                let wanted = path.contains(&format!("{{{name}}}"));
                let have = declared.contains(&format!("\"name\":\"{name}\""))
                    || declared.contains(&format!("#/parameters/{name}-"));
                assert_eq!(have, wanted, "{name} in {path}");
            }
        }
    }
}

#[test]
fn the_root_shows_each_documents_hash() {
    let openapi = compiled(&[]).openapi;
    let key = "apis/custom-api.example.com/v1";
    assert_eq!(openapi.v3.keys().collect::<Vec<_>>(), [key]);
    let url = format!("/openapi/v3/{key}?hash={}", openapi.v3[key].hash());
    assert_eq!(parsed(&openapi.v3_root), json!({"paths": {key: {"serverRelativeURL": url}}}));
}

#[test]
fn explain_finds_the_fields() {
    for document in documents(&[]) {
        let name = "com.example.custom-api.v1.CustomTask";
        let schema = [&document["definitions"][name], &document["components"]["schemas"][name]]
            .into_iter()
            .find(|schema| schema.is_object())
            .expect("the schema");
        let kinds = json!([{"group": GROUP, "version": "v1", "kind": "CustomTask"}]);
        assert_eq!(schema["x-kubernetes-group-version-kind"], kinds);
        let title = &schema["properties"]["spec"]["properties"]["title"];
        assert_eq!(
            (&title["type"], &title["description"]),
            (&json!("string"), &json!("The task in one line."))
        );
        assert_eq!(schema["properties"]["spec"]["required"], json!(["title"]));
    }
}

#[test]
fn the_shared_definitions_are_upstreams() {
    // Those that every write and every list needs; their text is compared with upstream's documents above.
    let short =
        ["ObjectMeta", "ListMeta", "DeleteOptions", "Status", "StatusCause", "OwnerReference", "Patch"];
    for name in short.map(|name| format!("io.k8s.apimachinery.pkg.apis.meta.v1.{name}")) {
        assert!(shared::SHARED.definitions.contains_key(&name), "{name}");
        assert!(shared::SHARED.schemas.contains_key(&name), "{name}");
    }
    assert_eq!(shared::SHARED.options.len(), 7, "an action each");
}
