//! Views of what runs: the example, and a source that is not granted until it is.

use serde_json::{Value, json};

use crate::harness::{Caller, Declared, ROLLOUT, SYSTEM, operator, unique, until, workspace};

const GROUP: &str = "summaries.example.com";

#[tokio::test]
async fn pods_with_their_events() {
    let _operator = operator().await;
    let mut example = Declared::named(GROUP).await;
    example.note(&json!({"apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": GROUP}}));
    let file = workspace().join("examples/pod-summary.yaml");
    example.kubectl.says(&format!("delete aapi {GROUP} --ignore-not-found --timeout=60s")).await;
    example.kubectl.says(&format!("apply -f {}", file.display())).await;
    example.until_ready().await;
    let pod = example.pod().await;
    let name = pod["metadata"]["name"].as_str().unwrap();
    let path = format!("/namespaces/{SYSTEM}/podsummaries/{name}");
    let summary = until("the gateway's own Pod is shown with its Events", ROLLOUT, async || {
        let summary = example.served(&path).await.json();
        let events = summary["events"].as_array().cloned().unwrap_or_default();
        if events.contains(&json!("Started")) { Ok(summary) } else { Err(summary.to_string()) }
    })
    .await;
    assert_eq!(summary["spec"]["phase"], "Running");
    assert_eq!(summary["spec"]["nodeName"], pod["spec"]["nodeName"]);
    assert_eq!(summary["spec"]["containers"], json!(["gateway"]));
    let printed = example.kubectl.says(&format!("get podsummaries.{GROUP} -n {SYSTEM} {name}")).await;
    assert!(printed.contains("PHASE") && printed.contains("Running"), "{printed}");
    example.kubectl.says(&format!("delete -f {}", file.display())).await;
    until("nothing is left", ROLLOUT, async || {
        let children = example.children().await;
        if children.is_empty() { Ok(()) } else { Err(format!("{children:?}")) }
    })
    .await;
}

fn of_roles() -> Value {
    json!({
        "resources": [{
            "name": "shownroles", "kind": "ShownRole", "scope": "Namespaced", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": "rbac.authorization.k8s.io/v1", "resource": "roles"},
                "template": {"rules": "${size(object.rules)}"},
            }},
        }],
    })
}

#[tokio::test]
async fn a_source_is_granted_by_a_labelled_role() {
    let _operator = operator().await;
    let mut declared = Declared::apply("granted", of_roles()).await;
    let ready = declared.until("Ready", "False", "SourcesNotGranted").await;
    let message = ready["message"].as_str().unwrap();
    assert!(
        message.contains("tributary.dev/aggregate-to-sources") && message.contains("resources: [roles]"),
        "{message}"
    );
    let refused = declared.served(&format!("/namespaces/{SYSTEM}/shownroles")).await;
    assert_eq!(refused.code(), 503, "{}", refused.text());
    let rule = json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["get", "list", "watch"]});
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": [rule],
        "metadata": {"name": unique("sources"), "labels": {"tributary.dev/aggregate-to-sources": "true"}}});
    declared.create(&role).await;
    declared.until_ready().await;
    until("the view is read", ROLLOUT, async || {
        let shown = declared.served(&format!("/namespaces/{SYSTEM}/shownroles/tributary-operator")).await;
        if shown.json()["rules"].is_number() { Ok(()) } else { Err(shown.text()) }
    })
    .await;
}

fn of_namespaces() -> Value {
    json!({
        "gateway": {"replicas": 2},
        "resources": [{
            "name": "shownspaces", "kind": "ShownSpace", "scope": "Cluster", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "namespaces"},
                "template": {"phase": "${object.status.phase}"},
                "readAs": "Gateway",
            }},
        }],
    })
}

/// What one has told of the others wait for, and whoever watches goes on at any.
#[tokio::test]
async fn replicas_of_a_view_agree() {
    let _operator = operator().await;
    let mut declared = Declared::apply("replicas", of_namespaces()).await;
    declared.until_ready().await;
    let identity = declared.cluster.identity("front-proxy-client");
    let callers = declared.callers(Some(&identity)).await;
    assert_eq!(callers.len(), 2);
    let callers: Vec<_> = callers.into_iter().map(Caller::brought_as_admin).collect();
    let view = format!("/apis/{}/v1/shownspaces", declared.group);
    let revision =
        |list: &Value| list["metadata"]["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap();
    let lists = [callers[0].get(&view).await.expect(200), callers[1].get(&view).await.expect(200)];
    // What happened before its own first list a gateway does not know.
    let mut seen = revision(&lists[0]).max(revision(&lists[1]));
    for round in 0..4 {
        let name = unique("replicas");
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        declared.create(&namespace).await;
        let made = declared.cluster.admin.get(&format!("/api/v1/namespaces/{name}")).await.expect(200);
        let caller = &callers[round % 2];
        let list = caller.get(&format!("{view}?resourceVersion={}", revision(&made))).await.expect(200);
        let items = list["items"].as_array().unwrap();
        assert!(items.iter().any(|item| item["metadata"]["name"] == name.as_str()), "{list}");
        // The other one has told of that.
        let path = format!("{view}?watch=true&timeoutSeconds=1&resourceVersion={seen}");
        let told = caller.get(&path).await.text();
        assert!(told.contains("ADDED") && told.contains(&name) && !told.contains("ERROR"), "{told}");
        seen = revision(&list);
    }
}
