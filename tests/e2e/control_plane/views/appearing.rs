//! Sources that come, go and come back.

use serde_json::{Value, json};

use super::{let_gateway_read, may_read};
use crate::harness::{Answer, QUICK, Served, unique, until};

fn definition(group: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": "things", "kind": "Thing"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    })
}

fn spec(group: &str) -> Value {
    let view = |resource: &str, api_version: &str| {
        json!({"view": {"from": {"apiVersion": api_version, "resource": resource}, "readAs": "Gateway",
            "template": {"text": "${object.?spec.?text}"}}})
    };
    let resource = |name: &str, kind: &str, source: Value| json!({"name": name, "kind": kind, "scope": "Namespaced", "versions": [{"name": "v1"}], "source": source});
    json!({
        "resources": [
            resource("shownthings", "ShownThing", view("things", &format!("{group}/v1"))),
            resource("shownmaps", "ShownMap", view("configmaps", "v1")),
        ],
        "gateway": {},
    })
}

#[tokio::test]
async fn sources_come_go_and_come_back() {
    let group = format!("{}.example.com", unique("late"));
    let mut served = Served::start("appearing", spec(&group)).await;
    let n = served.namespace.clone();
    let admin = served.cluster.admin.clone();
    let view = served.namespaced("/shownthings");
    let shown = async |what: &str, wanted: &(dyn Fn(&Answer) -> bool + Sync)| {
        until(what, 3 * QUICK, async || {
            let answer = admin.get(&view).await;
            if wanted(&answer) { Ok(()) } else { Err(answer.text()) }
        })
        .await;
    };
    let refused =
        |words: &'static str| move |answer: &Answer| answer.code() == 503 && answer.text().contains(words);
    shown("the source may not be read", &refused("forbidden: ")).await;
    let_gateway_read(&mut served, &["configmaps"]).await;
    let mut rights = may_read(
        "ClusterRole",
        &n,
        &format!("{n}-things"),
        &["things"],
        json!({"kind": "ServiceAccount", "name": "gateway", "namespace": n}),
    );
    rights[0]["rules"][0]["apiGroups"] = json!([group]);
    served.create(&rights).await;
    shown("the source does not exist", &refused("not found: ")).await;
    // A view that cannot be read keeps nobody else from theirs.
    until("the other view is read", QUICK, async || {
        let answer = admin.get(&served.namespaced("/shownmaps")).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let definition = definition(&group);
    let thing = json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "a"},
        "spec": {"text": "here"}});
    let things = format!("/apis/{group}/v1/namespaces/{n}/things");
    let items = |count: usize| {
        move |answer: &Answer| {
            answer.code() == 200 && answer.json()["items"].as_array().map(Vec::len) == Some(count)
        }
    };
    for round in ["came", "came back"] {
        served.create(std::slice::from_ref(&definition)).await;
        until("things are served", QUICK, async || {
            let answer = admin.post(&things, &thing).await;
            if answer.code() == 201 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
        shown(&format!("the source {round}"), &items(1)).await;
        admin.delete(&format!("{definitions}/things.{group}")).await.expect(200);
        // Its objects are gone; the view is as it was last known.
        shown("the source has gone", &items(0)).await;
    }
}
