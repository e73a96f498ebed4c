//! What OpenAPI shows of a schema.

use serde_json::{Value, json};
use tributary_schema::Structural;

use crate::{compile, with_spec};

fn check(schema: Value, v3: Value, v2: Value) {
    let compiled = compile(&schema);
    assert_eq!(compiled.openapi_v3(), v3, "v3 of {schema}");
    assert_eq!(compiled.openapi_v2(), v2, "v2 of {schema}");
}

#[test]
fn every_keyword_is_published() {
    let schema = with_spec(json!({
        "type": "object", "title": "T", "description": "D", "required": ["a"], "minProperties": 0, "default": {"a": "x"},
        "properties": {
            "a": {"type": "string", "pattern": "^x", "enum": ["x"], "format": "fancy", "example": "x", "maxLength": 9},
            "b": {"x-kubernetes-int-or-string": true},
            "c": {"type": "array", "items": {"type": "number", "maximum": 1.5}, "x-kubernetes-list-type": "atomic"},
            "d": {"type": "object", "additionalProperties": {"type": "string"}, "x-kubernetes-map-type": "atomic"},
        },
    }));
    let mut v3 = schema.clone();
    v3["properties"]["spec"]["properties"]["b"]["anyOf"] = json!([{"type": "integer"}, {"type": "string"}]);
    check(schema.clone(), v3, schema);
}

/// apiextensions-apiserver `pkg/apiserver/schema/unfold.go`.
#[test]
fn int_or_string_is_unfolded_once() {
    let either = json!([{"type": "integer"}, {"type": "string"}]);
    let either_first = json!({"anyOf": either});
    for (junctors, published) in [
        (json!({}), json!({"anyOf": either})),
        (json!({"anyOf": either}), json!({"anyOf": either})),
        (json!({"allOf": [either_first, {"minimum": 1}]}), json!({"allOf": [either_first, {"minimum": 1}]})),
        (json!({"allOf": [{"minimum": 1}]}), json!({"allOf": [{"minimum": 1}], "anyOf": either})),
        (
            json!({"anyOf": [{"minimum": 1}, {"pattern": "x"}]}),
            json!({"anyOf": [{"minimum": 1}, {"pattern": "x"}], "allOf": [either_first]}),
        ),
        (
            json!({"anyOf": [{"minimum": 1}], "allOf": [{"maximum": 2}]}),
            json!({"anyOf": [{"minimum": 1}], "allOf": [either_first, {"maximum": 2}]}),
        ),
    ] {
        let of = |junctors: &Value| {
            let mut field = json!({"x-kubernetes-int-or-string": true});
            field.as_object_mut().unwrap().extend(junctors.as_object().unwrap().clone());
            with_spec(json!({"type": "object", "properties": {"a": field}}))
        };
        assert_eq!(compile(&of(&junctors)).openapi_v3(), of(&published), "{junctors}");
    }
}

#[test]
fn what_says_nothing_is_left_out() {
    let given = with_spec(
        json!({"type": "object", "nullable": false, "description": "", "required": [], "default": {},
        "uniqueItems": false, "maximum": null, "properties": {}}),
    );
    let published = with_spec(json!({"type": "object", "default": {}}));
    check(given, published.clone(), published);
}

#[test]
fn v2_drops_what_it_cannot_say() {
    check(
        with_spec(json!({"type": "object", "required": ["a", "b"], "properties": {
            "a": {"type": "object", "nullable": true, "properties": {"x": {"type": "string"}}},
            "b": {"type": "string"},
            "c": {"type": "array", "nullable": true, "items": {"type": "string"}},
            "d": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"x": {"type": "string"}}},
            "e": {"type": "array", "x-kubernetes-preserve-unknown-fields": true, "items": {"type": "string"}},
        }})),
        with_spec(json!({"type": "object", "required": ["a", "b"], "properties": {
            "a": {"type": "object", "nullable": true, "properties": {"x": {"type": "string"}}},
            "b": {"type": "string"},
            "c": {"type": "array", "nullable": true, "items": {"type": "string"}},
            "d": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"x": {"type": "string"}}},
            "e": {"type": "array", "x-kubernetes-preserve-unknown-fields": true, "items": {"type": "string"}},
        }})),
        with_spec(json!({"type": "object", "required": ["b"], "properties": {
            "a": {},
            "b": {"type": "string"},
            "c": {},
            "d": {"x-kubernetes-preserve-unknown-fields": true},
            "e": {"x-kubernetes-preserve-unknown-fields": true},
        }})),
    );
}

#[test]
fn a_resource_without_a_schema_is_bare_in_v2() {
    let any = Structural::any_object();
    assert!(any.is_bare_in_v2());
    assert_eq!(any.openapi_v2(), json!({"type": "object"}));
    assert_eq!(any.openapi_v3(), json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
    assert!(!compile(&json!({"type": "object"})).is_bare_in_v2());
}
