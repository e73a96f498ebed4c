//! The requests that both are asked, in order: each builds on those before. `{g}` is the group, `{n}` the namespace.

use http::Method;
use serde_json::{Value, json};

use super::request::{Body, Request};

pub(super) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
pub(super) const METADATA: &str = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

pub(super) fn case(method: Method, rest: &str, body: impl ToString) -> Request {
    let path = match rest.strip_prefix('!') {
        Some(cluster) => format!("/apis/{{g}}/v1{cluster}"),
        None => format!("/apis/{{g}}/v1/namespaces/{{n}}/customtasks{rest}"),
    };
    Request { body: Body::Text(body.to_string()), ..Request::new(method, path) }
}

/// `rest` follows the test's customtasks, or with `!` the version.
pub(super) fn get(rest: &str) -> Request {
    case(Method::GET, rest, "")
}

pub(super) fn get_as(accept: &str, rest: &str) -> Request {
    get(rest).header("Accept", accept)
}

pub(super) fn post(rest: &str, body: impl ToString) -> Request {
    case(Method::POST, rest, body).header("Content-Type", "application/json")
}

pub(super) fn delete(rest: &str, body: impl ToString) -> Request {
    case(Method::DELETE, rest, body).header("Content-Type", "application/json")
}

/// A valid customtask with other fields at the top; null takes a field away.
fn with(fields: Value) -> Value {
    let mut task = json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": "d"}});
    task["spec"] = json!({"title": "D"});
    let task_fields = task.as_object_mut().unwrap();
    for (name, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => task_fields.remove(name),
            value => task_fields.insert(name.clone(), value.clone()),
        };
    }
    task
}

fn task(name: &str, spec: Value) -> Value {
    let mut task = with(json!({"metadata": {"name": name, "labels": {"name": name}}}));
    task["spec"] = spec;
    task
}

fn with_metadata(metadata: Value) -> Value {
    with(json!({"metadata": metadata, "spec": {"title": "x"}}))
}

fn largest() -> String {
    task("largest", json!({"title": "L"})).to_string()
}

fn cluster_task(name: &str) -> Value {
    with(json!({"kind": "ClusterTask", "metadata": {"name": name}, "spec": {"any": [1, 2.50, "é<&>", null]}}))
}

/// JSON whose spec is given as it is to be sent.
fn raw(name: &str, spec: &str) -> String {
    format!(r#"{{"apiVersion":"{{g}}/v1","kind":"CustomTask","metadata":{{"name":"{name}"}},{spec}}}"#)
}

/// Every case.
pub(super) fn table() -> Vec<Request> {
    let mut table = creations();
    table.extend(reads());
    table.extend(super::changes::table());
    table.extend(super::decoding::table());
    table.extend(super::writes::table());
    table.extend(super::options::table());
    table.extend(deletions());
    table
}

fn creations() -> Vec<Request> {
    let a = task("a", json!({"title": "A"}));
    vec![
        get(""),
        post("", &a),
        post("", &a),
        post("", task("b", json!({"title": "B", "total": 5, "color": "red"}))),
        post("?dryRun=All", task("dry", json!({"title": "C"}))),
        post("?dryRun=All", &a),
        post("/named?dryRun=All", task("named", json!({"title": "C"}))),
        post("/named?dryRun=All", with_metadata(json!({}))),
        post("/named?dryRun=All", task("another", json!({"title": "C"}))),
        post("?dryRun=Some", task("dry", json!({"title": "C"}))),
        post("", task("c", json!({"title": ""}))),
        post("", task("c", json!({"title": "x".repeat(129)}))),
        post("", task("c", json!({"title": 1, "total": "1", "color": "pink"}))),
        post("", task("c", json!({"total": 0}))),
        post("", task("c", json!(null))),
        post("", task("c", json!([]))),
        post("", task("c", json!({"title": "é\u{1f600}", "total": 2_147_483_648_i64}))),
        post("", task("c", json!({"title": null, "total": null}))),
        post("", task("UPPER", json!({"title": "C"}))),
        post("", task("", json!({"title": "C"}))),
        post("", with_metadata(json!({}))),
        post("", with_metadata(json!({"name": "c", "namespace": "elsewhere"}))),
        post("", with_metadata(json!({"name": "c", "labels": {"bad key!": "x"}}))),
        post("", with_metadata(json!({"name": "c", "labels": {"key": "bad value!"}}))),
        post("", with_metadata(json!({"name": "c", "labels": {"key": 1}}))),
        post("", with_metadata(json!({"name": "c", "annotations": {"Bad Key": "x"}}))),
        post("", with_metadata(json!({"name": "c", "finalizers": ["unqualified!"]}))),
        post(
            "",
            with_metadata(
                json!({"name": "c", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p"}]}),
            ),
        ),
        post(
            "",
            with_metadata(json!({"name": "c", "ownerReferences": [
                {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": true},
                {"apiVersion": "v1", "kind": "Pod", "name": "q", "uid": "v", "controller": true},
            ]})),
        ),
        post("", with_metadata(json!({"name": "c", "finalizers": ["orphan", "foregroundDeletion"]}))),
        post("", with_metadata(json!({"name": "c", "annotations": {"a.example.com/long": "{long:262145}"}}))),
        post("", with_metadata(json!({"name": "c", "resourceVersion": "5"}))),
        post(
            "",
            with_metadata(
                json!({"name": "c", "uid": "mine", "generation": 7, "creationTimestamp": "2020-01-01T00:00:00Z"}),
            ),
        ),
        post("", with_metadata(json!("text"))),
        post("", with(json!({"kind": "Other"}))),
        post("", with(json!({"apiVersion": "{g}/v2"}))),
        post("", with(json!({"apiVersion": null}))),
        post("", with(json!({"kind": null}))),
        post("", with(json!({"spec": {"title": "D", "x": {"y": 1}}, "top": 1}))),
        post(
            "?fieldValidation=Strict",
            with(json!({"metadata": {"name": "e", "more": 1}, "spec": {"title": "D", "x": 1}, "top": 1})),
        ),
        post(
            "?fieldValidation=Ignore",
            with(json!({"metadata": {"name": "e"}, "spec": {"title": "D", "x": 1}})),
        ),
        post("?fieldValidation=Other", &a),
        post("", ""),
        post("", "{"),
        post("", "[]"),
        post("", "null"),
        post("", raw("f", r#""spec":{"title":"1"},"spec":{"title":"2"}"#)),
        post("?fieldValidation=Strict", raw("g", r#""spec":{"title":"1","title":"2"}"#)),
        case(Method::POST, "", &a).header("Content-Type", "text/plain"),
        case(Method::POST, "", "x".repeat((3 << 20) + 1)).header("Content-Type", "application/json"),
        Request { body: Body::Padded(largest(), 3 << 20), ..post("?dryRun=All", "") },
        Request { body: Body::Padded(largest(), (3 << 20) + 1), ..post("?dryRun=All", "") },
        post("", &a).header("Accept", "text/html"),
        post("", task("table", json!({"title": "T"}))).header("Accept", TABLE),
        post("", task("partial", json!({"title": "T"}))).header("Accept", METADATA),
        post("!/customtasks", &a),
        post("!/clustertasks", cluster_task("a")),
        post("!/clustertasks", cluster_task("a")),
        post("!/namespaces/{n}/clustertasks", cluster_task("b")),
        post("!/namespaces/no-such-namespace/customtasks", &a),
    ]
}

fn reads() -> Vec<Request> {
    vec![
        get("/a"),
        get("/none"),
        get("/a?resourceVersion=0"),
        get("/a?resourceVersion=x"),
        get("/a?pretty=false"),
        get("/a/status"),
        get("/a/other"),
        get("/a/other/more"),
        get("!/customtasks/a"),
        get("!/clustertasks/a"),
        get("!/clustertasks"),
        get("!/namespaces/{n}/clustertasks"),
        get("!/nothing"),
        get("!/namespaces/{n}/nothing"),
        get(""),
        get("!/namespaces/no-such-namespace/customtasks"),
        get("?limit=1"),
        get("?limit=2"),
        get("?limit=-1"),
        get("?limit=x"),
        get("?continue=x"),
        get("?resourceVersion=0"),
        get("?resourceVersionMatch=Exact"),
        get("?resourceVersion=0&resourceVersionMatch=Exact"),
        get("?resourceVersion=0&resourceVersionMatch=Other"),
        get("?sendInitialEvents=true"),
        get("?labelSelector=name=a"),
        get("?labelSelector=name%20in%20(a,b)"),
        get("?labelSelector=name!=a"),
        get("?labelSelector=%20name%20notin%20(b)%20,!x"),
        get("?labelSelector=a%20b"),
        get("?labelSelector=,,"),
        get("?labelSelector=name%3E1"),
        get("?labelSelector=bad%20key!=x"),
        get("?fieldSelector=metadata.name=a"),
        get("?fieldSelector=metadata.name!=a,metadata.namespace={n}"),
        get("?fieldSelector=metadata.namespace=other"),
        get("?fieldSelector=spec.color=red"),
        get("?fieldSelector=bad"),
        get_as(TABLE, ""),
        get_as(TABLE, "/a"),
        get_as(TABLE, "?includeObject=None"),
        get_as(TABLE, "?includeObject=Object&limit=1"),
        get_as(TABLE, "/a?includeObject=Other"),
        get_as(TABLE, "?labelSelector=name=none"),
        get_as(TABLE, "!/clustertasks"),
        get_as(TABLE, "/none"),
        get_as(METADATA, "/a"),
        get_as(METADATA_LIST, ""),
        get_as(METADATA_LIST, "?limit=1"),
        get_as(METADATA, ""),
        get_as("text/html", "/a"),
        get_as("application/vnd.kubernetes.protobuf,application/json;q=0.5", "/a"),
        get_as("*/*", "/a"),
        get_as("application/json;as=Table;v=v9;g=meta.k8s.io", "/a"),
    ]
}

fn deletions() -> Vec<Request> {
    let options = |fields: Value| {
        let mut options = json!({"apiVersion": "v1", "kind": "DeleteOptions"});
        options.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        options
    };
    vec![
        delete("/none", ""),
        delete("/a?dryRun=All", ""),
        get("/a"),
        delete("/a", options(json!({"dryRun": ["Some"]}))),
        delete("/a", options(json!({"dryRun": ["All"]}))),
        delete("/a", options(json!({"preconditions": {"uid": "other"}}))),
        delete("/a", options(json!({"preconditions": {"resourceVersion": "1"}}))),
        delete("/a", options(json!({"propagationPolicy": "Other"}))),
        delete("/a", options(json!({"propagationPolicy": "Background", "orphanDependents": false}))),
        delete("/a", "{"),
        delete("/a", r#"{"kind":"Other","apiVersion":"v1"}"#),
        delete("/b", options(json!({"propagationPolicy": "Background"}))),
        delete("/a", ""),
        delete("/a", ""),
        delete("!/clustertasks/a", options(json!({"gracePeriodSeconds": 0}))),
        get(""),
    ]
}
