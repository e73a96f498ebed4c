//! The same schema as a CustomResourceDefinition and as an AggregatedAPI: each request gets the same answer of both,
//! but for what says which is which, and for the differences that the table of cases names.

mod cases;
mod changes;
mod commands;
mod normal;

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Caller, Served, unique, until};
use crate::tasks;
use cases::{Case, Difference};

/// For a CustomResourceDefinition to be served.
const ESTABLISHED: Duration = Duration::from_secs(20);

#[tokio::test]
async fn answers_are_those_of_a_custom_resource() {
    let spec = spec();
    let mut served = Served::start("parity", spec.clone()).await;
    let custom = format!("{}.example.com", unique("custom"));
    served
        .create(&[
            definition(&spec, &custom, "customtasks", "CustomTask"),
            definition(&spec, &custom, "clustertasks", "ClusterTask"),
        ])
        .await;
    let admin = served.cluster.admin.clone();
    for plural in ["customtasks", "clustertasks"] {
        until("the custom resource is served", ESTABLISHED, async || {
            let answer = admin.get(&format!("/apis/{custom}/v1/{plural}")).await;
            if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
    }
    let mut different = Vec::new();
    let list = |group: &str| format!("/apis/{group}/v1/namespaces/{}/customtasks", served.namespace);
    let began = [revision(&admin, &list(&served.group)).await, revision(&admin, &list(&custom)).await];
    for (number, case) in cases::table().iter().enumerate() {
        let ours = ask(&admin, case, &served.group, &served.namespace, &began[0]).await;
        let theirs = ask(&admin, case, &custom, &served.namespace, &began[1]).await;
        let found = match () {
            () if ours == theirs => Difference::None,
            () if ours["code"] == theirs["code"] => Difference::Text(case.difference.why()),
            () => Difference::Code(case.difference.why()),
        };
        if found != case.difference {
            let expected = case.difference;
            different.push(format!(
                "{number}. {}, expected: {expected:?}\n  ours:   {ours}\n  theirs: {theirs}",
                case.shown()
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{} cases differ in another way than expected:\n{}",
        different.len(),
        different.join("\n")
    );
}

/// One request to one of the two groups, and its answer in the form in which both compare.
async fn ask(caller: &Caller, case: &Case, group: &str, namespace: &str, began: &str) -> Value {
    let place = |text: &str| text.replace("{g}", group).replace("{n}", namespace).replace("{began}", began);
    let mut body = place(&case.body);
    if body.contains("{rv}") {
        let object = place(&case.path);
        let object = object.split('?').next().unwrap().trim_end_matches("/status").trim_end_matches("/scale");
        body = body.replace("{rv}", &revision(caller, object).await);
    }
    let mut caller = caller.clone();
    for (name, value) in &case.headers {
        caller = caller.header(name, value);
    }
    let answer = caller.send(case.method.clone(), &place(&case.path), body).await;
    normal::answer(&answer, group)
}

/// metadata.resourceVersion of an object or a list.
async fn revision(caller: &Caller, path: &str) -> String {
    let found = caller.get(path).await.json();
    found["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned()
}

/// The example's, with subresources.
pub(super) fn spec() -> Value {
    let mut spec = tasks::spec();
    spec["resources"][0]["versions"][0]["subresources"] = json!({
        "status": {},
        "scale": {"specReplicasPath": ".spec.total", "statusReplicasPath": ".status.done"},
    });
    spec
}

fn definition(spec: &Value, group: &str, plural: &str, kind: &str) -> Value {
    let resource =
        spec["resources"].as_array().unwrap().iter().find(|resource| resource["name"] == plural).unwrap();
    let version = &resource["versions"][0];
    let anything = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let schema = version["schema"]["openAPIV3Schema"].as_object().map_or(anything, |schema| json!(schema));
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind,
                "listKind": format!("{kind}List")},
            "scope": resource["scope"],
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "schema": {"openAPIV3Schema": schema},
                "subresources": version["subresources"],
                "additionalPrinterColumns": version["additionalPrinterColumns"],
            }],
        },
    })
}
