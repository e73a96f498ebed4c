//! The discovery documents, to the letter.

use serde_json::{Value, json};

use super::compiled;
use crate::Document;

fn parse(document: &Document) -> Value {
    serde_json::from_slice(&document.body).expect("JSON")
}

fn changes() -> Vec<(&'static str, Value)> {
    vec![
        ("/spec/resources/0/categories", json!(["all"])),
        (
            "/spec/resources/0/versions/0/subresources/scale",
            json!({"specReplicasPath": ".spec.total", "statusReplicasPath": ".status.done"}),
        ),
        (
            "/spec/endpoints/-",
            json!({"version": "v1", "path": "foo/baz", "methods": ["POST"], "static": {"body": ""}}),
        ),
        ("/spec/endpoints/-", json!({"version": "v2alpha1", "path": "bar", "static": {"body": ""}})),
    ]
}

#[test]
fn groups() {
    let discovery = compiled(&changes()).discovery;
    let versions = json!([
        {"groupVersion": "custom-api.example.com/v1", "version": "v1"},
        {"groupVersion": "custom-api.example.com/v2alpha1", "version": "v2alpha1"},
    ]);
    let group =
        json!({"name": "custom-api.example.com", "versions": versions, "preferredVersion": versions[0]});
    assert_eq!(
        parse(&discovery.root),
        json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]})
    );
    let mut document = group;
    document["kind"] = json!("APIGroup");
    document["apiVersion"] = json!("v1");
    assert_eq!(parse(&discovery.group), document);
}

#[test]
fn resources_of_a_version() {
    let discovery = compiled(&changes()).discovery;
    let verbs = json!(["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]);
    assert_eq!(
        parse(&discovery.versions["v1"]),
        json!({
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "custom-api.example.com/v1",
            "resources": [
                {
                    "name": "clustertasks", "singularName": "clustertask", "namespaced": false, "kind": "ClusterTask",
                    "verbs": verbs, "storageVersionHash": "H1eDQiZWkK8=",
                },
                {
                    "name": "customtasks", "singularName": "customtask", "namespaced": true, "kind": "CustomTask",
                    "verbs": verbs, "shortNames": ["ct"], "categories": ["all"], "storageVersionHash": "kcfQJlkZTSo=",
                },
                {
                    "name": "customtasks/status", "singularName": "", "namespaced": true, "kind": "CustomTask",
                    "verbs": ["get", "patch", "update"],
                },
                {
                    "name": "customtasks/scale", "singularName": "", "namespaced": true,
                    "group": "autoscaling", "version": "v1", "kind": "Scale", "verbs": ["get", "patch", "update"],
                },
                {"name": "foo", "singularName": "", "namespaced": false, "kind": "RawEndpoint", "verbs": ["get", "create"]},
            ],
        })
    );
}

#[test]
fn the_aggregated_document() {
    let discovery = compiled(&changes()).discovery;
    let verbs = json!(["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]);
    let kind = |version: &str, kind: &str| json!({"group": "custom-api.example.com", "version": version, "kind": kind});
    assert_eq!(
        parse(&discovery.aggregated),
        json!({
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
            "items": [{
                "metadata": {"name": "custom-api.example.com"},
                "versions": [
                    {"version": "v1", "freshness": "Current", "resources": [
                        {
                            "resource": "clustertasks", "singularResource": "clustertask", "scope": "Cluster",
                            "responseKind": kind("v1", "ClusterTask"), "verbs": verbs,
                        },
                        {
                            "resource": "customtasks", "singularResource": "customtask", "scope": "Namespaced",
                            "responseKind": kind("v1", "CustomTask"), "verbs": verbs,
                            "shortNames": ["ct"], "categories": ["all"],
                            "subresources": [
                                {
                                    "subresource": "status", "responseKind": kind("v1", "CustomTask"),
                                    "verbs": ["get", "patch", "update"],
                                },
                                {
                                    "subresource": "scale",
                                    "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
                                    "verbs": ["get", "patch", "update"],
                                },
                            ],
                        },
                        {
                            "resource": "foo", "singularResource": "", "scope": "Cluster",
                            "responseKind": kind("v1", "RawEndpoint"), "verbs": ["get", "create"],
                        },
                    ]},
                    {"version": "v2alpha1", "freshness": "Current", "resources": [{
                        "resource": "bar", "singularResource": "", "scope": "Cluster",
                        "responseKind": kind("v2alpha1", "RawEndpoint"), "verbs": ["get"],
                    }]},
                ],
            }],
        })
    );
}

#[test]
fn subresources_offer_no_more_than_their_resource() {
    for (verbs, want) in [
        (json!(["watch", "update", "get"]), Some(json!(["get", "update"]))),
        (json!(["patch"]), Some(json!(["patch"]))),
        (json!(["list", "watch", "create", "delete"]), None),
    ] {
        let mut changes = changes();
        changes.push(("/spec/resources/0/verbs", verbs));
        let discovery = compiled(&changes).discovery;
        let legacy = parse(&discovery.versions["v1"]);
        let aggregated = parse(&discovery.aggregated);
        let below = |list: &Value, key: &str, prefix: &str| -> Vec<Value> {
            let list = list.as_array().into_iter().flatten();
            let found = list.filter(|entry| entry[key].as_str().is_some_and(|name| name.starts_with(prefix)));
            found.map(|entry| entry["verbs"].clone()).collect()
        };
        let want: Vec<Value> = want.into_iter().flat_map(|verbs| [verbs.clone(), verbs]).collect();
        assert_eq!(below(&legacy["resources"], "name", "customtasks/"), want);
        let tasks = &aggregated["items"][0]["versions"][0]["resources"][1];
        assert_eq!(below(&tasks["subresources"], "subresource", ""), want);
        assert_eq!(tasks.get("subresources").is_some(), !want.is_empty());
    }
}
