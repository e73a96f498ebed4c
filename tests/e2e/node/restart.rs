//! An operator that is away for a while.

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator_alone, until};
use crate::tasks;

/// Brings the operator back, also when the test fails.
struct Scaled<'a>(&'a Declared);

impl Drop for Scaled<'_> {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(&self.0.kubectl.program);
        command.env("KUBECONFIG", &self.0.kubectl.kubeconfig);
        command.args(["scale", "deployment/tributary-operator", "--namespace", SYSTEM, "--replicas=2"]);
        let _ = command.stdout(std::process::Stdio::null()).status();
    }
}

#[tokio::test]
async fn deletion_waits_for_the_operator() {
    let _operator = operator_alone().await;
    let declared = Declared::apply("restart", tasks::spec()).await;
    declared.until_ready().await;
    let scaled = Scaled(&declared);
    scale(&declared, 0).await;

    // Without it everything is served, also what is created now.
    let task = tasks::cluster_task(&declared.group, "a");
    let path = format!("/apis/{}/v1/clustertasks", declared.group);
    declared.cluster.admin.post(&path, &task).await.expect(201);
    declared.cluster.admin.delete(&declared.path()).await.expect(200);
    let api = declared.get().await;
    assert!(api["metadata"]["deletionTimestamp"].is_string(), "{api}");
    assert_ne!(api["metadata"]["finalizers"], Value::Null, "it is held until the APIServices are gone");
    assert_eq!(declared.served("/clustertasks/a").await.code(), 200);

    scale(&declared, 2).await;
    drop(scaled);
    until("nothing is left", ROLLOUT, async || {
        let (code, children) =
            (declared.cluster.admin.get(&declared.path()).await.code(), declared.children().await);
        if code == 404 && children.is_empty() {
            return Ok(());
        }
        let log =
            declared.kubectl.run(&format!("logs -n {SYSTEM} deployment/tributary-operator --tail=20")).await;
        Err(format!("{code} {children:?}; the operator: {} {}", log.stdout, log.stderr))
    })
    .await;
}

async fn scale(declared: &Declared, replicas: u32) {
    let path = format!("/apis/apps/v1/namespaces/{SYSTEM}/deployments/tributary-operator");
    declared.cluster.admin.patch(&path, &json!({"spec": {"replicas": replicas}})).await.expect(200);
    until(&format!("the operator has {replicas} Pods"), ROLLOUT, async || {
        let status = declared.cluster.admin.get(&path).await.json()["status"].take();
        let pods = ["replicas", "readyReplicas"].map(|field| status[field].as_u64().unwrap_or(0));
        if pods == [u64::from(replicas); 2] { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
}
