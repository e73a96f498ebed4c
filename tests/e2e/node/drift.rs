//! Children that somebody changes or deletes become again what they are to be.

use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator, until};
use crate::tasks;

#[tokio::test]
async fn changes_are_undone() {
    let _operator = operator().await;
    let declared = Declared::apply("drift", tasks::spec()).await;
    declared.until_ready().await;
    let (name, group) = (declared.child(), declared.group.clone());
    let system =
        |kind: &str, name: &str| format!("/{kind}/{name}").replace("NS", &format!("namespaces/{SYSTEM}"));
    let rbac = "apis/rbac.authorization.k8s.io/v1";
    for (path, change, pointer) in [
        (
            system("api/v1/NS/services", &name),
            json!({"spec": {"ports": [{"name": "https", "port": 443, "targetPort": 1}]}}),
            "/spec/ports/0/targetPort",
        ),
        (system("apis/apps/v1/NS/deployments", &name), json!({"spec": {"replicas": 0}}), "/spec/replicas"),
        (system(&format!("{rbac}/clusterroles"), &name), json!({"rules": []}), "/rules"),
        (system(&format!("{rbac}/NS/roles"), &name), json!({"rules": []}), "/rules"),
        (system(&format!("{rbac}/clusterrolebindings"), &name), json!({"subjects": []}), "/subjects"),
        (system(&format!("{rbac}/NS/rolebindings"), &name), json!({"subjects": []}), "/subjects"),
        (
            system("apis/apiregistration.k8s.io/v1/apiservices", &format!("v1.{group}")),
            json!({"spec": {"groupPriorityMinimum": 7}}),
            "/spec/groupPriorityMinimum",
        ),
        (
            system("api/v1/NS/serviceaccounts", &name),
            json!({"metadata": {"labels": {"tributary.dev/group": null}}}),
            "/metadata/labels/tributary.dev~1group",
        ),
    ] {
        let admin = &declared.cluster.admin;
        let wanted = admin.get(&path).await.expect(200).pointer(pointer).cloned();
        let patched = admin.patch(&path, &change).await.expect(200).pointer(pointer).cloned();
        assert_ne!(patched, wanted, "{path}: the change changes something");
        until(&format!("{path} is repaired"), ROLLOUT, async || {
            let found = admin.get(&path).await.json().pointer(pointer).cloned();
            if found == wanted { Ok(()) } else { Err(format!("{found:?}, not {wanted:?}")) }
        })
        .await;
    }
    declared.until_ready().await;
}

#[tokio::test]
async fn deleted_children_come_back() {
    let _operator = operator().await;
    let declared = Declared::apply("deleted", tasks::spec()).await;
    declared.until_ready().await;
    let before = stable(&declared).await;
    for child in &before {
        let began = Instant::now();
        let uid = uid(&declared, child).await;
        declared.kubectl.says(&format!("delete {child} -n {SYSTEM} --wait=false")).await;
        until(&format!("{child} is there again"), ROLLOUT, async || {
            let found = self::uid(&declared, child).await;
            if found.is_empty() || found == uid { Err(found) } else { Ok(()) }
        })
        .await;
        until_served(&declared).await;
        println!("{child}: served again {:.1} s after its deletion", began.elapsed().as_secs_f64());
    }
    declared.until_ready().await;
    assert_eq!(stable(&declared).await, before);
}

#[tokio::test]
async fn deleted_certificates_heal() {
    let _operator = operator().await;
    let declared = Declared::apply("secrets", tasks::spec()).await;
    declared.until_ready().await;
    let bundle = async || {
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/v1.{}", declared.group);
        declared.cluster.admin.get(&path).await.json()["spec"]["caBundle"].take()
    };
    let before = bundle().await;
    let name = declared.child();
    declared.kubectl.says(&format!("delete secret {name}-ca {name}-tls -n {SYSTEM}")).await;
    let began = Instant::now();
    until("there is a new CA", ROLLOUT, async || {
        let now = bundle().await;
        if now == before || now.is_null() { Err("the old one".to_owned()) } else { Ok(()) }
    })
    .await;
    until_served(&declared).await;
    println!(
        "new CA and certificate are served {:.1} s after the Secrets' deletion",
        began.elapsed().as_secs_f64()
    );
    declared.until_ready().await;
    let caller = declared.caller(None).await;
    assert_eq!(
        caller.get("/readyz").await.code(),
        200,
        "the gateway's certificate verifies under the new CA"
    );
}

#[tokio::test]
async fn a_deleted_pod_comes_back() {
    let _operator = operator().await;
    let declared = Declared::apply("pod", tasks::spec()).await;
    declared.until_ready().await;
    let pod = declared.pod().await["metadata"]["name"].as_str().unwrap().to_owned();
    let began = Instant::now();
    declared.kubectl.says(&format!("delete pod {pod} -n {SYSTEM} --wait=false")).await;
    until("another Pod is ready", ROLLOUT, async || {
        let now = declared.pod().await["metadata"]["name"].take();
        if now == pod.as_str() { Err(pod.clone()) } else { Ok(()) }
    })
    .await;
    until_served(&declared).await;
    println!("served again {:.1} s after the Pod's deletion", began.elapsed().as_secs_f64());
    declared.until_ready().await;
}

/// The children that are there as long as the group is.
async fn stable(declared: &Declared) -> Vec<String> {
    declared.children().await.into_iter().filter(|child| !child.starts_with("pod/")).collect()
}

/// Empty if there is no such object.
async fn uid(declared: &Declared, child: &str) -> String {
    declared
        .kubectl
        .says(&format!("get {child} -n {SYSTEM} --ignore-not-found -o jsonpath={{.metadata.uid}}"))
        .await
}

async fn until_served(declared: &Declared) {
    until("the group is served", ROLLOUT, async || {
        let answer = declared.served("/customtasks").await;
        let is_list = answer.json()["items"] == Value::Array(Vec::new());
        if answer.code() == 200 && is_list { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}
