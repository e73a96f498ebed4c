//! The claim of a group's database file: made, adopted, kept, deleted; and what is told when it cannot be had.

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator, unique, until};
use crate::tasks;

/// The example's spec with a database file on 1Gi.
fn embedded(change: Value) -> Value {
    let mut spec = tasks::spec();
    let mut storage = json!({"embedded": {"size": "1Gi"}});
    for (key, value) in change.as_object().unwrap() {
        storage[key] = value.clone();
    }
    spec["gateway"] = json!({"storage": storage});
    spec
}

fn path(declared: &Declared) -> String {
    format!("/api/v1/namespaces/{SYSTEM}/persistentvolumeclaims/{}", declared.child())
}

/// The claim of the group as it is; null if there is none.
async fn claim(declared: &Declared) -> Value {
    let answer = declared.cluster.admin.get(&path(declared)).await;
    if answer.code() == 404 { Value::Null } else { answer.expect(200) }
}

/// A claim with the group's name that goes with the test, with or without a group's label.
fn made_by_hand(declared: &Declared, labels: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": declared.child(), "namespace": SYSTEM, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    })
}

/// A group whose claim goes with the test: nothing else deletes one that is retained.
async fn prepare(label: &str) -> Declared {
    let mut declared = Declared::prepare(label).await;
    let api = json!({"apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": declared.group}});
    declared.note(&api);
    let claim = made_by_hand(&declared, json!({}));
    declared.note(&claim);
    declared
}

async fn delete(declared: &Declared) {
    declared.cluster.admin.delete(&declared.path()).await.expect(200);
    until("the AggregatedAPI and its children are gone", ROLLOUT, async || {
        let (code, children) =
            (declared.cluster.admin.get(&declared.path()).await.code(), declared.children().await);
        if code == 404 && children.is_empty() { Ok(()) } else { Err(format!("{code} {children:?}")) }
    })
    .await;
}

#[tokio::test]
async fn the_data_stays_and_is_adopted_and_goes() {
    let _operator = operator().await;
    let mut declared = prepare("storage").await;
    declared.declare(embedded(json!({}))).await;
    declared.until_ready().await;

    let made = claim(&declared).await;
    assert_eq!(made["status"]["phase"], "Bound", "{made}");
    assert_eq!(made["spec"]["resources"]["requests"]["storage"], "1Gi");
    // Its provisioner is no CSI driver.
    assert_eq!(made["spec"]["accessModes"], json!(["ReadWriteOnce"]));
    assert_eq!(made["spec"]["storageClassName"], "standard", "the default class");
    assert_eq!(made["metadata"]["labels"]["tributary.dev/group"], declared.group.as_str());
    assert_eq!(made["metadata"]["ownerReferences"], Value::Null);
    let pod = declared.pod().await;
    let volumes = pod["spec"]["volumes"].as_array().unwrap();
    let data = volumes.iter().find(|volume| volume["name"] == "data").unwrap();
    assert_eq!(data["persistentVolumeClaim"]["claimName"], declared.child().as_str());
    let volatile = declared.until("DataVolatile", "False", "StorageEmbedded").await;
    assert!(volatile["message"].as_str().unwrap().contains(&declared.child()), "{volatile}");

    let task = tasks::cluster_task(&declared.group, "a");
    let collection = format!("/apis/{}/v1/clustertasks", declared.group);
    let stored = declared.cluster.admin.post(&collection, &task).await.expect(201);
    delete(&declared).await;
    let kept = claim(&declared).await;
    assert_eq!(kept["metadata"]["uid"], made["metadata"]["uid"]);
    assert_eq!(kept["metadata"]["deletionTimestamp"], Value::Null);

    declared.declare(embedded(json!({}))).await;
    declared.until_ready().await;
    let adopted = claim(&declared).await;
    assert_eq!(adopted["metadata"]["uid"], made["metadata"]["uid"], "the same claim");
    let uid = declared.get().await["metadata"]["uid"].take();
    assert_eq!(adopted["metadata"]["annotations"]["tributary.dev/adopted-by"], uid);
    let found = declared.served("/clustertasks/a").await.expect(200);
    assert_eq!(found["metadata"], stored["metadata"], "with what was stored in it");

    // What is said last counts.
    declared.patch(&json!({"gateway": {"storage": {"deletionPolicy": "Delete"}}})).await.expect(200);
    delete(&declared).await;
    until("the claim is gone", ROLLOUT, async || {
        let claim = claim(&declared).await;
        if claim.is_null() { Ok(()) } else { Err(claim.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn sizes_and_classes_that_cannot_change_break_nothing() {
    let _operator = operator().await;
    let mut declared = prepare("claim-fixed").await;
    declared.declare(embedded(json!({}))).await;
    declared.until_ready().await;
    let (made, pod) = (claim(&declared).await, declared.pod().await);
    for (change, part) in [
        // The class of the test cluster has no allowVolumeExpansion.
        (json!({"size": "2Gi"}), "StorageClass standard does not let volumes grow"),
        (json!({"size": "512Mi"}), "cannot shrink to 512Mi: declare 1Gi"),
        (json!({"storageClassName": "other"}), "which cannot be changed to \"other\": declare \"standard\""),
    ] {
        declared.patch(&json!({"gateway": {"storage": {"embedded": change}}})).await.expect(200);
        let condition = declared.until("Ready", "False", "ClaimNotAsDeclared").await;
        let message = condition["message"].as_str().unwrap();
        assert!(message.contains(part) && message.contains(&declared.child()), "{message}");
        declared.until("Served", "True", "").await;
        assert_eq!(declared.served("/clustertasks").await.code(), 200);
        let now = claim(&declared).await;
        assert_eq!((&now["spec"], &now["metadata"]["uid"]), (&made["spec"], &made["metadata"]["uid"]));
        let back = json!({"size": "1Gi", "storageClassName": null});
        declared.patch(&json!({"gateway": {"storage": {"embedded": back}}})).await.expect(200);
        declared.until_ready().await;
    }
    assert_eq!(declared.pod().await["metadata"]["uid"], pod["metadata"]["uid"], "the gateway went on");
}

#[tokio::test]
async fn a_claim_that_grows() {
    let _operator = operator().await;
    let mut declared = prepare("claim-grows").await;
    let class = unique("expandable");
    // This provisioner cannot do it, but whether it may be asked is for the class to say, and to ask is the operator's part.
    declared
        .create(
            &json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": class},
        "provisioner": "kubernetes.io/host-path", "allowVolumeExpansion": true}),
        )
        .await;
    declared.declare(embedded(json!({"embedded": {"size": "1Gi", "storageClassName": class}}))).await;
    declared.until_ready().await;
    let uid = claim(&declared).await["metadata"]["uid"].take();
    declared.patch(&json!({"gateway": {"storage": {"embedded": {"size": "2Gi"}}}})).await.expect(200);
    until("the claim asks for more", ROLLOUT, async || {
        let claim = claim(&declared).await;
        let asked = &claim["spec"]["resources"]["requests"]["storage"];
        if asked == "2Gi" && claim["metadata"]["uid"] == uid { Ok(()) } else { Err(claim.to_string()) }
    })
    .await;
    assert_eq!(declared.served("/clustertasks").await.code(), 200);
}

#[tokio::test]
async fn a_claim_without_a_volume_says_why() {
    let _operator = operator().await;
    let mut declared = prepare("claim-unbound").await;
    let name = unique("csi.example.com").replace('-', ".");
    declared
        .create(&json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": name},
        "spec": {"attachRequired": false}}))
        .await;
    declared
        .create(
            &json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
        "provisioner": name}),
        )
        .await;
    declared.declare(embedded(json!({"embedded": {"size": "1Gi", "storageClassName": name}}))).await;
    until("the provisioner that is missing is told", ROLLOUT, async || {
        let condition = declared.until("GatewayAvailable", "False", "VolumePending").await;
        let message = condition["message"].as_str().unwrap();
        let parts =
            [declared.child(), format!("of StorageClass {name}"), format!("external provisioner '{name}'")];
        if parts.iter().all(|part| message.contains(part)) { Ok(()) } else { Err(message.to_owned()) }
    })
    .await;
    declared.until("Ready", "False", "VolumePending").await;
    let made = claim(&declared).await;
    assert_eq!(made["spec"]["accessModes"], json!(["ReadWriteOncePod"]), "a CSI driver's volume");

    // The name was wrong: the claim cannot change, but holds nothing.
    declared
        .patch(&json!({"gateway": {"storage": {"embedded": {"storageClassName": "standard"}}}}))
        .await
        .expect(200);
    until("what to do is told", ROLLOUT, async || {
        let condition = declared.until("Ready", "False", "VolumePending").await;
        let message = condition["message"].as_str().unwrap();
        if message.contains("delete the claim, which holds nothing yet") {
            Ok(())
        } else {
            Err(message.to_owned())
        }
    })
    .await;
    declared.cluster.admin.delete(&path(&declared)).await.expect(200);
    declared.until_ready().await;
    assert_eq!(claim(&declared).await["spec"]["storageClassName"], "standard");
}

#[tokio::test]
async fn a_class_that_does_not_exist_is_named() {
    let _operator = operator().await;
    let mut declared = prepare("claim-classless").await;
    declared.declare(embedded(json!({"embedded": {"size": "1Gi", "storageClassName": "missing"}}))).await;
    let condition = declared.until("GatewayAvailable", "False", "ProvisioningFailed").await;
    let message = condition["message"].as_str().unwrap();
    assert!(message.contains("storageclass.storage.k8s.io \"missing\" not found"), "{message}");
    assert!(message.contains(&declared.child()), "{message}");
}

#[tokio::test]
async fn a_claim_of_somebody_else_is_left_alone_until_it_is_labelled() {
    let _operator = operator().await;
    for labels in [json!({}), json!({"tributary.dev/group": "other.example.com"})] {
        let mut declared = prepare("claim-taken").await;
        let foreign = made_by_hand(&declared, labels);
        declared.create(&foreign).await;
        let before = claim(&declared).await;
        declared.declare(embedded(json!({"deletionPolicy": "Delete"}))).await;
        let condition = declared.until("Accepted", "False", "NameTaken").await;
        let message = condition["message"].as_str().unwrap();
        assert!(message.contains(&format!("label tributary.dev/group: {}", declared.group)), "{message}");
        let now = claim(&declared).await;
        assert_eq!(
            (&now["metadata"]["labels"], &now["spec"]["resources"]),
            (&before["metadata"]["labels"], &before["spec"]["resources"])
        );
        delete(&declared).await;
        assert_eq!(
            claim(&declared).await["metadata"]["uid"],
            before["metadata"]["uid"],
            "it is nobody's to delete"
        );

        // Data that was brought back from elsewhere.
        let label = json!({"metadata": {"labels": {"tributary.dev/group": declared.group}}});
        declared.cluster.admin.patch(&path(&declared), &label).await.expect(200);
        declared.declare(embedded(json!({}))).await;
        declared.until_ready().await;
        assert_eq!(claim(&declared).await["metadata"]["uid"], before["metadata"]["uid"]);
    }
}

#[tokio::test]
async fn a_claim_that_is_deleted_while_it_is_used() {
    let _operator = operator().await;
    let mut declared = prepare("claim-going").await;
    declared.declare(embedded(json!({}))).await;
    declared.until_ready().await;
    let (pod, before) = (declared.pod().await, claim(&declared).await);
    declared.cluster.admin.delete(&path(&declared)).await.expect(200);
    declared.until("Ready", "False", "ClaimTerminating").await;
    declared.until("DataVolatile", "True", "ClaimTerminating").await;
    // A change that would replace the Pod would take the data with it.
    declared.patch(&json!({"gateway": {"podLabels": {"team": "a"}}})).await.expect(200);
    declared.until("Ready", "False", "ClaimTerminating").await;
    declared.until("Served", "True", "").await;
    assert_eq!(declared.pod().await["metadata"]["uid"], pod["metadata"]["uid"]);

    let name = pod["metadata"]["name"].as_str().unwrap();
    declared.cluster.admin.delete(&format!("/api/v1/namespaces/{SYSTEM}/pods/{name}")).await.expect(200);
    until("there is a new claim", ROLLOUT, async || {
        let now = claim(&declared).await;
        let uid = &now["metadata"]["uid"];
        if uid.is_string() && *uid != before["metadata"]["uid"] { Ok(()) } else { Err(now.to_string()) }
    })
    .await;
    declared.until_ready().await;
    assert_eq!(declared.pod().await["metadata"]["labels"]["team"], "a");
}
