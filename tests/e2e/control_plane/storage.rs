//! Stored objects in the database file: what was acknowledged outlives the process.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Ledger, QUICK, Served, Watching, agree, until};
use crate::tasks;

const KILLS: u32 = 8;

fn embedded(mut spec: Value) -> Value {
    spec["gateway"]["storage"] = json!({"embedded": {"size": "1Gi"}});
    spec
}

#[tokio::test]
async fn what_was_acknowledged_outlives_kills() {
    let mut served = Served::start("lasting", embedded(tasks::spec())).await;
    let (path, version) = (served.namespaced("/customtasks"), format!("{}/v1", served.group));
    let ledger = Ledger::new(&served.cluster.admin, &path, &version, "CustomTask");
    let gateway = &mut served.gateway;
    let acknowledged = agree(&ledger, 4, 2, async {
        for _ in 0..KILLS {
            tokio::time::sleep(Duration::from_millis(700)).await;
            gateway.restart().await;
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    })
    .await;
    assert!(acknowledged > 100, "{acknowledged} writes only");
}

#[tokio::test]
async fn objects_and_versions_outlive_a_restart() {
    let mut served = Served::start("kept", embedded(tasks::spec())).await;
    let admin = served.cluster.admin.clone();
    let one = served.namespaced("/customtasks/one");
    admin.post(&served.namespaced("/customtasks"), &tasks::task(&served.group, "one")).await.expect(201);
    admin.post(&served.path("/clustertasks"), &tasks::cluster_task(&served.group, "wide")).await.expect(201);
    admin.patch(&one, &json!({"spec": {"color": "red"}})).await.expect(200);
    let (task, list) = (admin.get(&one).await.json(), admin.get(&served.path("/customtasks")).await.json());
    let wide = format!("get customtasks.{} -n {} -o wide", served.group, served.namespace);
    let columns = |text: String| text.split_whitespace().take(9).map(str::to_owned).collect::<Vec<_>>();
    let table = columns(served.kubectl.says(&wide).await);

    served.gateway.restart().await;
    assert_eq!(admin.get(&one).await.json(), task);
    let after = admin.get(&served.path("/customtasks")).await.json();
    assert_eq!(after["items"], list["items"]);
    assert!(after["metadata"]["resourceVersion"].as_str() >= list["metadata"]["resourceVersion"].as_str());
    assert_eq!(admin.get(&served.path("/clustertasks/wide")).await.code(), 200);
    let printed = served
        .kubectl
        .says(&format!("get customtasks.{} -n {} -o wide", served.group, served.namespace))
        .await;
    assert_eq!(columns(printed), table);

    // A definition that knows less, and then all again, also through a restart: nothing is lost.
    let definition = served.definition();
    let change = async |spec: &Value| {
        let patch = json!({"spec": {"resources": spec["resources"]}});
        admin.patch(&definition, &patch).await.expect(200);
    };
    let mut less = tasks::spec();
    less["resources"][0]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
        .as_object_mut()
        .unwrap()
        .remove("color");
    change(&less).await;
    until("the color is not known", QUICK, async || {
        let found = admin.get(&one).await.json();
        if found["spec"]["color"].is_null() { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
    served.gateway.restart().await;
    assert_eq!(admin.get(&one).await.json()["spec"].get("color"), None);
    change(&tasks::spec()).await;
    until("the color is known again", QUICK, async || {
        let found = admin.get(&one).await.json();
        if found == task { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn objects_go_after_their_time() {
    let mut spec = embedded(tasks::spec());
    spec["resources"][0]["source"] = json!({"stored": {"ttl": "3s"}});
    let mut served = Served::start("brief", spec).await;
    let admin = served.cluster.admin.clone();
    let path = served.namespaced("/customtasks");
    let created = admin.post(&path, &tasks::task(&served.group, "one")).await.expect(201);
    admin.post(&served.path("/clustertasks"), &tasks::cluster_task(&served.group, "stays")).await.expect(201);
    let from = created["metadata"]["resourceVersion"].as_str().unwrap();
    let watch = format!("{path}?watch=true&resourceVersion={from}");
    // Its time goes on while no gateway runs.
    served.gateway.restart().await;
    let mut watching = Watching::alone(&admin, &watch).await;
    let event: Value = serde_json::from_slice(&watching.line().await.unwrap()).unwrap();
    assert_eq!((&event["type"], &event["object"]["metadata"]["name"]), (&json!("DELETED"), &json!("one")));
    assert_eq!(admin.get(&format!("{path}/one")).await.code(), 404);
    assert_eq!(admin.get(&served.path("/clustertasks/stays")).await.code(), 200);
}

#[tokio::test]
async fn backups_of_a_gateway_that_runs() {
    let mut served = Served::start("backed-up", embedded(tasks::spec())).await;
    let admin = served.cluster.admin.clone();
    let (tasks_path, one) = (served.namespaced("/customtasks"), served.namespaced("/customtasks/one"));
    for name in ["one", "two", "three"] {
        admin.post(&tasks_path, &tasks::task(&served.group, name)).await.expect(201);
    }
    admin.post(&served.path("/clustertasks"), &tasks::cluster_task(&served.group, "wide")).await.expect(201);
    let before = admin.get(&served.path("/customtasks")).await.json();
    let backup = served.gateway.run(&["backup"], b"").await.unwrap();
    assert_eq!(backup.iter().filter(|byte| **byte == b'\n').count(), 6);

    // What was done since is undone, and whoever has seen it begins anew.
    admin.patch(&one, &json!({"spec": {"color": "red"}})).await.expect(200);
    admin.delete(&served.namespaced("/customtasks/two")).await.expect(200);
    let four = admin.post(&tasks_path, &tasks::task(&served.group, "four")).await.expect(201);
    let seen = four["metadata"]["resourceVersion"].as_str().unwrap();
    let watch = format!("{tasks_path}?watch=true&resourceVersion={seen}");
    let mut watching = Watching::alone(&admin, &watch).await;
    served.gateway.run(&["restore"], &backup).await.unwrap();
    let event: Value = serde_json::from_slice(&watching.line().await.unwrap()).unwrap();
    assert_eq!((&event["type"], &event["object"]["code"]), (&json!("ERROR"), &json!(410)), "{event}");
    assert_eq!(watching.line().await, None);
    let stale = admin.get(&watch).await;
    assert!(stale.code() == 410 || stale.text().contains("\"code\":410"), "{}", stale.text());
    let after = admin.get(&served.path("/customtasks")).await.json();
    assert_eq!(after["items"], before["items"]);
    let revision =
        |list: &Value| list["metadata"]["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(revision(&after) > seen.parse::<u64>().unwrap());
    assert_eq!(admin.get(&served.path("/clustertasks/wide")).await.code(), 200);
    served.gateway.restart().await;
    assert_eq!(admin.get(&served.path("/customtasks")).await.json()["items"], before["items"]);

    // What is no whole backup changes nothing.
    let refused = served.gateway.run(&["restore"], &backup[..backup.len() / 2]).await.unwrap_err();
    assert!(refused.contains("is cut short"), "{refused}");
    let other = String::from_utf8(backup).unwrap().replace("backed-up", "another");
    let refused = served.gateway.run(&["restore"], other.as_bytes()).await.unwrap_err();
    assert!(refused.contains("the backup was changed"), "{refused}");
    assert_eq!(admin.get(&served.path("/customtasks")).await.json()["items"], before["items"]);
    let nowhere = served.gateway.run(&["backup", "--data", "/nonexistent/data.redb"], b"").await.unwrap_err();
    assert!(nowhere.contains("no gateway runs with the database file /nonexistent/data.redb"), "{nowhere}");
}
