//! Uninstalling: nothing of the operator may stay, or stop anything else.

use std::time::Instant;

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator_alone, until, workspace};
use crate::tasks;

const CRD: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/aggregatedapis.tributary.dev";

/// Installs the operator again, also when the test fails.
struct Installed<'a>(&'a Declared);

impl Drop for Installed<'_> {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(&self.0.kubectl.program);
        command.env("KUBECONFIG", &self.0.kubectl.kubeconfig).stdout(std::process::Stdio::null());
        command.args(["apply", "-k"]).arg(workspace().join("deploy"));
        let _ = command.status();
    }
}

#[tokio::test]
async fn nothing_is_left() {
    let _operator = operator_alone().await;
    let declared = Declared::apply("uninstall", tasks::spec()).await;
    declared.until_ready().await;
    let installed = Installed(&declared);
    let deploy = workspace().join("deploy");

    let began = Instant::now();
    // With a group that is served, and all at once.
    declared.kubectl.says(&format!("delete -k {} --timeout=60s", deploy.display())).await;
    println!("uninstalled after {:.1} s", began.elapsed().as_secs_f64());
    for path in [CRD, &format!("/api/v1/namespaces/{SYSTEM}")] {
        assert_eq!(declared.cluster.admin.get(path).await.code(), 404, "{path}");
    }
    until("the garbage collector has taken the rest", ROLLOUT, async || {
        let children = declared.children().await;
        if children.is_empty() { Ok(()) } else { Err(format!("{children:?}")) }
    })
    .await;

    drop(installed);
    declared
        .kubectl
        .says(&format!("rollout status deployment/tributary-operator -n {SYSTEM} --timeout=60s"))
        .await;
}
