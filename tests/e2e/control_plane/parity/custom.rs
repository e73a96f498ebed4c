//! The resources of an AggregatedAPI's spec as custom resources.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Served, unique, until};

/// For a CustomResourceDefinition to be served.
const ESTABLISHED: Duration = Duration::from_secs(40);

/// Defines the resources of `spec` in a new group, waits until they are served, and returns the group.
pub(super) async fn custom_resources(served: &mut Served, spec: &Value, label: &str) -> String {
    let group = format!("{}.example.com", unique(label));
    let resources = spec["resources"].as_array().unwrap();
    let definitions: Vec<_> = resources.iter().map(|resource| definition(resource, &group)).collect();
    served.create(&definitions).await;
    for resource in resources {
        for version in resource["versions"].as_array().unwrap() {
            let path = format!("/apis/{group}/{}/{}", word(version, "name"), word(resource, "name"));
            until("the custom resource is served", ESTABLISHED, async || {
                let answer = served.cluster.admin.get(&path).await;
                let expected = if version["served"] == false { 404 } else { 200 };
                if answer.code() == expected { Ok(()) } else { Err(answer.text()) }
            })
            .await;
        }
    }
    group
}

/// Registers another version of the served group, which is registered in v1.
pub(super) async fn serve_too(served: &mut Served, version: &str) {
    let services = "/apis/apiregistration.k8s.io/v1/apiservices";
    let first = served.cluster.admin.get(&format!("{services}/v1.{}", served.group)).await.expect(200);
    let mut service =
        json!({"apiVersion": first["apiVersion"], "kind": first["kind"], "spec": first["spec"]});
    service["metadata"] = json!({"name": format!("{version}.{}", served.group)});
    service["spec"]["version"] = json!(version);
    served.create(&[service]).await;
    let path = format!("/apis/{}/{version}", served.group);
    until("the other version is served", ESTABLISHED, async || {
        let answer = served.cluster.admin.get(&path).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

fn word<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap()
}

fn definition(resource: &Value, group: &str) -> Value {
    let (plural, kind) = (word(resource, "name"), word(resource, "kind"));
    let versions = resource["versions"].as_array().unwrap();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind,
                "listKind": format!("{kind}List"), "shortNames": resource["shortNames"], "categories": resource["categories"]},
            "scope": resource["scope"],
            "versions": versions.iter().map(version).collect::<Vec<_>>(),
        },
    })
}

/// A version, with what an AggregatedAPI may leave out.
fn version(version: &Value) -> Value {
    let mut version = version.clone();
    for name in ["served", "storage"] {
        version[name] = json!(version[name].as_bool().unwrap_or(true));
    }
    if !version["schema"]["openAPIV3Schema"].is_object() {
        let anything = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        version["schema"] = json!({"openAPIV3Schema": anything});
    }
    version
}
