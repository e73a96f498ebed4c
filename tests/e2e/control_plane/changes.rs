//! A definition that changes while it is served.

use serde_json::{Value, json};

use crate::harness::{QUICK, Served, until};
use crate::tasks;

#[tokio::test]
async fn definitions_change_live() {
    let served = Served::start("changing", tasks::spec()).await;
    let admin = &served.cluster.admin;
    let change = async |spec: &Value| {
        // Null is how a merge patch removes; lists are replaced.
        let patch = json!({"spec": {"resources": spec["resources"], "endpoints": spec["endpoints"]}});
        admin.patch(&served.definition(), &patch).await
    };
    let code = async |path: &str| admin.get(&served.path(path)).await.code();
    let until_code = async |path: &str, wanted: u16| {
        until(&format!("{path} answers {wanted}"), QUICK, async || {
            let found = code(path).await;
            if found == wanted { Ok(()) } else { Err(found.to_string()) }
        })
        .await;
    };
    admin.post(&served.path("/clustertasks"), &tasks::cluster_task(&served.group, "a")).await.expect(201);

    // A resource more, and a column.
    let mut spec = tasks::spec();
    let mut notes = spec["resources"][1].clone();
    notes["name"] = json!("notes");
    notes["kind"] = json!("Note");
    spec["resources"].as_array_mut().unwrap().push(notes);
    spec["resources"][1]["versions"][0]["additionalPrinterColumns"] =
        json!([{"name": "Title", "type": "string", "jsonPath": ".spec.title"}]);
    change(&spec).await.expect(200);
    until_code("/notes", 200).await;
    let printed = served.kubectl.says(&format!("get clustertasks.{} --no-headers", served.group)).await;
    assert_eq!(printed.split_whitespace().collect::<Vec<_>>(), ["a", "anything"]);

    // One that the gateway cannot serve keeps the last.
    let mut invalid = spec.clone();
    invalid["resources"][1]["versions"][0]["schema"] = json!({"openAPIV3Schema": {"type": "strange"}});
    invalid["endpoints"] = json!([]);
    change(&invalid).await.expect(200);
    until("the gateway refuses it", QUICK, async || {
        let log = served.gateway.log();
        if log.contains("does not compile") { Ok(()) } else { Err("not in the log".to_owned()) }
    })
    .await;
    assert_eq!(code("/foo").await, 200);
    assert_eq!(code("/clustertasks/a").await, 200);

    // What is taken away comes back with its objects.
    let mut without = spec.clone();
    without["resources"].as_array_mut().unwrap().remove(1);
    change(&without).await.expect(200);
    until_code("/clustertasks/a", 404).await;
    change(&spec).await.expect(200);
    until_code("/clustertasks/a", 200).await;
}

#[tokio::test]
async fn discovery_follows() {
    let served = Served::start("following", tasks::spec()).await;
    let mut spec = tasks::spec();
    spec["resources"][1]["shortNames"] = json!(["clt"]);
    let patch = json!({"spec": {"resources": spec["resources"]}});
    let began = std::time::Instant::now();
    served.cluster.admin.patch(&served.definition(), &patch).await.expect(200);
    until("the gateway's discovery follows", QUICK, async || {
        let answer = served.cluster.admin.get(&served.path("")).await.json();
        if answer.to_string().contains("clt") { Ok(()) } else { Err(answer.to_string()) }
    })
    .await;
    println!("discovery of a version follows a change after {:.1} s", began.elapsed().as_secs_f64());
    // What the operator does when every gateway has the new definition.
    let registration = format!("/apis/apiregistration.k8s.io/v1/apiservices/v1.{}", served.group);
    let annotation = json!({"metadata": {"annotations": {"tributary.dev/definition-hash": "new"}}});
    served.cluster.admin.patch(&registration, &annotation).await.expect(200);
    served.until_discovered(|version| version.to_string().contains("clt")).await;
    println!("aggregated discovery follows after {:.1} s", began.elapsed().as_secs_f64());
}
