//! The same schema as a CustomResourceDefinition and as an AggregatedAPI: each request gets the same answer of both,
//! but for what says which is which, and for the differences that are listed, each with its reason.

mod cases;
mod changes;
mod cluster;
mod commands;
mod connection;
mod custom;
mod decoding;
mod differences;
mod documents;
mod exchange;
mod normal;
mod options;
mod random;
mod request;
mod side;
mod writes;

use serde_json::{Value, json};

use crate::harness::Served;
use crate::tasks;
use custom::custom_resources;
use exchange::{Exchange, excuse};
use request::Request;
use side::Side;

/// What groups begin with. Errors show the first thirty bytes of a body: of the group so much that all are alike there.
const LABEL: &str = "answer-for-answer";

#[tokio::test]
async fn answers_are_those_of_a_custom_resource() {
    let spec = spec();
    let mut served = Served::start(LABEL, spec.clone()).await;
    let custom = custom_resources(&mut served, &spec, LABEL).await;
    let different =
        differences(&served, [&served.group, &custom], |exchange| excuse(exchange).is_some()).await;
    assert!(different.is_empty(), "{} cases differ:\n{}", different.len(), different.join("\n"));
}

/// What the suite itself takes for a difference.
#[tokio::test]
async fn answers_of_two_custom_resources_are_the_same() {
    let spec = spec();
    let mut served = Served::start("quiet", tasks::spec()).await;
    let first = custom_resources(&mut served, &spec, LABEL).await;
    let second = custom_resources(&mut served, &spec, LABEL).await;
    let different = differences(&served, [&first, &second], |_| false).await;
    assert!(different.is_empty(), "{} cases differ:\n{}", different.len(), different.join("\n"));
}

/// Asks two groups the whole table; returns where they differ and it is not `meant`.
async fn differences(
    served: &Served,
    groups: [&str; 2],
    meant: impl Fn(&Exchange<'_>) -> bool,
) -> Vec<String> {
    let words = [("n", served.namespace.clone())];
    let mut sides = groups.map(|group| Side::new(&served.cluster.admin, group, &words));
    let [ours, theirs] = &mut sides;
    // What request 0 says is known to all others.
    for side in [&mut *ours, &mut *theirs] {
        let began = side.ask(&Request::get("/apis/{g}/v1/namespaces/{n}/customtasks")).await;
        side.keep(0, &began.answer);
    }
    let mut different = Vec::new();
    for (number, request) in cases::table().iter().enumerate() {
        let answers = [ours.ask(request).await, theirs.ask(request).await];
        ours.keep(number + 1, &answers[0].answer);
        theirs.keep(number + 1, &answers[1].answer);
        let [ours, theirs] = answers.map(|given| given.normal);
        let exchange = Exchange { request, ours: &ours, theirs: &theirs };
        if ours != theirs && !meant(&exchange) {
            different.push(format!("{number}. {}\n  ours:   {ours}\n  theirs: {theirs}", request.shown()));
        }
    }
    different
}

/// The example's, with numbers and subresources.
pub(super) fn spec() -> Value {
    let mut spec = tasks::spec();
    let version = &mut spec["resources"][0]["versions"][0];
    let fields = &mut version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
    fields["halves"] = json!({"type": "number", "multipleOf": 0.5});
    fields["numbers"] =
        json!({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "number"}});
    // A custom resource has no columns that are computed.
    version["additionalPrinterColumns"][2] =
        json!({"name": "Color", "type": "string", "jsonPath": ".spec.color", "priority": 1});
    version["subresources"] = json!({
        "status": {},
        "scale": {"specReplicasPath": ".spec.total", "statusReplicasPath": ".status.done"},
    });
    spec
}
