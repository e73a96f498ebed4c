//! What is refused, where and with which words.

mod endpoints;
mod gateway;
mod resources;
mod versions;

use serde_json::{Value, json};

use super::{example_with, resource, typed};
use crate::compile;

/// The example with `changes` is refused with exactly these errors, each of which begins as `want` says.
#[track_caller]
fn check(changes: &[(&str, Value)], want: &[&str]) {
    let errors = compile(&typed(example_with(changes))).err().unwrap_or_default();
    let got: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(got.len(), want.len(), "{changes:?}: {got:#?}");
    for (got, want) in got.iter().zip(want) {
        assert!(got.starts_with(want), "{changes:?}:\n got {got}\nwant {want}");
    }
}

/// A place in the first resource.
fn at(rest: &str) -> String {
    format!("/spec/resources/0{rest}")
}

#[test]
fn the_group() {
    let both = |name: &str| [("/metadata/name", json!(name)), ("/spec/group", json!(name))];
    check(
        &[("/metadata/name", json!("other.example.com"))],
        &["metadata.name: Invalid value: \"other.example.com\": must equal spec.group"],
    );
    check(
        &both("example"),
        &["spec.group: Invalid value: \"example\": should be a domain with at least one dot"],
    );
    check(
        &both("Example.com"),
        &["spec.group: Invalid value: \"Example.com\": a lowercase RFC 1123 subdomain"],
    );
    let long = format!("{}.com", "a".repeat(60));
    check(&both(&long), &[&format!("spec.group: Invalid value: {long:?}: must be no more than 63 bytes")]);
    check(&both(""), &["spec.group: Required value"]);
    let annotation = "metadata.annotations[api-approved.kubernetes.io]";
    check(&both("tasks.k8s.io"), &[&format!("{annotation}: Required value: protected groups must have")]);
    let approved = |value: &str| {
        let mut changes = both("tasks.k8s.io").to_vec();
        changes.push(("/metadata/annotations", json!({"api-approved.kubernetes.io": value})));
        changes
    };
    check(&approved("yes"), &[&format!("{annotation}: Invalid value: \"yes\": must be a URL")]);
    check(&approved("https://"), &[&format!("{annotation}: Invalid value: \"https://\": must be a URL")]);
    check(&approved("unapproved, a trial"), &[]);
    check(&approved("https://example.com/kep"), &[]);
    check(&both("tasks.notk8s.io"), &[]);
}

#[test]
fn too_much() {
    let resources: Vec<Value> = (0..65).map(|i| resource(&format!("r{i}"), &format!("R{i}"), "v1")).collect();
    check(&[("/spec/resources", json!(resources[..64]))], &[]);
    check(
        &[("/spec/resources", json!(resources))],
        &["spec.resources: Too many: 65: must have at most 64 items"],
    );
    let endpoint = |i| json!({"version": "v1", "path": format!("e{i}"), "static": {"body": ""}});
    let endpoints: Vec<Value> = (0..65).map(endpoint).collect();
    check(
        &[("/spec/endpoints", json!(endpoints))],
        &["spec.endpoints: Too many: 65: must have at most 64 items"],
    );
    let versions: Vec<Value> = (0..9).map(|i| json!({"name": format!("v{i}")})).collect();
    check(
        &[(&at("/versions"), json!(versions))],
        &[
            "spec.resources[0].versions: Too many: 9: must have at most 8 items",
            "spec.resources[0].versions: Invalid value: [\"v0\",\"v1\",\"v2\",\"v3\",\"v4\",\"v5\",\"v6\",\"v7\",\"v8\"]: must have",
        ],
    );
}

#[test]
fn every_error_is_reported() {
    check(
        &[
            (&at("/name"), json!("A")),
            (&at("/verbs"), json!(["get", "get"])),
            ("/spec/endpoints/0/path", json!("watch")),
            ("/spec/gateway/storage", Value::Null),
        ],
        &[
            "spec.resources[0].name: Invalid value: \"A\"",
            "spec.resources[0].verbs[1]: Duplicate value: \"get\"",
            "spec.endpoints[0].path: Invalid value: \"watch\"",
            "spec.gateway.storage: Required value",
        ],
    );
}
