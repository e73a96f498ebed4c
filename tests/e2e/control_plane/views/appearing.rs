//! Sources that come, go and come back.

use serde_json::{Value, json};

use super::{let_gateway_read, may_read};
use crate::harness::{Answer, QUICK, Served, unique, until};
use crate::tasks;

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

#[tokio::test]
async fn a_source_that_another_gateway_serves() {
    let mut beneath = Served::start("beneath", tasks::spec()).await;
    let n = beneath.namespace.clone();
    let from =
        json!({"apiVersion": format!("{}/v1", beneath.group), "resource": "customtasks", "namespace": n});
    let view = json!({"name": "titles", "kind": "Title", "scope": "Namespaced", "versions": [{"name": "v1"}],
        "source": {"view": {"from": from, "readAs": "Gateway", "template": {"title": "${object.spec.title}"}}}});
    let mut above = Served::start("above", json!({"resources": [view], "gateway": {}})).await;
    let account = json!({"kind": "ServiceAccount", "name": "gateway", "namespace": above.namespace});
    let name = format!("{}-tasks", above.namespace);
    let mut rights = may_read("ClusterRole", &n, &name, &["customtasks"], account);
    rights[0]["rules"][0]["apiGroups"] = json!([beneath.group]);
    above.create(&rights).await;

    let admin = above.cluster.admin.clone();
    let shown = async |titles: &[&str]| {
        until(&format!("{titles:?} are shown"), 3 * QUICK, async || {
            let answer = admin.get(&above.path("/titles")).await;
            let found = answer.json()["items"].as_array().cloned().unwrap_or_default();
            let found: Vec<_> = found.iter().filter_map(|item| item["title"].as_str()).collect();
            if answer.code() == 200 && found == titles { Ok(()) } else { Err(answer.text()) }
        })
        .await;
    };
    let tasks = beneath.namespaced("/customtasks");
    admin.post(&tasks, &tasks::task(&beneath.group, "a")).await.expect(201);
    shown(&["Task a"]).await;
    admin.patch(&format!("{tasks}/a"), &json!({"spec": {"title": "changed"}})).await.expect(200);
    shown(&["changed"]).await;
    // It comes back without its objects, which were in memory.
    beneath.gateway.restart().await;
    beneath.until_available().await;
    shown(&[]).await;
    admin.post(&tasks, &tasks::task(&beneath.group, "b")).await.expect(201);
    shown(&["Task b"]).await;
}

/// A watch that runs is not asked for its right again; the next one is.
#[tokio::test]
async fn a_right_that_is_lost_is_told_and_heals() {
    let mut served = Served::start("lost-right", super::spec("Gateway")).await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let way = served.behind_a_way().await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/combinedmaps");
    let maps = format!("/api/v1/namespaces/{n}/configmaps");
    let map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    admin.post(&maps, &map("a")).await.expect(201);
    let shown = async |what: &str, names: &[&str]| {
        until(what, 3 * QUICK, async || {
            let answer = admin.get(&view).await;
            let items = answer.json()["items"].as_array().cloned().unwrap_or_default();
            let found: Vec<_> = items.iter().map(|item| item["metadata"]["name"].as_str().unwrap()).collect();
            if found == names { Ok(()) } else { Err(answer.text()) }
        })
        .await;
    };
    shown("the view is read", &["a"]).await;
    let operator = crate::harness::Subject { common_name: "tributary-operator", ..Default::default() };
    let operator = served.gateway.caller(Some(&served.gateway.issue(operator)));
    let told = async |what: &str, reasons: &[&str]| {
        until(what, 3 * QUICK, async || {
            let state = operator.get("/tributary/state").await.expect(200);
            let sources = state["resources"][0]["sources"].as_array().cloned().unwrap_or_default();
            let found: Vec<_> = sources.iter().map(|source| source["reason"].as_str().unwrap()).collect();
            if found == reasons { Ok(()) } else { Err(state.to_string()) }
        })
        .await;
    };
    told("nothing is wrong", &[]).await;

    let rights = format!("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{n}-sources");
    let mut binding = admin.get(&rights).await.expect(200);
    admin.delete(&rights).await.expect(200);
    way.cut();
    told("both sources are forbidden", &["Forbidden", "Forbidden"]).await;
    // What was read is shown; what came since is not known.
    admin.post(&maps, &map("b")).await.expect(201);
    shown("what was read before", &["a"]).await;

    binding["metadata"] = json!({"name": binding["metadata"]["name"]});
    admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", &binding).await.expect(201);
    told("it has healed", &[]).await;
    shown("what came meanwhile", &["a", "b"]).await;
}
