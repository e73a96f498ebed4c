//! A view without a join has its source's revisions.

use serde_json::{Value, json};

use super::{let_gateway_read, until_read};
use crate::harness::{QUICK, Served, until};

fn spec(shown: &str) -> Value {
    json!({
        "resources": [{
            "name": "shownmaps", "kind": "ShownMap", "scope": "Namespaced", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "configmaps"},
                "where": "!object.metadata.name.startsWith('kube-root-ca')",
                "template": {"spec": {"keys": shown}},
                "readAs": "Gateway",
            }},
        }],
        "gateway": {},
    })
}

fn revision(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap()
}

/// The events of a watch that lasts a second.
fn events(text: &str) -> Vec<(String, String, u64)> {
    let event = |line: &str| {
        let told: Value = serde_json::from_str(line).unwrap();
        let name = told["object"]["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        (told["type"].as_str().unwrap().to_owned(), name, revision(&told["object"]))
    };
    text.lines().map(event).filter(|(kind, ..)| kind != "BOOKMARK").collect()
}

#[tokio::test]
async fn revisions_are_the_sources() {
    let mut served = Served::start("revisions", spec("${object.?data.orValue({}).map(k, k)}")).await;
    let_gateway_read(&mut served, &["configmaps"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let maps = format!("/api/v1/namespaces/{n}/configmaps");
    let view = served.namespaced("/shownmaps");
    let map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    until_read(&served, &view).await;

    let made = admin.post(&maps, &map("a")).await.expect(201);
    // What its source has told of is there, or is waited for.
    let shown = admin.get(&format!("{view}?resourceVersion={}", revision(&made))).await.expect(200);
    assert!(revision(&shown) >= revision(&made), "{shown}");
    assert_eq!(revision(&shown["items"][0]), revision(&made));
    // A watch goes on from what was seen of the source.
    let changed = admin.patch(&format!("{maps}/a"), &json!({"data": {"k": "v"}})).await.expect(200);
    let unseen = admin.patch(&format!("{maps}/a"), &json!({"data": {"k": "w"}})).await.expect(200);
    let gone = admin.delete(&format!("{maps}/a")).await.expect(200);
    let other = admin.post(&maps, &map("b")).await.expect(201);
    admin.get(&format!("{view}?resourceVersion={}", revision(&other))).await.expect(200);
    let path = format!("{view}?watch=true&timeoutSeconds=1&resourceVersion={}", revision(&made));
    let told = events(&admin.get(&path).await.text());
    assert_eq!(told[0], ("MODIFIED".to_owned(), "a".to_owned(), revision(&changed)));
    assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("DELETED", "a"));
    assert!(told[1].2 > revision(&unseen), "{gone}: {told:?}");
    assert_eq!(told[2..], [("ADDED".to_owned(), "b".to_owned(), revision(&other))]);

    let metrics = served.straight().get("/metrics").await.text();
    let lag = format!("tributary_view_lag_seconds{{group=\"{}\",resource=\"shownmaps\"}} 0.", served.group);
    assert!(metrics.contains(&lag), "{metrics}");

    // What is still to come is waited for, but not without end.
    let late = admin.get(&format!("{view}?resourceVersion={}", u64::from(u32::MAX))).await;
    let status = late.json();
    assert_eq!((late.code(), &status["reason"]), (504, &json!("Timeout")), "{status}");
    assert_eq!(status["details"]["causes"][0]["reason"], "ResourceVersionTooLarge", "{status}");
}

#[tokio::test]
async fn another_definition_has_newer_revisions() {
    let mut served = Served::start("redefined", spec("${object.?data.orValue({}).map(k, k)}")).await;
    let_gateway_read(&mut served, &["configmaps"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}});
    let made = admin.post(&format!("/api/v1/namespaces/{n}/configmaps"), &map).await.expect(201);
    let view = served.namespaced("/shownmaps");
    let shows = async |keys: Value| {
        until("the view shows the keys", 3 * QUICK, async || {
            let answer = admin.get(&view).await;
            let list = if answer.code() == 200 { answer.json() } else { Value::Null };
            let shown = &list["items"][0]["spec"]["keys"];
            if *shown == keys { Ok(list) } else { Err(answer.text()) }
        })
        .await
    };
    let before = shows(json!(["k"])).await;
    let other =
        json!({"spec": {"resources": spec("${object.?data.orValue({}).map(k, k + '!')}")["resources"]}});
    admin.patch(&served.definition(), &other).await.expect(200);
    let after = shows(json!(["k!"])).await;
    assert!(revision(&after) > revision(&before));
    assert!(revision(&after) < 1_000_000_000_000, "those of the source: {after}");
    assert_eq!(revision(&after["items"][0]), revision(&made));
    let watch = |revision: u64| format!("{view}?watch=true&timeoutSeconds=1&resourceVersion={revision}");
    let stale = admin.get(&watch(revision(&before))).await.text();
    assert!(stale.contains("\"code\":410"), "what was seen before is not gone on from: {stale}");
    assert_eq!(admin.get(&watch(revision(&after))).await.text(), "");
}
