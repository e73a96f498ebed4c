//! What bodies are read as, and what is said of those that cannot be read: numbers, YAML, metadata, kinds.

use http::Method;
use serde_json::{Value, json};

use super::cases::{case, delete, get, post};
use super::request::Request;

pub(super) fn table() -> Vec<Request> {
    let mut table = numbers();
    table.extend(yaml());
    table.extend(metadata());
    table.extend(kinds());
    table.extend(managers());
    table
}

/// A customtask whose spec is given as it is to be sent.
fn task(spec: &str) -> String {
    format!(
        r#"{{"apiVersion":"{{g}}/v1","kind":"CustomTask","metadata":{{"name":"numbers"}},"spec":{{"title":"N",{spec}}}}}"#
    )
}

fn free(spec: &str) -> String {
    format!(
        r#"{{"apiVersion":"{{g}}/v1","kind":"ClusterTask","metadata":{{"name":"numbers"}},"spec":{spec}}}"#
    )
}

fn merge(rest: &str, body: impl ToString) -> Request {
    case(Method::PATCH, rest, body).header("Content-Type", "application/merge-patch+json")
}

fn numbers() -> Vec<Request> {
    vec![
        post("", task(r#""halves":1.0"#)),
        post("?dryRun=All", task(r#""halves":-3.0"#)),
        post("?dryRun=All", task(r#""halves":1"#)),
        post("?dryRun=All", task(r#""halves":0.25"#)),
        post("?dryRun=All", task(r#""total":1.0"#)),
        post("?dryRun=All", task(r#""numbers":[1,1.0]"#)),
        post("?dryRun=All", task(r#""numbers":[1.0,1e0]"#)),
        post("?dryRun=All", task(r#""numbers":[0,-0,18446744073709551615,18446744073709551616]"#)),
        merge("/numbers", r#"{"spec":{"numbers":[1,1.0]}}"#),
        merge("/numbers", r#"{"spec":{"halves":1}}"#),
        get("/numbers"),
        delete("/numbers", ""),
        post("!/clustertasks", free("[1,1.0,1e3,-0,18446744073709551615,9223372036854775808,1e21,1e-7,0.1]")),
        get("!/clustertasks/numbers"),
        get("!/clustertasks/numbers").header("Accept", "application/yaml"),
        merge("!/clustertasks/numbers", r#"{"spec":{"a":1.0,"b":18446744073709551615}}"#),
        merge("!/clustertasks/numbers", r#"{"spec":{"a":1}}"#),
        delete("!/clustertasks/numbers", ""),
    ]
}

fn yaml() -> Vec<Request> {
    let texts = [
        "{",
        "[",
        "a: b: c",
        "a: b\nc",
        "a: 'b",
        "- a\nb: c",
        "a: @b",
        "a: *b",
        "a: \u{1}",
        "a: .inf",
        "~: a",
        "[a]: b",
        "a\n\n - b: c",
        "apiVersion: a/b/c",
        "apiVersion: a/b/c\nkind: Other",
        "apiVersion: {g}/v1\nkind: [a]",
        "apiVersion: {g}/v1\nkind: CustomTask\nmetadata: {name: y}\nspec: {title: a, {b: c}: d}",
        "apiVersion: {g}/v1\nkind: CustomTask\nmetadata: {name: y}\nspec: {title: a, ~: d}",
        "apiVersion: {g}/v1\nkind: CustomTask\nmetadata: {name: y}\nspec: {title: a, total: 2.0, total: 3}",
        // To YAML 1.1 these break lines.
        "kind: CustomTask\napiVersion: \"x\u{2028}\"\nspec: {}\nspec: {}",
        "kind: CustomTask\napiVersion: 'x\u{2029}'\nspec: {}\nspec: {}",
        "kind: CustomTask\napiVersion: \"x\u{85}\"\nspec: {}\nspec: {}",
        "# \u{2028}\nkind: CustomTask\napiVersion: {g}/v1\nspec: {}\nspec: {}",
        "kind: \"a\u{2028}\"\nb: c: d",
        "kind: \"a\u{85}\"\nb: @c",
        "kind: CustomTask\napiVersion: {g}/v1\nmetadata: {name: y}\nspec: {title: \"a\u{85}b\"}",
        "kind: CustomTask\napiVersion: {g}/v1\nmetadata: {name: y}\nspec: {title: \"a\u{2028}b\"}",
    ];
    let post =
        |text: &str| case(Method::POST, "?dryRun=All", text).header("Content-Type", "application/yaml");
    texts.into_iter().map(post).collect()
}

fn metadata() -> Vec<Request> {
    let with = |metadata: Value, api_version: Value| {
        let mut task = json!({"kind": "CustomTask", "metadata": metadata, "spec": {"title": "M"}});
        if !api_version.is_null() {
            task["apiVersion"] = api_version;
        }
        post("?dryRun=All", task)
    };
    let values = [
        json!([]),
        json!({"name": 1}),
        json!({"name": "m", "generation": 1.0}),
        json!({"name": "m", "generation": 1.5}),
        json!({"name": "m", "labels": {"a": null}}),
        json!({"name": "m", "creationTimestamp": "yesterday"}),
        json!({"name": "m", "creationTimestamp": "2020-01-02"}),
        json!({"name": "m", "creationTimestamp": "2020-13-02T03:04:05Z"}),
        json!({"name": "m", "creationTimestamp": "2020-01-02T03:04:05Z more\u{e9}"}),
        json!({"name": 1, "creationTimestamp": 651}),
        json!({"annotations": 1, "deletionTimestamp": ""}),
        json!({"name": "m", "ownerReferences": [null]}),
        json!({"name": "m", "ownerReferences": [{"uid": 1}]}),
        json!({"name": "m", "managedFields": [{"time": "x"}]}),
    ];
    let known = values.iter().map(|metadata| with(metadata.clone(), json!("{g}/v1")));
    known.chain(values.iter().map(|metadata| with(metadata.clone(), Value::Null))).collect()
}

fn kinds() -> Vec<Request> {
    let put = |body: Value| case(Method::PUT, "/k", body).header("Content-Type", "application/json");
    let operations =
        |body: Value| case(Method::PATCH, "/k", body).header("Content-Type", "application/json-patch+json");
    vec![
        post(
            "",
            json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": "k"}, "spec": {"title": "K"}}),
        ),
        put(json!({"kind": "CustomTask", "metadata": {"creationTimestamp": 651}})),
        put(json!({"apiVersion": "a/b/c"})),
        put(json!({"apiVersion": "a/b/c", "kind": 1})),
        operations(json!([{"op": "replace", "path": "/kind", "value": {}}])),
        operations(json!([{"op": "replace", "path": "/apiVersion", "value": 1}])),
        operations(json!([{"op": "replace", "path": "/apiVersion", "value": "a/b/c"}])),
        operations(json!([{"op": "remove", "path": "/kind"}])),
        operations(json!([{"op": "replace", "path": "/metadata", "value": []}])),
        operations(
            json!([{"op": "add", "path": "/metadata/labels", "value": "<&>\u{2028}\u{1}\"\\\u{7f}\u{e9}"}]),
        ),
        operations(json!([{"op": "add", "path": "/metadata/creationTimestamp", "value": "now"}])),
        operations(json!([{"op": "add", "path": "", "value": "a b"}])),
        delete("/k", ""),
    ]
}

fn managers() -> Vec<Request> {
    let names = ["%07", "a%0Ab%E2%80%A8", "%C3%A9", "%20x"];
    let long = "x".repeat(129);
    let all = names.into_iter().chain([&*long]);
    all.map(|name| post(&format!("?dryRun=All&fieldManager={name}"), task(r#""total":1"#))).collect()
}
