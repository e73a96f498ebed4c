//! What a write makes of an object: patches step by step, Scales, objects of other kinds and versions, metadata.

use http::Method;
use serde_json::{Value, json};

use super::cases::{TABLE, case, delete, get, post};
use super::request::Request;

pub(super) fn table() -> Vec<Request> {
    let mut table = vec![post("", task(json!({"name": "w"}), json!({"numbers": [1, 2]})))];
    table.extend(patches());
    table.extend(patches_that_are_none());
    table.extend(scales());
    table.extend(scales_that_are_none());
    table.extend(others());
    table.extend(metadata());
    table.push(delete("/w", ""));
    table
}

fn task(metadata: Value, fields: Value) -> Value {
    let mut spec = json!({"title": "W"});
    spec.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": metadata, "spec": spec})
}

fn put(rest: &str, body: impl ToString) -> Request {
    case(Method::PUT, rest, body).header("Content-Type", "application/json")
}

fn patch(kind: &str, rest: &str, body: impl ToString) -> Request {
    case(Method::PATCH, rest, body).header("Content-Type", &format!("application/{kind}-patch+json"))
}

fn merge(body: impl ToString) -> Request {
    patch("merge", "/w", body)
}

fn operations(body: Value) -> Request {
    patch("json", "/w", body)
}

fn patches() -> Vec<Request> {
    let one = |op: &str, path: &str| operations(json!([{"op": op, "path": path, "value": 7}]));
    let from = |op: &str, from: &str, path: &str| operations(json!([{"op": op, "from": from, "path": path}]));
    vec![
        one("add", "/spec/numbers/-1"),
        one("replace", "/spec/numbers/00"),
        one("replace", "/spec/numbers/+1"),
        one("remove", "/spec/numbers/-2"),
        one("add", "/spec/numbers/9"),
        one("add", "/spec/numbers/x"),
        one("add", "/spec/title/x"),
        one("add", "spec/total"),
        one("add", ""),
        one("remove", ""),
        one("replace", ""),
        one("test", ""),
        from("copy", "", "/spec/x"),
        from("move", "", "/spec/x"),
        from("copy", "/spec/none", "/spec/color"),
        from("move", "/spec/none", "/spec/color"),
        from("move", "/spec/total", "/spec/halves"),
        operations(json!([{"op": "replace", "path": "", "value": [1]}])),
        operations(json!([{"op": "replace", "path": "", "value": {"a": 1}}])),
        operations(
            json!([{"op": "test", "path": "/spec/title", "value": "W"}, {"op": "test", "path": "/spec/none"}]),
        ),
        merge(json!({"spec": {"halves": null, "numbers": [3], "none": null}})),
        merge(json!({"status": {"phase": "no"}})),
        patch("merge", "/w?fieldValidation=Strict", json!({"spec": {"new": [{"a": null}]}})),
        get("/w"),
    ]
}

fn patches_that_are_none() -> Vec<Request> {
    let bodies = [
        "[]",
        "1e+30",
        "null",
        "\u{1}",
        "{\"a\":\"\u{1}\"}",
        "[1]",
        "[null]",
        r#"[{"op":1}]"#,
        r#"{"op":"x"}"#,
    ];
    let ways = [
        ("merge", "/w"),
        ("json", "/w"),
        ("merge", "/w?fieldValidation=Ignore"),
        ("json", "/w?fieldValidation=Ignore"),
    ];
    ways.into_iter().flat_map(|(kind, rest)| bodies.map(|body| patch(kind, rest, body))).collect()
}

fn scale(fields: Value) -> Value {
    let mut scale = json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "w"}});
    scale.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    scale
}

fn scales() -> Vec<Request> {
    let replicas = |number: Value| json!({"spec": {"replicas": number}});
    let operations = |body: Value| patch("json", "/w/scale", body);
    let merge = |body: Value| patch("merge", "/w/scale", body);
    vec![
        get("/w/scale"),
        get("/w/scale").header("Accept", TABLE),
        put("/w/scale", scale(replicas(json!(3)))),
        put("/w/scale", scale(json!({}))),
        put("/w/scale", json!({"metadata": {"name": "w"}, "spec": {"replicas": 4}})),
        put("/w/scale", json!({"kind": "Scale", "metadata": {"name": "w"}, "spec": {"replicas": 5}})),
        put("/w/scale", scale(json!({"metadata": {}}))),
        put("/w/scale", "null"),
        put("/w/scale", scale(json!({"metadata": {"name": "x"}}))),
        put("/w/scale", scale(json!({"metadata": {"name": "w", "namespace": "elsewhere"}}))),
        put("/w/scale", scale(json!({"metadata": {"name": "w", "uid": "other"}}))),
        put("/none/scale", scale(json!({"metadata": {"name": "none", "uid": "other"}}))),
        put(
            "/w/scale",
            scale(json!({"metadata": {"name": "w", "resourceVersion": "1"}, "spec": {"replicas": 6}})),
        ),
        put(
            "/w/scale",
            scale(json!({"metadata": {"name": "w", "resourceVersion": "0"}, "spec": {"replicas": 6}})),
        ),
        put("/w/scale", scale(json!({"spec": {"replicas": 6, "more": 1}, "top": {}}))),
        put("/w/scale", scale(replicas(json!(-1)))),
        put("/w/scale?dryRun=All", scale(replicas(json!(9)))),
        merge(replicas(json!(7))),
        merge(replicas(json!(null))),
        merge(json!({"spec": null})),
        merge(json!({"metadata": null})),
        merge(json!({"metadata": {"name": null}})),
        merge(json!({"metadata": {"name": "x"}})),
        merge(json!({"metadata": {"uid": "other", "labels": {"a": "b"}}})),
        merge(json!({"metadata": {"namespace": "elsewhere"}})),
        merge(json!({"status": {"replicas": 9}})),
        merge(json!({"spec": {"replicas": 7, "more": 1}})),
        merge(json!({"kind": null, "apiVersion": null, "spec": {"replicas": 8}})),
        operations(json!([{"op": "replace", "path": "/spec/replicas", "value": 6}])),
        operations(json!([{"op": "remove", "path": "/spec"}])),
        operations(json!([{"op": "test", "path": "/spec/replicas", "value": 6}])),
        patch("merge", "/w/scale?fieldValidation=Ignore", json!({"spec": {"replicas": 5, "more": 1}})),
        patch("merge", "/none/scale", "1"),
        get("/w"),
    ]
}

fn scales_that_are_none() -> Vec<Request> {
    let values = [
        json!({"spec": {"replicas": {}}}),
        json!({"spec": {"replicas": 1.5}}),
        json!({"spec": {"replicas": 2_147_483_648_i64}}),
        json!({"spec": 1}),
        json!({"metadata": {"name": 3}}),
        json!({"metadata": {"name": "w", "creationTimestamp": "now"}}),
        json!({"kind": "Other"}),
        json!({"apiVersion": "a/b/c"}),
        json!({"apiVersion": "v1"}),
        json!({"kind": 1}),
    ];
    let mut table = Vec::new();
    for value in values {
        table.push(put("/w/scale", scale(value.clone())));
        table.push(patch("merge", "/w/scale", &value));
        table.push(patch("merge", "/w/scale", value).header("Accept", "application/yaml"));
    }
    let strict = "/w/scale?fieldValidation=Strict";
    table.push(put(strict, scale(json!({"spec": {"replicas": 1, "more": 1}}))));
    table.push(patch("merge", strict, json!({"spec": {"more": 1}, "metadata": {"odd": 1}})));
    table.push(put("/w/scale", "{"));
    table.push(put("/w/scale", "[]"));
    table
}

/// Objects of other kinds and versions are read without this one's schema.
fn others() -> Vec<Request> {
    let of = |api_version: &str, kind: &str, spec: Value| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "w"}, "spec": spec});
    let odd = json!({"title": 1, "odd": true, "numbers": [1, 1]});
    let mut table = vec![post("", json!({"apiVersion": null, "kind": "CustomTask"}))];
    for (rest, version) in
        [("", "v1"), ("?fieldValidation=Strict", "v1"), ("", "v9"), ("?fieldValidation=Strict", "v9")]
    {
        for kind in ["CustomTask", "Other"] {
            table.push(post(rest, of(&format!("{{g}}/{version}"), kind, odd.clone())));
            table.push(put(&format!("/w{rest}"), of(&format!("{{g}}/{version}"), kind, odd.clone())));
        }
        table.push(patch(
            "merge",
            &format!("/w{rest}"),
            json!({"apiVersion": format!("{{g}}/{version}"), "spec": odd}),
        ));
        table.push(patch("merge", &format!("/w{rest}"), json!({"kind": "Other", "spec": odd})));
    }
    for body in ["{}", "null", r#"{"apiVersion":"{g}/v7"}"#, r#"{"spec":"<&>", "a" : 1}"#] {
        table.push(post("?fieldValidation=Ignore", body));
        table.push(post("", body));
    }
    table.push(post("", task(json!({"name": "spec"}), json!({}))));
    table.push(post(
        "",
        json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": "d"}, "spec": true}),
    ));
    table.push(merge(json!({"spec": true})));
    table.push(merge(json!({"spec": [1, "a", {"b": 1.5, "c": null}]})));
    table.push(delete("/spec", ""));
    table
}

fn metadata() -> Vec<Request> {
    let cluster = |metadata: Value| json!({"apiVersion": "{g}/v1", "kind": "ClusterTask", "metadata": metadata, "spec": {}});
    let bad = json!({"labels": {"x": "a b"}, "annotations": {"A b": ""}, "ownerReferences": [{}]});
    let finalizers = json!({"name": "held", "finalizers": ["example.com/hold"]});
    vec![
        post("!/clustertasks", cluster(json!({"name": "w", "namespace": "{n}"}))),
        put("!/clustertasks/w", cluster(json!({"name": "w", "namespace": "x", "resourceVersion": "{rv}"}))),
        patch("merge", "!/clustertasks/w", json!({"metadata": {"namespace": "y"}})),
        patch("merge", "!/clustertasks/w", json!({"metadata": bad})),
        delete("!/clustertasks/w", ""),
        merge(json!({"metadata": bad})),
        merge(json!({"kind": "Other", "metadata": bad})),
        merge(json!({"metadata": {"generateName": "Made_"}})),
        merge(json!({"metadata": {"selfLink": "/x"}})),
        patch("merge", "/w?dryRun=All", json!({"metadata": {"selfLink": "/x", "labels": {"x": "z"}}})),
        merge(json!({"metadata": {"deletionTimestamp": "2020-01-01T00:00:00Z"}})),
        merge(json!({"metadata": {"deletionGracePeriodSeconds": 5}})),
        patch("merge", "/w/status", json!({"metadata": bad, "spec": {"total": 0}, "status": {"phase": "x"}})),
        post("", task(json!({"resourceVersion": "5"}), json!({"total": 0}))),
        post("", task(json!({"name": "new", "resourceVersion": "5"}), json!({}))),
        post("", task(json!({"name": "w", "resourceVersion": "5"}), json!({}))),
        post("", task(finalizers.clone(), json!({}))),
        delete("/held", ""),
        post("", task(finalizers, json!({}))),
        post("?dryRun=All", task(json!({"name": "held", "generateName": "made-"}), json!({}))),
        merge(json!({"metadata": {"name": "held"}})),
        patch("merge", "/held", json!({"metadata": {"finalizers": null}})),
    ]
}
