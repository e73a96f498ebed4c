//! The group that most tests serve: the example's.

use serde_json::{Value, json};

/// The spec of an AggregatedAPI with `customtasks`, `clustertasks` and the endpoints `foo` and `foo/bar`.
pub(crate) fn spec() -> Value {
    json!({
        "resources": [
            {
                "name": "customtasks",
                "kind": "CustomTask",
                "shortNames": ["ct"],
                "scope": "Namespaced",
                "versions": [{
                    "name": "v1",
                    "schema": {"openAPIV3Schema": schema()},
                    "additionalPrinterColumns": columns(),
                }],
                "source": {"stored": {}},
            },
            {
                "name": "clustertasks",
                "kind": "ClusterTask",
                "scope": "Cluster",
                "versions": [{"name": "v1"}],
                "source": {"stored": {}},
            },
        ],
        "endpoints": [
            {"version": "v1", "path": "foo", "static": {"contentType": "text/plain", "body": "foo\n"}},
            {"version": "v1", "path": "foo/bar", "static": {"contentType": "text/plain", "body": "bar\n"}},
        ],
        "gateway": {"storage": {"memory": {}}},
    })
}

/// The schema of a customtask.
pub(crate) fn schema() -> Value {
    json!({
        "type": "object",
        "description": "CustomTask is a piece of work that somebody wants done.",
        "required": ["spec"],
        "properties": {
            "spec": {
                "type": "object",
                "description": "What is to be done.",
                "required": ["title"],
                "properties": {
                    "title": {"type": "string", "description": "The task in one line.",
                        "minLength": 1, "maxLength": 128},
                    "total": {"type": "integer", "format": "int32", "description": "How many steps it has.",
                        "minimum": 1, "default": 1},
                    "color": {"type": "string", "enum": ["red", "green", "blue"]},
                },
            },
            "status": {
                "type": "object",
                "properties": {
                    "done": {"type": "integer", "format": "int32", "minimum": 0},
                    "phase": {"type": "string"},
                },
            },
        },
    })
}

/// Its printer columns.
pub(crate) fn columns() -> Value {
    json!([
        {"name": "Title", "type": "string", "jsonPath": ".spec.title"},
        {"name": "Total", "type": "integer", "jsonPath": ".spec.total"},
        {"name": "Color", "type": "string", "jsonPath": ".spec.color", "priority": 1},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ])
}

/// A customtask; kind and apiVersion are those of `group`.
pub(crate) fn task(group: &str, name: &str) -> Value {
    json!({
        "apiVersion": format!("{group}/v1"),
        "kind": "CustomTask",
        "metadata": {"name": name},
        "spec": {"title": format!("Task {name}"), "total": 3, "color": "green"},
    })
}

/// A clustertask.
pub(crate) fn cluster_task(group: &str, name: &str) -> Value {
    json!({
        "apiVersion": format!("{group}/v1"),
        "kind": "ClusterTask",
        "metadata": {"name": name},
        "spec": {"title": "anything", "nested": {"numbers": [1, 2.5, null]}},
    })
}

/// kubectl's arguments, where resources of the test are named with their group: other tests have some of that name.
pub(crate) fn qualified(arguments: &str, group: &str) -> String {
    let names = ["customtasks", "customtask", "clustertasks", "clustertask"];
    let name = |argument: &str| match argument.split('/').next() {
        Some(name) if names.contains(&name) => argument.replacen(name, &format!("{name}.{group}"), 1),
        _ => argument.to_owned(),
    };
    arguments.split(' ').map(name).collect::<Vec<_>>().join(" ")
}
