//! Definitions that are wrong: where, and why.

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator, until};
use crate::tasks;

/// The example's spec with one thing changed.
fn changed(pointer: &str, value: Value) -> Value {
    let mut spec = tasks::spec();
    *spec.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    spec
}

#[tokio::test]
async fn bad_definitions_say_where_and_why() {
    let _operator = operator().await;
    let template = json!({"spec": "${objekt.spec.nodeName}"});
    let view = json!({"view": {"from": {"apiVersion": "v1", "resource": "pods"}, "template": template}});
    let proxy = json!({"version": "v1", "path": "foo", "proxy": {"upstream": "u"}});
    for (spec, expected) in [
        (changed("/resources/0/source", view), "spec.resources[0].source.view.template.spec: "),
        (changed("/endpoints/0", proxy), "spec.endpoints[0].proxy: "),
        (changed("/resources/1/name", json!("foo")), "spec.endpoints[0].path: "),
        (
            changed("/resources/0/versions/0/schema/openAPIV3Schema/properties/spec/type", json!("strange")),
            "spec.resources[0].versions[0].schema.openAPIV3Schema.properties[spec].type: ",
        ),
        (
            changed("/resources/0/versions/0/additionalPrinterColumns/0/jsonPath", json!(".spec[")),
            "spec.resources[0].versions[0].additionalPrinterColumns[0].jsonPath: ",
        ),
        (
            changed("/gateway", json!({"storage": {"etcd": {"endpoints": ["https://etcd:2379"]}}})),
            "spec.gateway.storage.etcd: ",
        ),
        (
            changed("/gateway", json!({"image": "evil.example/gateway", "storage": {"memory": {}}})),
            "spec.gateway.image: ",
        ),
    ] {
        let declared = Declared::apply("bad", spec).await;
        let condition = declared.until("Ready", "False", "DefinitionRejected").await;
        let message = condition["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}, not {expected}");
        let wide = declared.kubectl.says(&format!("get aapi {} -o wide --no-headers", declared.group)).await;
        assert!(wide.contains(expected), "{wide}");
        let described = declared.kubectl.says(&format!("describe aapi {}", declared.group)).await;
        assert!(described.contains(expected) && described.contains("DefinitionRejected"), "{described}");
        assert_eq!(declared.children().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_rejected_change_keeps_the_last_serving() {
    let _operator = operator().await;
    let declared = Declared::apply("rejected", tasks::spec()).await;
    declared.until_ready().await;
    let pod = declared.pod().await["metadata"]["name"].take();
    let bad = changed("/resources/0/versions/0/schema/openAPIV3Schema/type", json!("strange"));
    declared.patch(&json!({"resources": bad["resources"]})).await.expect(200);
    declared.until("Ready", "False", "DefinitionRejected").await;
    declared.until("Served", "True", "").await;
    assert_eq!(declared.served("/customtasks").await.code(), 200);
    assert_eq!(declared.pod().await["metadata"]["name"], pod, "the gateway is the same");

    // A gateway that starts while the definition is rejected serves the last accepted one.
    let name = pod.as_str().unwrap();
    declared.cluster.admin.delete(&format!("/api/v1/namespaces/{SYSTEM}/pods/{name}")).await.expect(200);
    until("another gateway serves", ROLLOUT, async || {
        let other = declared.pod().await["metadata"]["name"].take();
        let code = declared.served("/customtasks").await.code();
        if other != pod && code == 200 { Ok(()) } else { Err(format!("{other} {code}")) }
    })
    .await;
    declared.until("Ready", "False", "DefinitionRejected").await;
    declared.until("Served", "True", "").await;
    declared.patch(&json!({"resources": tasks::spec()["resources"]})).await.expect(200);
    declared.until_ready().await;

    // What may never change is refused at once, by the CustomResourceDefinition.
    let other = changed("/resources/0/scope", json!("Cluster"));
    let refused = declared.patch(&json!({"resources": other["resources"]})).await;
    assert_eq!(refused.code(), 422, "{}", refused.text());
    assert!(refused.message().contains("scope is immutable"), "{}", refused.text());
}
