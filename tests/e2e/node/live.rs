//! A definition that changes: how soon kubectl sees it, and what of the group notices.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, Streams, operator, until};
use crate::tasks;

/// Within which a change is seen by everybody (docs: a change is live within 10 s), on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(15);

/// The example's resources, and `more`.
fn resources(more: &[Value]) -> Value {
    let mut resources = tasks::spec()["resources"].take();
    resources.as_array_mut().unwrap().extend_from_slice(more);
    resources
}

fn notes() -> Value {
    json!({"name": "notes", "kind": "Note", "scope": "Namespaced", "versions": [{"name": "v1"}],
        "source": {"stored": {}}})
}

/// What kubectl finds without a cache; empty if nothing.
async fn discovered(declared: &Declared) -> String {
    declared
        .kubectl
        .says(&format!("api-resources --api-group={} --cached=false -o name", declared.group))
        .await
}

async fn until_discovered(declared: &Declared, what: &str, wanted: impl Fn(&str) -> bool) {
    let began = Instant::now();
    until(what, SOON, async || {
        let found = discovered(declared).await;
        if wanted(&found) { Ok(()) } else { Err(found) }
    })
    .await;
    println!("{what} after {:.1} s", began.elapsed().as_secs_f64());
}

#[tokio::test]
async fn a_change_is_found_soon_and_ends_no_other_watch() {
    let _operator = operator().await;
    let declared = Declared::apply("live", tasks::spec()).await;
    declared.until_ready().await;
    let pod = declared.pod().await["metadata"]["name"].take();
    let streams = Streams::open(&declared.cluster.admin).await;
    let path = format!("/apis/{}/v1/namespaces/{SYSTEM}/customtasks", declared.group);
    let mut tasks_watch = streams.watch(&format!("{path}?watch=1")).await;
    let mut cluster_watch = streams.watch(&format!("/apis/{}/v1/clustertasks?watch=1", declared.group)).await;

    declared.patch(&json!({"resources": resources(&[notes()])})).await.expect(200);
    let name = format!("notes.{}", declared.group);
    until_discovered(&declared, "kubectl finds a resource more", |found| found.contains(&name)).await;
    let note = json!({"apiVersion": format!("{}/v1", declared.group), "kind": "Note",
        "metadata": {"name": "a", "namespace": SYSTEM}});
    declared.kubectl.run_with(&note.to_string(), "create -f -").await.success();

    // Another column ends the watches of the resource that has it.
    let mut changed = resources(&[notes()]);
    changed[1]["versions"][0]["additionalPrinterColumns"] =
        json!([{"name": "Title", "type": "string", "jsonPath": ".spec.title"}]);
    declared.patch(&json!({"resources": changed})).await.expect(200);
    let ended = tokio::time::timeout(SOON, cluster_watch.line()).await;
    assert!(ended.expect("the watch ends").is_none());

    declared.patch(&json!({"resources": resources(&[])})).await.expect(200);
    until_discovered(&declared, "kubectl finds it no more", |found| !found.contains(&name)).await;
    declared.patch(&json!({"resources": resources(&[notes()])})).await.expect(200);
    until_discovered(&declared, "kubectl finds it again", |found| found.contains(&name)).await;
    let found = declared.kubectl.says(&format!("get {name} a -n {SYSTEM} -o name")).await;
    assert_eq!(found.trim(), format!("note.{}/a", declared.group), "with its objects");

    // None of it has touched the watch of the first resource, nor the Pod.
    declared.cluster.admin.post(&path, &tasks::task(&declared.group, "b")).await.expect(201);
    let event = tokio::time::timeout(ROLLOUT, tasks_watch.line()).await.expect("an event").expect("a watch");
    let event: Value = serde_json::from_slice(&event).unwrap();
    assert_eq!((&event["type"], &event["object"]["metadata"]["name"]), (&json!("ADDED"), &json!("b")));
    declared.until_ready().await;
    assert_eq!(declared.pod().await["metadata"]["name"], pod);

    // What was refused for a moment is served as another generation.
    let columns = json!([{"name": "Title", "type": "string", "jsonPath": "title["}]);
    let mut wrong = resources(&[notes()]);
    wrong[1]["versions"][0]["additionalPrinterColumns"] = columns;
    declared.patch(&json!({"resources": wrong})).await.expect(200);
    declared.until("Accepted", "False", "DefinitionRejected").await;
    declared.patch(&json!({"resources": resources(&[notes()])})).await.expect(200);
    let generation = declared.get().await["metadata"]["generation"].to_string();
    until("the APIService tells the generation", SOON, async || {
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/v1.{}", declared.group);
        let mut service = declared.cluster.admin.get(&path).await.json();
        let told = service["metadata"]["annotations"]["tributary.dev/definition-generation"].take();
        if told == generation { Ok(()) } else { Err(told.to_string()) }
    })
    .await;
}
