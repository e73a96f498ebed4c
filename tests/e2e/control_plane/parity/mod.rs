//! The same schema as a CustomResourceDefinition and as an AggregatedAPI: each request gets the same answer of both,
//! but for what says which is which, and for the differences that the table of cases names.

mod cases;
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
    let mut served = Served::start("parity", tasks::spec()).await;
    let custom = format!("{}.example.com", unique("custom"));
    served
        .create(&[
            definition(&custom, "customtasks", "CustomTask"),
            definition(&custom, "clustertasks", "ClusterTask"),
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
    for (number, case) in cases::table().iter().enumerate() {
        let ours = ask(&admin, case, &served.group, &served.namespace).await;
        let theirs = ask(&admin, case, &custom, &served.namespace).await;
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
async fn ask(caller: &Caller, case: &Case, group: &str, namespace: &str) -> Value {
    let place = |text: &str| text.replace("{g}", group).replace("{n}", namespace);
    let mut caller = caller.clone();
    for (name, value) in &case.headers {
        caller = caller.header(name, value);
    }
    let answer = caller.send(case.method.clone(), &place(&case.path), place(&case.body)).await;
    normal::answer(&answer, group)
}

fn definition(group: &str, plural: &str, kind: &str) -> Value {
    let spec = tasks::spec();
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
                "additionalPrinterColumns": version["additionalPrinterColumns"],
            }],
        },
    })
}
