//! Conditions, from what was seen.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::certificates::{Authority, Terms};
use crate::observation::{CertificatesSeen, Failure};
use crate::verdict::RefusalReason;

const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).expect("a time")
}

fn accepted(versions: &[&str]) -> Result<Accepted, Refusal> {
    let hours = SignedDuration::from_hours;
    Ok(Accepted {
        versions: versions.iter().map(|&version| version.to_owned()).collect(),
        resources: BTreeSet::from(["tasks".to_owned()]),
        hash: "hash".to_owned(),
        terms: Terms { authority: hours(100), leaf: hours(10), renew_before: hours(1) },
    })
}

fn rejected() -> Result<Accepted, Refusal> {
    Err(Refusal {
        reason: RefusalReason::DefinitionRejected,
        message: "spec.resources[0].source: wrong".to_owned(),
    })
}

fn service(available: Option<(&str, &str)>) -> APIService {
    let conditions = available.map(|(status, reason)| {
        json!([{"type": "Available", "status": status, "reason": reason, "message": "bad status: 503"}])
    });
    serde_json::from_value(json!({
        "metadata": {"name": "v1.tasks.example.com", "creationTimestamp": at(-100).to_string()},
        "status": {"conditions": conditions.unwrap_or_else(|| json!([]))},
    }))
    .expect("an APIService")
}

fn deployment(ready: i32) -> Value {
    json!({
        "metadata": {"generation": 1},
        "spec": {"replicas": 1, "selector": {}, "template": {}},
        "status": {"observedGeneration": 1, "updatedReplicas": 1, "readyReplicas": ready},
    })
}

fn observation(ready: i32, services: Vec<APIService>) -> Observation {
    Observation {
        certificates: Some(CertificatesSeen {
            authority: Authority {
                certificate: "PEM".to_owned(),
                key: String::new(),
                previous: String::new(),
                not_before: at(-1000),
                not_after: at(1000),
            },
            serving_not_after: at(500),
            serving: None,
            next: at(400),
        }),
        deployment: Some(serde_json::from_value(deployment(ready)).expect("a Deployment")),
        api_services: services,
        ..Observation::default()
    }
}

fn memory() -> Storage {
    serde_json::from_value(json!({"memory": {}})).expect("a Storage")
}

fn failed(stage: Stage, observation: Observation) -> Observation {
    Observation { failure: Some(Failure { stage, message: "forbidden".to_owned() }), ..observation }
}

/// `want`: `Condition=Status/Reason`, only those that matter to the case.
fn check(case: &str, verdict: &Result<Accepted, Refusal>, observation: &Observation, want: &[&str]) {
    let storage = memory();
    check_stored(case, verdict, &storage, observation, want);
}

fn check_stored(
    case: &str,
    verdict: &Result<Accepted, Refusal>,
    storage: &Storage,
    observation: &Observation,
    want: &[&str],
) {
    let facts = Facts { verdict, storage: Some(storage), observation, report: None };
    let conditions = conditions(facts, Some(7), &[], at(0));
    let got: Vec<String> =
        conditions.iter().map(|c| format!("{}={}/{}", c.type_, c.status, c.reason)).collect();
    for want in want {
        assert!(got.iter().any(|got| got == want), "{case}: no {want} in {got:?}");
    }
    assert!(conditions.iter().all(|condition| condition.observed_generation == Some(7)), "{case}");
    assert_eq!(conditions.len(), 7, "{case}");
}

#[test]
fn what_users_are_told() {
    let ok = accepted(&["v1"]);
    let good = || service(Some(("True", "Passed")));
    let nothing = Observation::default();
    check(
        "all is well",
        &ok,
        &observation(1, vec![good()]),
        &[
            "Accepted=True/Accepted",
            "CertificatesReady=True/Issued",
            "GatewayAvailable=True/GatewayReady",
            "APIServicesAvailable=True/Available",
            "Served=True/Served",
            "DataVolatile=True/StorageMemory",
            "Ready=True/Ready",
        ],
    );
    check(
        "the gateway starts",
        &ok,
        &observation(0, vec![]),
        &[
            "GatewayAvailable=False/GatewayStarting",
            "APIServicesAvailable=False/WaitingForGateway",
            "Served=False/NotServed",
            "Ready=False/GatewayStarting",
        ],
    );
    check(
        "the API server has not looked",
        &ok,
        &observation(1, vec![service(None)]),
        &["APIServicesAvailable=False/Waiting", "Served=False/NotServed", "Ready=False/Waiting"],
    );
    check(
        "the API server does not get through",
        &ok,
        &observation(1, vec![service(Some(("False", "FailedDiscoveryCheck")))]),
        &["APIServicesAvailable=False/FailedDiscoveryCheck", "Ready=False/FailedDiscoveryCheck"],
    );
    check(
        "rejected from the start",
        &rejected(),
        &nothing,
        &[
            "Accepted=False/DefinitionRejected",
            "GatewayAvailable=Unknown/DefinitionRejected",
            "DataVolatile=Unknown/DefinitionRejected",
            "Served=False/NotServed",
            "Ready=False/DefinitionRejected",
        ],
    );
    check(
        "a rejected change",
        &rejected(),
        &observation(1, vec![good()]),
        &[
            "Accepted=False/DefinitionRejected",
            "GatewayAvailable=True/GatewayReady",
            "Served=True/LastAcceptedServed",
            "Ready=False/DefinitionRejected",
        ],
    );
    check(
        "nothing is declared",
        &accepted(&[]),
        &observation(1, vec![]),
        &["APIServicesAvailable=True/NothingDeclared", "Served=False/NotServed", "Ready=True/Ready"],
    );
    check(
        "no right to make a Role",
        &ok,
        &failed(Stage::Access, nothing.clone()),
        &["CertificatesReady=False/CertificatesFailed", "GatewayAvailable=False/ApplyFailed"],
    );
    check(
        "the Deployment is refused",
        &ok,
        &failed(Stage::Gateway, observation(1, vec![good()])),
        &["GatewayAvailable=False/ApplyFailed", "Served=True/Served", "Ready=False/ApplyFailed"],
    );
    check(
        "the APIService is refused",
        &ok,
        &failed(Stage::ApiServices, observation(1, vec![])),
        &["APIServicesAvailable=False/ApplyFailed", "Ready=False/ApplyFailed"],
    );
}

/// A claim in this phase, with what is merged into it.
fn claim(phase: &str, change: Value) -> Option<ClaimSeen> {
    let mut claim = json!({
        "metadata": {"name": "g", "namespace": "tributary-system"},
        "spec": {"resources": {"requests": {"storage": "1Gi"}}},
        "status": {"phase": phase, "capacity": {"storage": "1Gi"}},
    });
    crate::fixture::merge(&mut claim, change);
    Some(ClaimSeen::of(serde_json::from_value(claim).expect("a claim")))
}

#[test]
fn what_users_are_told_of_their_volume() {
    let ok = accepted(&["v1"]);
    let embedded = |policy: &str| -> Storage {
        serde_json::from_value(json!({"embedded": {"size": "1Gi"}, "deletionPolicy": policy}))
            .expect("a Storage")
    };
    let seen = |ready: i32, claim: Option<ClaimSeen>| Observation {
        claim,
        ..observation(ready, vec![service(Some(("True", "Passed")))])
    };
    let bound = || claim("Bound", json!({}));
    let check = |case: &str, observation: &Observation, want: &[&str]| {
        check_stored(case, &ok, &embedded("Retain"), observation, want);
    };
    check("all is well", &seen(1, bound()), &["DataVolatile=False/StorageEmbedded", "Ready=True/Ready"]);
    check("the gateway starts", &seen(0, bound()), &["GatewayAvailable=False/GatewayStarting"]);
    check(
        "no volume yet",
        &seen(0, claim("Pending", json!({}))),
        &["GatewayAvailable=False/VolumePending", "Ready=False/VolumePending"],
    );
    let before = Observation { deployment: None, ..seen(0, claim("Lost", json!({}))) };
    check("no Deployment yet", &before, &["GatewayAvailable=False/ClaimLost", "Ready=False/ClaimLost"]);
    let going = || claim("Bound", json!({"metadata": {"deletionTimestamp": "2027-01-01T00:00:00Z"}}));
    let want = [
        "GatewayAvailable=True/GatewayReady",
        "Served=True/Served",
        "DataVolatile=True/ClaimTerminating",
        "Ready=False/ClaimTerminating",
    ];
    check("going while it is used", &seen(1, going()), &want);
    check("going", &seen(0, going()), &["GatewayAvailable=False/ClaimTerminating"]);
    let short = bound().map(|seen| ClaimSeen { shortfalls: vec!["declare 1Gi".to_owned()], ..seen });
    let want = [
        "GatewayAvailable=True/GatewayReady",
        "Served=True/Served",
        "DataVolatile=False/StorageEmbedded",
        "Ready=False/ClaimNotAsDeclared",
    ];
    check("declared in vain", &seen(1, short), &want);
    let failed = failed(Stage::Gateway, Observation { deployment: None, ..seen(0, None) });
    check(
        "no claim can be made",
        &failed,
        &["GatewayAvailable=False/ApplyFailed", "DataVolatile=Unknown/Pending"],
    );
    check_stored(
        "a claim of before",
        &ok,
        &memory(),
        &seen(1, claim("Lost", json!({}))),
        &["DataVolatile=True/StorageMemory", "Ready=True/Ready"],
    );
    for (policy, want) in [
        ("Retain", "it stays when the AggregatedAPI is deleted (deletionPolicy: Retain)"),
        ("Delete", "it goes with the AggregatedAPI (deletionPolicy: Delete)"),
    ] {
        let (storage, observation) = (embedded(policy), seen(1, bound()));
        let facts = Facts { verdict: &ok, storage: Some(&storage), observation: &observation, report: None };
        let message = data_volatile(facts).message;
        let name = "stored objects are kept in PersistentVolumeClaim tributary-system/g of 1Gi; ";
        assert_eq!(message, format!("{name}{want}"));
    }
}

#[test]
fn a_new_api_service_may_settle() {
    let mut young = service(Some(("False", "FailedDiscoveryCheck")));
    young.metadata.creation_timestamp = Some(Time(at(-5)));
    check(
        "five seconds old",
        &accepted(&["v1"]),
        &observation(1, vec![young]),
        &["APIServicesAvailable=False/Waiting"],
    );
}

#[test]
fn messages_name_the_field_and_the_cause() {
    let message = |verdict: &Result<Accepted, Refusal>, observation: &Observation| {
        let facts = Facts { verdict, storage: None, observation, report: None };
        let conditions = conditions(facts, None, &[], at(0));
        conditions.into_iter().find(|condition| condition.type_ == READY).map(|condition| condition.message)
    };
    let got = message(&rejected(), &Observation::default());
    assert_eq!(got.as_deref(), Some("spec.resources[0].source: wrong"));
    let unreachable = observation(1, vec![service(Some(("False", "FailedDiscoveryCheck")))]);
    let got = message(&accepted(&["v1"]), &unreachable);
    assert_eq!(got.as_deref(), Some("v1.tasks.example.com: bad status: 503"));
}

#[test]
fn transition_times_move_with_the_status_only() {
    let (ok, no) = (accepted(&["v1"]), rejected());
    let seen = observation(0, vec![]);
    let at_time = |verdict: &Result<Accepted, Refusal>, previous: &[Condition], seconds: i64| {
        let facts = Facts { verdict, storage: None, observation: &seen, report: None };
        conditions(facts, None, previous, at(seconds))
    };
    let time = |conditions: &[Condition]| conditions[0].last_transition_time.0;
    let first = at_time(&ok, &[], 0);
    let second = at_time(&ok, &first, 10);
    let third = at_time(&no, &second, 20);
    assert_eq!([time(&first), time(&second), time(&third)], [at(0), at(0), at(20)]);
}

#[test]
fn views_that_cannot_be_read() {
    let seen = observation(1, vec![service(Some(("True", "Passed")))]);
    let failing = failed(Stage::Sources, seen.clone());
    let verdict = accepted(&["v1"]);
    let source = json!({"apiVersion": "v1", "resource": "things", "reason": "NotFound", "message": "no"});
    let told = |synced: bool, sources: Vec<Value>| Report {
        resources: serde_json::from_value(json!([{"name": "tasks", "synced": synced, "sources": sources}]))
            .expect("resources"),
        ..Report::default()
    };
    let (well, missing) = (told(true, vec![]), told(true, vec![source]));
    let ready = |observation: &Observation, report: Option<&Report>, previous: &[Condition]| {
        let facts = Facts { verdict: &verdict, storage: None, observation, report };
        let all = conditions(facts, None, previous, at(0));
        let served = all.iter().find(|condition| condition.type_ == SERVED).map(|c| c.status.clone());
        assert_eq!(served.as_deref(), Some("True"), "what can be read is served");
        all.into_iter().filter(|condition| condition.type_ == READY).collect::<Vec<_>>()
    };
    let reason = |conditions: &[Condition]| conditions[0].reason.clone();
    let before = ready(&seen, Some(&missing), &[]);
    assert_eq!(reason(&before), "SourceNotFound");
    assert!(before[0].message.starts_with("tasks: there is no things of v1"), "{}", before[0].message);
    assert_eq!(reason(&ready(&failing, Some(&missing), &[])), "SourcesNotGranted", "it comes first");
    assert_eq!(ready(&seen, None, &before), before, "nobody has been asked yet");
    assert_eq!(reason(&ready(&seen, Some(&well), &before)), "Ready");
    assert_eq!(reason(&ready(&seen, None, &[])), "Ready");
}
