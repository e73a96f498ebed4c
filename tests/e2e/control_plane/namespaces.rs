//! The cluster around a group: kube-controller-manager's namespace controller works through the gateway.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Served, unique, until};
use crate::tasks;

/// The controller learns of a new group by discovery when it works; retries back off from 5 s.
const DELETION: Duration = Duration::from_secs(45);

/// The quota controller looks for new groups every 30 s, and then opens a watch on each resource.
const COUNTED: Duration = Duration::from_secs(120);

#[tokio::test]
async fn quota_counts_objects() {
    let mut served = Served::start("counted", tasks::spec()).await;
    let admin = served.cluster.admin.clone();
    let tasks_path = served.namespaced("/customtasks");
    for name in ["a", "b", "c"] {
        admin.post(&tasks_path, &tasks::task(&served.group, name)).await.expect(201);
    }
    let counted = format!("count/customtasks.{}", served.group);
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "tasks", "namespace": served.namespace}, "spec": {"hard": {counted.clone(): "10"}}});
    served.create(&[quota]).await;
    let path = format!("/api/v1/namespaces/{}/resourcequotas/tasks", served.namespace);
    let used = async |number: &str| {
        let quota = admin.get(&path).await.json();
        if quota["status"]["used"][&counted] == number { Ok(()) } else { Err(quota["status"].to_string()) }
    };
    let mut most = 10;
    until("3 objects are counted", COUNTED, async || {
        // A quota that was there before its resource is looked at again when it changes, or every five minutes.
        most += 1;
        admin.patch(&path, &json!({"spec": {"hard": {counted.clone(): most.to_string()}}})).await.expect(200);
        used("3").await
    })
    .await;
    // The controller's own watch tells it of what goes.
    admin.delete(&format!("{tasks_path}/a")).await.expect(200);
    until("2 objects are counted", COUNTED, async || used("2").await).await;
}

#[tokio::test]
async fn namespaces_go_with_their_objects() {
    let mut served = Served::start("going", tasks::spec()).await;
    let (full, empty) = (unique("full"), unique("empty"));
    let namespace = |name: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    served.create(&[namespace(&full), namespace(&empty)]).await;
    let admin = &served.cluster.admin;
    for number in 0..30 {
        let task = tasks::task(&served.group, &format!("t{number}"));
        admin.post(&served.path(&format!("/namespaces/{full}/customtasks")), &task).await.expect(201);
    }
    admin.post(&served.namespaced("/customtasks"), &tasks::task(&served.group, "kept")).await.expect(201);
    let began = Instant::now();
    for name in [&full, &empty] {
        admin.delete(&format!("/api/v1/namespaces/{name}")).await.expect(200);
    }
    for (what, name) in [("without objects", &empty), ("with 30 objects", &full)] {
        until("the namespace is gone", DELETION, async || {
            let answer = admin.get(&format!("/api/v1/namespaces/{name}")).await;
            if answer.code() == 404 { Ok(()) } else { Err(answer.json()["status"].to_string()) }
        })
        .await;
        println!("a namespace {what} is gone after {:.1} s", began.elapsed().as_secs_f64());
    }
    let left = admin.get(&served.path("/customtasks")).await.expect(200);
    let names: Vec<_> =
        left["items"].as_array().unwrap().iter().map(|task| &task["metadata"]["name"]).collect();
    assert_eq!(names, ["kept"]);
}
