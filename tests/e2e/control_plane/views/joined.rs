//! Objects are joined, and follow what they are made of.

use serde_json::{Value, json};

use super::{event, let_gateway_read, spec, until_read};
use crate::harness::{QUICK, Served, until, words};

#[tokio::test]
async fn objects_are_joined_and_follow_their_sources() {
    let mut served = Served::start("joined", spec("Gateway")).await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/combinedmaps");
    let maps = format!("/api/v1/namespaces/{n}/configmaps");
    until_read(&served, &view).await;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"l": "x"}}, "data": {"k": "v", "w": "v"}});
    let map = admin.post(&maps, &map).await.expect(201);
    let events = format!("/api/v1/namespaces/{n}/events");
    for (name, reason) in [("b", "Second"), ("a", "First")] {
        admin.post(&events, &event(&n, &map, name, reason)).await.expect(201);
    }
    let shown = async |reasons: Value| {
        until(&format!("{reasons} are joined"), QUICK, async || {
            let object = admin.get(&format!("{view}/a")).await.json();
            if object["reasons"] == reasons { Ok(object) } else { Err(object.to_string()) }
        })
        .await
    };
    let object = shown(json!(["First", "Second"])).await;
    assert_eq!(object["spec"], json!({"size": 2}));
    assert_eq!(object["title"], "map a");
    assert_eq!(object["metadata"]["labels"], json!({"l": "x"}));
    assert_ne!(object["metadata"]["uid"], map["metadata"]["uid"]);
    assert_eq!(admin.get(&format!("{view}?labelSelector=l%3Dx")).await.json()["items"][0]["title"], "map a");
    let table = served.kubectl.says(&format!("get combinedmaps.{} -n {n}", served.group)).await;
    let lines: Vec<_> = table.lines().map(words).collect();
    assert_eq!(lines, ["NAME SIZE REASONS LAST", "a 2 [\"First\",\"Second\"] Second"]);

    let watched = format!(
        "{view}?watch=true&timeoutSeconds=3&resourceVersion={}",
        object["metadata"]["resourceVersion"].as_str().unwrap()
    );
    admin.delete(&format!("{events}/a")).await.expect(200);
    shown(json!(["Second"])).await;
    admin.delete(&format!("{maps}/a")).await.expect(200);
    let told = admin.get(&watched).await.text();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> =
        told.iter().map(|event| (event["type"].as_str().unwrap(), &event["object"]["reasons"])).collect();
    assert_eq!(kinds, [("MODIFIED", &json!(["Second"])), ("DELETED", &json!(["Second"]))]);
    assert_eq!(admin.get(&format!("{view}/a")).await.code(), 404);
    for (path, code) in [(view.clone(), 405), (format!("{view}/a"), 405)] {
        let answer = admin.delete(&path).await;
        assert_eq!(answer.code(), code, "{}", answer.text());
    }
}
