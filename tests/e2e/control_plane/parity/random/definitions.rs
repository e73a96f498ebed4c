//! What both groups serve: for each lane a namespaced resource with every feature, and a cluster-wide one.

use serde_json::{Value, json};

use super::schema;

/// The spec of an AggregatedAPI with the resources of so many lanes.
pub(crate) fn spec(lanes: usize) -> Value {
    let resources: Vec<_> = (0..lanes).flat_map(|lane| [thing(lane), zone(lane)]).collect();
    json!({"resources": resources, "gateway": {"storage": {"memory": {}}}})
}

/// The words of a lane: plurals and kinds.
pub(super) fn words(lane: usize) -> [(&'static str, String); 4] {
    [
        ("things", format!("things{lane}")),
        ("Thing", format!("Thing{lane}")),
        ("zones", format!("zones{lane}")),
        ("Zone", format!("Zone{lane}")),
    ]
}

fn thing(lane: usize) -> Value {
    json!({
        "name": format!("things{lane}"),
        "kind": format!("Thing{lane}"),
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "storage": true,
                "schema": {"openAPIV3Schema": schema::schema()},
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.small", "statusReplicasPath": ".status.replicas",
                        "labelSelectorPath": ".status.selector"},
                },
                "additionalPrinterColumns": columns(),
                "selectableFields": [{"jsonPath": ".spec.choice"}, {"jsonPath": ".spec.small"},
                    {"jsonPath": ".spec.flag"}],
            },
            {
                "name": "v2",
                "storage": false,
                "deprecated": true,
                "schema": {"openAPIV3Schema": second()},
                "subresources": {"status": {}},
                "additionalPrinterColumns": [{"name": "Text", "type": "string", "jsonPath": ".spec.text"}],
            },
            {
                "name": "v3",
                "storage": false,
                "served": false,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            },
        ],
        "source": {"stored": {}},
    })
}

fn zone(lane: usize) -> Value {
    json!({
        "name": format!("zones{lane}"),
        "kind": format!("Zone{lane}"),
        "scope": "Cluster",
        "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {
            "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        "source": {"stored": {}},
    })
}

/// The same objects with fewer fields, other defaults, and fields of its own.
fn second() -> Value {
    json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {
            "text": {"type": "string"},
            "small": {"type": "integer", "default": 2},
            "choice": {"type": "string", "enum": ["red", "blue"]},
            "own": {"type": "string", "default": "second"},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
        }},
        "status": schema::status(),
    }})
}

fn columns() -> Value {
    json!([
        {"name": "Text", "type": "string", "jsonPath": ".spec.text", "description": "What it says."},
        {"name": "Small", "type": "integer", "format": "int32", "jsonPath": ".spec.small"},
        {"name": "Real", "type": "number", "jsonPath": ".spec.real", "priority": 1},
        {"name": "Flag", "type": "boolean", "jsonPath": ".spec.flag"},
        {"name": "Any", "type": "string", "jsonPath": ".spec.anything"},
        {"name": "First", "type": "string", "jsonPath": ".spec.strings[0]"},
        {"name": "Parts", "type": "string", "jsonPath": ".spec.parts[*].name"},
        {"name": "True", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"},
        {"name": "When", "type": "date", "jsonPath": ".spec.dateTime"},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ])
}
