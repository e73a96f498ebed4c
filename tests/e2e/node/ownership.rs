//! What belongs to somebody else is refused and left alone.

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator, until};
use crate::tasks;

#[tokio::test]
async fn a_group_of_a_custom_resource() {
    let _operator = operator().await;
    let mut declared = Declared::prepare("crd-owned").await;
    let group = declared.group.clone();
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {
            "group": group,
            "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
            "scope": "Cluster",
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    });
    declared.create(&definition).await;
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{group}");
    check_refused(&mut declared, &path, "GroupTaken", &format!("things.{group}")).await;
    until("the custom resource is served as before", ROLLOUT, async || {
        let answer = declared.served("/things").await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

#[tokio::test]
async fn a_group_of_a_foreign_api_service() {
    let _operator = operator().await;
    let mut declared = Declared::prepare("foreign").await;
    let group = declared.group.clone();
    let registration = json!({
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": format!("v2.{group}")},
        "spec": {"group": group, "version": "v2", "groupPriorityMinimum": 100, "versionPriority": 10,
            "insecureSkipTLSVerify": true, "service": {"name": "foreign", "namespace": "default"}},
    });
    declared.create(&registration).await;
    let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/v2.{group}");
    check_refused(&mut declared, &path, "GroupTaken", &format!("v2.{group}")).await;
}

#[tokio::test]
async fn a_name_of_a_child() {
    let _operator = operator().await;
    let mut declared = Declared::prepare("name-taken").await;
    let name = declared.child();
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": SYSTEM},
        "spec": {"ports": [{"port": 1}]}});
    declared.create(&service).await;
    let path = format!("/api/v1/namespaces/{SYSTEM}/services/{name}");
    check_refused(&mut declared, &path, "NameTaken", &name).await;
    // As soon as the name is free the group comes up by itself.
    declared.cluster.admin.delete(&path).await.expect(200);
    declared.until_ready().await;
}

/// The declaration is refused for `reason` with a message that has `named`; there are no children, and the object at
/// `path` is what it was.
async fn check_refused(declared: &mut Declared, path: &str, reason: &str, named: &str) {
    let before = settled(declared.cluster.admin.get(path).await.expect(200));
    declared.declare(tasks::spec()).await;
    let condition = declared.until("Accepted", "False", reason).await;
    assert!(condition["message"].as_str().unwrap().contains(named), "{condition}");
    declared.until("Ready", "False", reason).await;
    assert_eq!(declared.children().await, Vec::<String>::new());
    let printed = declared.kubectl.says(&format!("get aapi {} -o wide --no-headers", declared.group)).await;
    assert!(printed.contains(named), "{printed}");
    assert_eq!(settled(declared.cluster.admin.get(path).await.expect(200)), before);
}

/// An object without what its own controllers write.
fn settled(mut object: Value) -> Value {
    let fields = object.as_object_mut().unwrap();
    fields.remove("status");
    let metadata = fields["metadata"].as_object_mut().unwrap();
    metadata.remove("resourceVersion");
    metadata.remove("managedFields");
    object
}
