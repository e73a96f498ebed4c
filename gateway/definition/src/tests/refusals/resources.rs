//! Names, sources and verbs.

use serde_json::{Value, json};

use super::{at, check};
use crate::tests::resource;

#[test]
fn the_names_of_a_resource() {
    let name = |value: &str| (at("/name"), json!(value));
    for (word, want) in [
        ("Tasks", "spec.resources[0].name: Invalid value: \"Tasks\": a DNS-1035 label must"),
        ("1tasks", "spec.resources[0].name: Invalid value: \"1tasks\": a DNS-1035 label must"),
        (
            "watch",
            "spec.resources[0].name: Invalid value: \"watch\": must not be one of namespaces, watch, proxy",
        ),
    ] {
        let (pointer, value) = name(word);
        check(&[(&pointer, value)], &[want]);
    }
    for (key, value, want) in [
        (
            "/kind",
            json!("Custom.Task"),
            "kind: Invalid value: \"Custom.Task\": may have mixed case, but should otherwise match: a DNS-1035",
        ),
        ("/kind", json!("RawEndpoint"), "kind: Invalid value: \"RawEndpoint\": is the kind of raw endpoints"),
        ("/kind", json!("\u{212a}ind"), "kind: Invalid value: \"\u{212a}ind\": may have mixed case"),
        ("/singular", json!("Task"), "singular: Invalid value: \"Task\": a DNS-1035 label must"),
        ("/listKind", json!("1List"), "listKind: Invalid value: \"1List\": may have mixed case"),
        ("/shortNames", json!(["ct", "C"]), "shortNames[1]: Invalid value: \"C\": a DNS-1035 label must"),
        ("/shortNames", json!(["ct", "ct"]), "shortNames[1]: Duplicate value: \"ct\""),
        ("/categories", json!(["All"]), "categories[0]: Invalid value: \"All\": a DNS-1035 label must"),
        (
            "/categories",
            json!(["a", "b", "c", "d", "e", "f", "g", "h", "i"]),
            "categories: Too many: 9: must have at most 8 items",
        ),
    ] {
        check(&[(&at(key), value)], &[&format!("spec.resources[0].{want}")]);
    }
    // The default listKind differs, so only the declared one can be equal.
    check(
        &[(&at("/listKind"), json!("CustomTask"))],
        &["spec.resources[0].listKind: Invalid value: \"CustomTask\": kind and listKind may not be the same"],
    );
}

#[test]
fn names_have_one_owner() {
    let second = |key: &str, value: Value| (format!("/spec/resources/1{key}"), value);
    for (key, value, want) in [
        ("/name", json!("customtasks"), "name: Duplicate value: \"customtasks\""),
        (
            "/name",
            json!("customtask"),
            "name: Invalid value: \"customtask\": is already in use by spec.resources[0]",
        ),
        ("/name", json!("ct"), "name: Invalid value: \"ct\": is already in use by spec.resources[0]"),
        (
            "/singular",
            json!("customtasks"),
            "singular: Invalid value: \"customtasks\": is already in use by spec.resources[0]",
        ),
        (
            "/shortNames",
            json!(["x", "ct"]),
            "shortNames[1]: Invalid value: \"ct\": is already in use by spec.resources[0]",
        ),
        (
            "/kind",
            json!("CustomTaskList"),
            "kind: Invalid value: \"CustomTaskList\": is already in use by spec.resources[0]",
        ),
        (
            "/listKind",
            json!("CustomTask"),
            "listKind: Invalid value: \"CustomTask\": is already in use by spec.resources[0]",
        ),
    ] {
        let (pointer, value) = second(key, value);
        check(&[(&pointer, value)], &[&format!("spec.resources[1].{want}")]);
    }
    // Even in another version, as for CustomResourceDefinitions; a resource may repeat its own names.
    check(
        &[("/spec/resources/-", resource("others", "CustomTask", "v2"))],
        &[
            "spec.resources[2].singular: Invalid value: \"customtask\": is already in use by spec.resources[0]",
            "spec.resources[2].kind: Invalid value: \"CustomTask\": is already in use by spec.resources[0]",
            "spec.resources[2].listKind: Invalid value: \"CustomTaskList\": is already in use by spec.resources[0]",
        ],
    );
    let (pointer, value) = second("/singular", json!("clustertasks"));
    check(&[(&pointer, value)], &[]);
}

/// The example's second resource has no subresources, as a view must not.
#[test]
fn views() {
    let check = |changes: Value, want: &[&str]| {
        let mut view = json!({
            "from": {"apiVersion": "v1", "resource": "pods"},
            "join": [{"name": "events", "from": {"apiVersion": "v1", "resource": "events"},
                "keys": {"object": "object.metadata.uid", "item": "item.involvedObject.uid"}}],
            "template": {"spec": {"node": "${object.spec.?nodeName}"}, "events": "${events.map(e, e.reason)}"},
            "visibleIf": {"verb": "get", "resource": "pods", "namespace": "${object.metadata.namespace}"},
        });
        for (pointer, value) in changes.as_object().unwrap() {
            *view.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
        }
        let want: Vec<_> = want.iter().map(|want| format!("spec.resources[1].source.view.{want}")).collect();
        let want: Vec<_> = want.iter().map(String::as_str).collect();
        super::check(&[("/spec/resources/1/source", json!({"view": view}))], &want);
    };
    check(json!({}), &[]);
    check(
        json!({"/template/events": "${event.map(e, e)}"}),
        &["template.events: Invalid value: \"${event.map(e, e)}\": 1:3: "],
    );
    check(
        json!({"/join/0/keys/item": "object.x", "/join/0/keys/object": "item."}),
        &[
            "join[0].keys.object: Invalid value: \"item.\": 1:",
            "join[0].keys.item: Invalid value: \"object.x\": 1:1: ",
        ],
    );
    check(
        json!({"/join/0/name": "object"}),
        &[
            "join[0].name: Invalid value: \"object\": is the name of another variable",
            "template.events: Invalid value: ",
        ],
    );
    check(
        json!({"/from": {"apiVersion": "a/b/c", "resource": "pods"}}),
        &["from.apiVersion: Invalid value: \"a/b/c\": must be a version or group/version"],
    );
    check(
        json!({"/template": {"metadata": {"finalizers": ["a/b"]}}}),
        &["template.metadata.finalizers: Forbidden: objects of a view have none"],
    );
    check(
        json!({"/visibleIf/namespace": "${object.}", "/visibleIf/verb": ""}),
        &["visibleIf.verb: Required value: ", "visibleIf.namespace: Invalid value: \"${object.}\": 1:"],
    );
    super::check(
        &[
            (
                "/spec/resources/1/source",
                json!({"view": {"from": {"apiVersion": "v1", "resource": "pods"}, "template": {}}}),
            ),
            ("/spec/resources/1/verbs", json!(["get", "delete"])),
        ],
        &["spec.resources[1].verbs[1]: Forbidden: the source does not offer delete"],
    );
}

#[test]
fn sources_and_verbs() {
    let source = |value: Value| (at("/source"), value);
    for (value, want) in [
        (
            json!({}),
            "source: Invalid value: []: exactly one of stored, view, http, review must be set, found none",
        ),
        (
            json!({"stored": {}, "review": {"template": {}}}),
            "source: Invalid value: [\"stored\",\"review\"]: exactly one of",
        ),
        (
            json!({"review": {"template": {}}}),
            "source.review: Forbidden: source review is not supported by this version",
        ),
        (json!({"stored": {"ttl": "1d"}}), "source.stored.ttl: Invalid value: \"1d\": invalid duration"),
    ] {
        let (pointer, value) = source(value);
        check(&[(&pointer, value)], &[&format!("spec.resources[0].{want}")]);
    }
    check(
        &[(&at("/verbs"), json!(["get", "watch", "get"]))],
        &["spec.resources[0].verbs[2]: Duplicate value: \"get\""],
    );
}
