//! Objects are joined, and follow what they are made of.

use http::Method;
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
}

#[tokio::test]
async fn a_view_can_only_be_read() {
    let mut served = Served::start("readonly", spec("Gateway")).await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/combinedmaps");
    until_read(&served, &view).await;
    let discovered = admin.get(&served.path("")).await.json();
    assert_eq!(discovered["resources"][0]["name"], "combinedmaps", "{discovered}");
    assert_eq!(discovered["resources"][0]["verbs"], json!(["get", "list", "watch"]));
    assert_eq!(discovered["resources"].as_array().unwrap().len(), 1, "no subresource: {discovered}");

    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    admin.post(&format!("/api/v1/namespaces/{n}/configmaps"), &map).await.expect(201);
    until("it is shown", QUICK, async || {
        let answer = admin.get(&format!("{view}/a")).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let object = admin.get(&format!("{view}/a")).await.text();
    let named = format!("{view}/a");
    for (method, path) in [
        (Method::POST, &view),
        (Method::POST, &named),
        (Method::PUT, &named),
        (Method::PATCH, &named),
        (Method::DELETE, &named),
        (Method::DELETE, &view),
    ] {
        let answer = admin.send(method.clone(), path, object.clone()).await;
        assert_eq!(
            (answer.code(), &answer.json()["reason"]),
            (405, &json!("MethodNotAllowed")),
            "{method} {path}"
        );
    }
    assert_eq!(admin.get(&named).await.text(), object);
}

#[tokio::test]
async fn a_view_is_paged_and_watched_as_any_resource() {
    let mut served = Served::start("paged", spec("Gateway")).await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/combinedmaps");
    until_read(&served, &view).await;
    for name in ["a", "b", "c"] {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
        admin.post(&format!("/api/v1/namespaces/{n}/configmaps"), &map).await.expect(201);
    }
    let names = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    until("all are shown", QUICK, async || {
        let found = names(&admin.get(&view).await.json());
        if found == ["a", "b", "c"] { Ok(()) } else { Err(found.join(" ")) }
    })
    .await;
    let first = admin.get(&format!("{view}?limit=2")).await.json();
    assert_eq!(
        (names(&first), &first["metadata"]["remainingItemCount"]),
        (vec!["a".into(), "b".into()], &json!(1))
    );
    admin.delete(&format!("/api/v1/namespaces/{n}/configmaps/c")).await.expect(200);
    until("it is shown no more", QUICK, async || {
        let found = names(&admin.get(&view).await.json());
        if found == ["a", "b"] { Ok(()) } else { Err(found.join(" ")) }
    })
    .await;
    let next = first["metadata"]["continue"].as_str().unwrap();
    let rest = admin.get(&format!("{view}?limit=2&continue={next}")).await.json();
    assert_eq!(
        (names(&rest), &rest["metadata"]["resourceVersion"]),
        (vec!["c".into()], &first["metadata"]["resourceVersion"])
    );

    let streamed =
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1";
    let told = admin.get(&format!("{view}?watch=true&{streamed}")).await.text();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[..3], ["ADDED", "ADDED", "BOOKMARK"], "{told:?}");
    assert_eq!(told[2]["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
    let partial =
        admin.clone().header("Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
    let partial = partial.get(&view).await.json();
    assert_eq!(
        (&partial["kind"], names(&partial)),
        (&json!("PartialObjectMetadataList"), vec!["a".into(), "b".into()])
    );
    assert_eq!(partial["items"][0]["spec"], Value::Null);
}
