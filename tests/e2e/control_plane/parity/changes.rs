//! Updates, patches, watches and what holds an object. `{rv}` is the resourceVersion that the object has then,
//! `{rv@0}` that of the list before the first case.

use http::Method;
use serde_json::{Value, json};

use super::cases::{METADATA, TABLE, case, delete, get, get_as, post};
use super::request::Request;

const MERGE: &str = "application/merge-patch+json";
const OPERATIONS: &str = "application/json-patch+json";

fn put(rest: &str, body: impl ToString) -> Request {
    case(Method::PUT, rest, body).header("Content-Type", "application/json")
}

fn patch(kind: &str, rest: &str, body: impl ToString) -> Request {
    case(Method::PATCH, rest, body).header("Content-Type", kind)
}

fn merge(rest: &str, body: Value) -> Request {
    patch(MERGE, rest, body)
}

fn operations(rest: &str, body: Value) -> Request {
    patch(OPERATIONS, rest, body)
}

/// A customtask `u` with other metadata.
fn task(metadata: Value, spec: Value) -> Value {
    let mut task = json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "spec": spec});
    task["metadata"] = json!({"name": "u", "resourceVersion": "{rv}"});
    task["metadata"].as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
    task
}

pub(super) fn table() -> Vec<Request> {
    let mut table = updates();
    table.extend(patches());
    table.extend(subresources());
    table.extend(held());
    table.extend(watches());
    table
}

fn updates() -> Vec<Request> {
    let title = |title: &str| json!({"title": title});
    vec![
        post(
            "",
            json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": "u"}, "spec": {"title": "U"}}),
        ),
        put("/u", task(json!({}), title("U"))),
        put("/u", task(json!({}), title("V"))),
        put("/u?dryRun=All", task(json!({}), title("W"))),
        put("/u", task(json!({"labels": {"x": "y"}, "generation": 99}), title("V"))),
        put("/u", task(json!({"resourceVersion": "1"}), title("X"))),
        put("/u", task(json!({"resourceVersion": ""}), title("X"))),
        put("/u", task(json!({"name": "v"}), title("X"))),
        put("/u", task(json!({"namespace": "other"}), title("X"))),
        put("/u", task(json!({"labels": {"x y": ""}}), title("X"))),
        put("/u", task(json!({}), json!({}))),
        put("/u", task(json!({}), json!({"title": "V", "titel": "V"}))),
        put("/u?fieldValidation=Strict", task(json!({}), json!({"title": "V", "titel": "V"}))),
        put("/none", task(json!({"name": "none"}), title("X"))),
        put("/u?fieldValidation=Odd", task(json!({}), title("X"))),
        get("/u"),
    ]
}

fn patches() -> Vec<Request> {
    vec![
        merge("/u", json!({"metadata": {"labels": {"x": null, "z": "1"}}, "spec": {"total": 3}})),
        merge("/u", json!({"metadata": {"labels": {"z": "1"}}})),
        merge("/u", json!({"spec": {"total": null}})),
        merge("/u", json!({"spec": {"title": null}})),
        merge("/u", json!({"spec": {"odd": 1}})),
        merge("/u?fieldValidation=Ignore", json!({"spec": {"odd": 1}})),
        merge("/u", json!({"metadata": {"resourceVersion": "1"}})),
        merge("/u", json!({"metadata": {"resourceVersion": "{rv}"}, "spec": {"total": 4}})),
        merge("/u", json!({"metadata": {"name": "v"}})),
        merge("/u", json!({"metadata": {"uid": "v"}})),
        merge("/none", json!({})),
        merge("/u?force=true", json!({})),
        operations(
            "/u",
            json!([{"op": "test", "path": "/spec/total", "value": 4}, {"op": "add", "path": "/spec/color", "value": "red"}]),
        ),
        operations("/u", json!([{"op": "test", "path": "/spec/total", "value": 5}])),
        operations("/u", json!([{"op": "remove", "path": "/spec/none"}])),
        operations("/u", json!([{"op": "replace", "path": "/spec/color", "value": "odd"}])),
        patch("application/strategic-merge-patch+json", "/u", "{}"),
        get("/u"),
    ]
}

fn subresources() -> Vec<Request> {
    vec![
        merge("/u", json!({"status": {"done": 1}})),
        merge(
            "/u/status",
            json!({"status": {"done": 1, "phase": "Busy"}, "spec": {"total": 9}, "metadata": {"labels": {"no": "no"}}}),
        ),
        merge("/u/status", json!({"status": {"done": -1}})),
        get("/u/status"),
        put("/u/status", task(json!({}), json!({"title": "ignored"}))),
        get("/u/scale"),
        merge("/u/scale", json!({"spec": {"replicas": 7}})),
        put(
            "/u/scale",
            json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "u"}, "spec": {"replicas": 8}}),
        ),
        put(
            "/u/scale",
            json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "u", "resourceVersion": "1"}, "spec": {"replicas": 8}}),
        ),
        merge("/u/scale", json!({"spec": {"replicas": -1}})),
        get("/u"),
    ]
}

fn held() -> Vec<Request> {
    let held = |name: &str| {
        post(
            "",
            json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "spec": {"title": "H"},
            "metadata": {"name": name, "finalizers": ["example.com/hold"], "labels": {"held": "yes"}}}),
        )
    };
    vec![
        held("h"),
        delete("/h?dryRun=All", ""),
        delete("/h", ""),
        delete("/h", ""),
        merge("/h", json!({"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}})),
        merge("/h", json!({"spec": {"title": "still"}})),
        merge("/h", json!({"metadata": {"finalizers": null}})),
        get("/h"),
        held("i"),
        held("j"),
        delete("?labelSelector=held=no", ""),
        delete("?labelSelector=held=yes&dryRun=All", ""),
        delete("?labelSelector=held=yes", ""),
        merge("/i", json!({"metadata": {"finalizers": []}})),
        operations("/j", json!([{"op": "remove", "path": "/metadata/finalizers"}])),
        get("?labelSelector=held"),
    ]
}

fn watches() -> Vec<Request> {
    vec![
        get("?watch=1&timeoutSeconds=1&resourceVersion={rv@0}"),
        get("?watch=1&timeoutSeconds=1&resourceVersion={rv@0}&labelSelector=held"),
        get("?watch=1&timeoutSeconds=1&resourceVersion={rv@0}&labelSelector=z"),
        get("?watch=1&timeoutSeconds=1&resourceVersion={rv@0}&fieldSelector=metadata.name=u"),
        get("?watch=1&timeoutSeconds=1&resourceVersion=0"),
        get_as(TABLE, "?watch=1&timeoutSeconds=1&resourceVersion=0"),
        get_as(METADATA, "?watch=1&timeoutSeconds=1&resourceVersion=0"),
        get("?watch=1&resourceVersionMatch=NotOlderThan"),
        get("?watch=1&sendInitialEvents=true"),
        get("?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact"),
        get("?watch=1&timeoutSeconds=x"),
        get("?watch=1&fieldSelector=spec.x=1"),
    ]
}
