//! What gateways tell of themselves, as `kubectl get aapi -o yaml` shows it.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator, unique, until};

/// For what heals to be told: gateways look for a source every 5 s, and are asked every 10 s while one cannot be read. The rest
/// is for a machine that is busy with other tests; what waits for the operator's slowest retries takes a minute.
const HEALED: Duration = Duration::from_secs(40);
const RBAC: &str = "rbac.authorization.k8s.io";

fn view(name: &str, kind: &str, from: Value, template: Value) -> Value {
    json!({
        "name": name, "kind": kind, "scope": "Namespaced", "versions": [{"name": "v1"}],
        "source": {"view": {"from": from, "template": template, "readAs": "Gateway"}},
    })
}

/// Waits for the status of the one resource to be as `wanted`.
async fn until_resource(declared: &Declared, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    until(what, ROLLOUT, async || {
        let status = declared.get().await["status"].take();
        let resource = status["resources"][0].clone();
        if wanted(&resource) { Ok(resource) } else { Err(status.to_string()) }
    })
    .await
}

/// A CustomResourceDefinition of widgets in this group.
fn widgets(group: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    })
}

#[tokio::test]
async fn a_source_that_is_not_there_yet_and_then_is_and_goes() {
    let _operator = operator().await;
    let group = format!("{}.example.org", unique("widgets"));
    let from = json!({"apiVersion": format!("{group}/v1"), "resource": "widgets"});
    let shown = view("shownwidgets", "ShownWidget", from, json!({"size": "${object.size}"}));
    let mut declared = Declared::apply("vanishing", json!({"resources": [shown]})).await;
    declared.until("Ready", "False", "SourcesNotGranted").await;
    let refused = until_resource(&declared, "the gateway's own words", |resource| {
        resource["message"].as_str().is_some_and(|message| message.contains("may not read"))
    })
    .await;
    let message = refused["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("rules:\n- apiGroups: [\"{group}\"]\n  resources: [widgets]")),
        "{message}"
    );
    assert_eq!(refused["served"], false, "{refused}");

    let rule = json!({"apiGroups": [group], "resources": ["widgets"], "verbs": ["get", "list", "watch"]});
    let role = json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "rules": [rule],
        "metadata": {"name": unique("widgets"), "labels": {"tributary.dev/aggregate-to-sources": "true"}}});
    declared.create(&role).await;
    let granted = Instant::now();
    let missing = declared.until("Ready", "False", "SourceNotFound").await;
    assert!(granted.elapsed() < HEALED, "it took {:?}", granted.elapsed());
    let advice = "apply it, or correct apiVersion and resource";
    assert!(missing["message"].as_str().unwrap().contains(advice), "{missing}");
    let resource = until_resource(&declared, "the resource says so", |resource| {
        resource["message"].as_str().is_some_and(|message| message.contains(advice))
    })
    .await;
    assert_eq!(resource["served"], false, "{resource}");
    let printed = declared.kubectl.says(&format!("get aapi {} -o yaml", declared.group)).await;
    assert!(printed.contains(advice), "{printed}");

    declared.create(&widgets(&group)).await;
    let applied = Instant::now();
    declared.until_ready().await;
    assert!(applied.elapsed() < HEALED, "it took {:?}", applied.elapsed());
    until_resource(&declared, "the view is served", |resource| {
        resource["served"] == true && resource["message"].is_null()
    })
    .await;
    let widget = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "size": 3,
        "metadata": {"name": "a", "namespace": SYSTEM}});
    declared.create(&widget).await;
    until("the widget is shown", ROLLOUT, async || {
        let shown = declared.served(&format!("/namespaces/{SYSTEM}/shownwidgets/a")).await;
        if shown.json()["size"] == 3 { Ok(()) } else { Err(shown.text()) }
    })
    .await;
    until_resource(&declared, "it is counted", |resource| resource["objects"] == 1).await;

    declared.kubectl.says(&format!("delete crd widgets.{group} --timeout=60s")).await;
    declared.until("Ready", "False", "SourceNotFound").await;
    declared.create(&widgets(&group)).await;
    declared.until_ready().await;
    declared.create(&widget).await;
    until("it is shown again", ROLLOUT, async || {
        let shown = declared.served(&format!("/namespaces/{SYSTEM}/shownwidgets/a")).await;
        if shown.json()["size"] == 3 { Ok(()) } else { Err(shown.text()) }
    })
    .await;
}

#[tokio::test]
async fn a_failing_expression_shows_its_path_and_no_data() {
    let _operator = operator().await;
    let from = json!({"apiVersion": "v1", "resource": "services", "namespace": SYSTEM});
    let template =
        json!({"spec": {"port": "${object.spec.ports[7].port}"}, "cluster": "${object.spec.clusterIP}"});
    let spec = json!({"resources": [view("shownservices", "ShownService", from, template)]});
    let declared = Declared::apply("failing", spec).await;
    // What does not fail is shown.
    let resource = until_resource(&declared, "the failure is told of what is served", |resource| {
        let message = resource["message"].as_str().unwrap_or_default();
        message.contains("failed") && resource["served"] == true
    })
    .await;
    let message = resource["message"].as_str().unwrap();
    assert!(message.contains("the last one at template.spec.port: "), "{message}");
    let services = declared.cluster.admin.get(&format!("/api/v1/namespaces/{SYSTEM}/services")).await.json();
    for service in services["items"].as_array().unwrap() {
        for data in [&service["metadata"]["name"], &service["spec"]["clusterIP"]] {
            assert!(!message.contains(data.as_str().unwrap()), "{message}");
        }
    }
    assert!(resource["objects"].as_i64() > Some(0), "{resource}");
    declared.until_ready().await;
}

#[tokio::test]
async fn a_ca_that_is_replaced_does_not_lock_the_operator_out() {
    let _operator = operator().await;
    let stored = json!({"name": "things", "kind": "Thing", "scope": "Namespaced", "versions": [{"name": "v1"}],
        "source": {"stored": {}}});
    let spec = json!({"resources": [stored], "gateway": {"storage": {"memory": {}}}});
    let declared = Declared::apply("replaced", spec).await;
    declared.until_ready().await;
    until_resource(&declared, "nothing is stored", |resource| resource["objects"] == 0).await;
    let status = declared.get().await["status"].take();
    assert_eq!(status["gateway"]["servedGeneration"], status["observedGeneration"], "{status}");

    // By no way through kube-apiserver is it reached.
    let pod = declared.pod().await["metadata"]["name"].as_str().unwrap().to_owned();
    for place in [format!("pods/https:{pod}:10250"), format!("services/https:{}:https", declared.child())] {
        let path = format!("/api/v1/namespaces/{SYSTEM}/{place}/proxy/tributary/state");
        let answer = declared.cluster.admin.send(Method::GET, &path, "").await;
        assert_eq!(answer.code(), 403, "{path}: {}", answer.text());
    }

    let bundle = status["certificates"]["caBundleHash"].clone();
    declared.kubectl.says(&format!("-n {SYSTEM} delete secret {}-ca", declared.child())).await;
    until("there is another CA", ROLLOUT, async || {
        let now = declared.get().await["status"]["certificates"]["caBundleHash"].take();
        if now != bundle && now.is_string() { Ok(()) } else { Err(now.to_string()) }
    })
    .await;
    let thing =
        json!({"apiVersion": format!("{}/v1", declared.group), "kind": "Thing", "metadata": {"name": "a"}});
    until("a thing is made", ROLLOUT, async || {
        let path = format!("/apis/{}/v1/namespaces/{SYSTEM}/things", declared.group);
        let made = declared.cluster.admin.post(&path, &thing).await;
        if [201, 409].contains(&made.code()) { Ok(()) } else { Err(made.text()) }
    })
    .await;
    let resource = until_resource(&declared, "it is counted", |resource| resource["objects"] == 1).await;
    assert!(resource["message"].is_null(), "{resource}");
}
