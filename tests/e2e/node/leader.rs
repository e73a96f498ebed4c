//! Two operators, of which one works.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator_alone, until};
use crate::tasks;

/// Within which another operator works when the one that did is gone without a word.
const TAKEOVER: Duration = Duration::from_secs(20);

/// Who holds the Lease: Pod, `_`, and what tells processes apart; none if it was given back.
async fn holder(declared: &Declared) -> Option<String> {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{SYSTEM}/leases/tributary-operator");
    let lease = declared.cluster.admin.get(&path).await.json();
    lease["spec"]["holderIdentity"].as_str().map(str::to_owned)
}

/// Its Pod.
fn pod_of(holder: &str) -> &str {
    holder.split_once('_').expect("a Pod and a process").0
}

/// The process of an operator's Pod on this machine.
fn process_of(pod: &str) -> String {
    let name = format!("POD_NAME={pod}");
    let is_its = |process: &std::path::Path| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == name.as_bytes())
    };
    let mut processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let found = processes.find(|process| is_its(process)).expect("the operator's process");
    found.file_name().unwrap().to_str().unwrap().to_owned()
}

async fn pods(declared: &Declared) -> Vec<Value> {
    let path = format!(
        "/api/v1/namespaces/{SYSTEM}/pods?labelSelector=app.kubernetes.io/component=operator&fieldSelector=status.phase=Running"
    );
    let pods = declared.cluster.admin.get(&path).await.json()["items"].take();
    pods.as_array()
        .unwrap()
        .iter()
        .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
        .cloned()
        .collect()
}

/// Waits for another process than `before` to hold the Lease.
async fn until_followed(declared: &Declared, before: &str) -> Duration {
    let began = Instant::now();
    until("another operator works", ROLLOUT, async || match holder(declared).await {
        Some(now) if now != before => Ok(()),
        found => Err(format!("{found:?}")),
    })
    .await;
    began.elapsed()
}

#[tokio::test]
async fn another_operator_follows() {
    let _operator = operator_alone().await;
    let mut declared = Declared::prepare("leader").await;
    until("two operators run", ROLLOUT, async || match pods(&declared).await.len() {
        2 => Ok(()),
        found => Err(found.to_string()),
    })
    .await;

    // Killed: the Lease is not given back.
    let killed = holder(&declared).await.expect("one holds the Lease");
    let kill = std::process::Command::new("kill").args(["-9", &process_of(pod_of(&killed))]).status();
    assert!(kill.unwrap().success());
    let took = until_followed(&declared, &killed).await;
    println!("followed {:.1} s after a kill", took.as_secs_f64());
    assert!(took < TAKEOVER, "{took:?}");
    declared.declare(tasks::spec()).await;
    declared.until_ready().await;

    // Told to end: it is given back.
    let ended = holder(&declared).await.expect("one holds the Lease");
    declared.kubectl.says(&format!("delete pod {} -n {SYSTEM} --wait=false", pod_of(&ended))).await;
    let took = until_followed(&declared, &ended).await;
    println!("followed {:.1} s after an orderly end", took.as_secs_f64());
    assert!(took < TAKEOVER / 2, "{took:?}");
    declared.until_ready().await;
}
