//! What becomes of objects: pruned, defaulted, validated.

use serde_json::{Map, Value, json};
use tributary_schema::{Structural, limits};

use crate::{compile, with_spec};

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).expect("an object")
}

fn check_prune(schema: &Structural, given: Value, expected: Value, unknown: &[&str]) {
    let mut pruned = object(given.clone());
    let paths = schema.prune(&mut pruned);
    assert_eq!(
        (Value::Object(pruned.clone()), paths.as_slice()),
        (expected, unknown.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice()),
        "{given}"
    );
    assert!(schema.prune(&mut pruned).is_empty(), "pruning {given} twice prunes more");
}

#[test]
fn pruning_removes_what_is_unknown() {
    let schema = compile(&with_spec(json!({
        "type": "object",
        "properties": {
            "known": {"type": "string"},
            "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "anyMap": {"type": "object", "additionalProperties": true},
            "raw": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
                    "properties": {"strict": {"type": "object"}}},
            "rawList": {"x-kubernetes-preserve-unknown-fields": true, "type": "array",
                        "items": {"type": "object", "properties": {"strict": {"type": "object"}}}},
        },
    })));
    check_prune(
        &schema,
        json!({"apiVersion": "g/v", "kind": "K", "metadata": {"name": "n", "odd": 1}, "status": {}, "b": 1}),
        json!({"apiVersion": "g/v", "kind": "K", "metadata": {"name": "n", "odd": 1}}),
        &["b", "status"],
    );
    check_prune(
        &schema,
        json!({"spec": {"known": "x", "kind": "x", "metadata": {}, "list": [{"a": "x", "b": 1}, 5, {"c": {}}]}}),
        json!({"spec": {"known": "x", "list": [{"a": "x"}, 5, {}]}}),
        &["spec.kind", "spec.list[0].b", "spec.list[2].c", "spec.metadata"],
    );
    check_prune(
        &schema,
        json!({"spec": {"map": {"k": {"a": "x", "b": 1}}, "anyMap": {"k": 1, "l": {"m": [[{"n": 1}]]}}}}),
        json!({"spec": {"map": {"k": {"a": "x"}}, "anyMap": {"k": 1, "l": {}}}}),
        &["spec.anyMap.l.m", "spec.map.k.b"],
    );
    check_prune(
        &schema,
        json!({"spec": {"raw": {"x": {"y": 1}, "strict": {"z": 1}}, "rawList": [{"x": 1, "strict": {"z": 1}}]}}),
        json!({"spec": {"raw": {"x": {"y": 1}, "strict": {}}, "rawList": [{"x": 1, "strict": {}}]}}),
        &["spec.raw.strict.z", "spec.rawList[0].strict.z"],
    );
    check_prune(&Structural::any_object(), json!({"a": {"b": [1]}}), json!({"a": {"b": [1]}}), &[]);
}

#[test]
fn defaults_fill_what_is_absent() {
    let schema = compile(&with_spec(json!({
        "type": "object",
        "properties": {
            "count": {"type": "integer", "default": 1},
            "nullable": {"type": "string", "nullable": true, "default": "x"},
            "plain": {"type": "string"},
            "inner": {"type": "object", "properties": {"a": {"type": "string", "default": "x"}}},
            "filled": {"type": "object", "default": {}, "properties": {"a": {"type": "string", "default": "x"}}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string", "default": "x"}}}},
            "texts": {"type": "array", "items": {"type": "string", "default": "x"}},
            "map": {"type": "object", "additionalProperties": {"type": "string", "default": "x"}},
            "strictMap": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    })));
    let cases = [
        (json!({}), json!({})),
        (json!({"spec": null}), json!({})),
        (json!({"spec": {}}), json!({"spec": {"count": 1, "nullable": "x", "filled": {"a": "x"}}})),
        (
            json!({"spec": {"count": null, "nullable": null, "plain": null, "unknown": null, "filled": null}}),
            json!({"spec": {"count": 1, "nullable": null, "unknown": null, "filled": {"a": "x"}}}),
        ),
        (
            json!({"spec": {"count": 2, "nullable": "y", "filled": {"a": "y"}, "inner": {}, "list": [{}, {"a": "y"}, null],
                "texts": [null, "y"], "map": {"k": null, "l": "y"}, "strictMap": {"k": null}}}),
            json!({"spec": {"count": 2, "nullable": "y", "filled": {"a": "y"}, "inner": {"a": "x"},
                "list": [{"a": "x"}, {"a": "y"}, null], "texts": ["x", "y"], "map": {"k": "x", "l": "y"}, "strictMap": {}}}),
        ),
    ];
    for (given, expected) in cases {
        let mut defaulted = object(given.clone());
        schema.default(&mut defaulted);
        assert_eq!(Value::Object(defaulted.clone()), expected, "{given}");
        schema.default(&mut defaulted);
        assert_eq!(Value::Object(defaulted), expected, "{given}, twice");
    }
}

/// Validates `{spec: value}` against `schema` for spec.
fn check_spec(schema: Value, value: Value, expected: &[&str]) {
    let compiled = compile(&with_spec(schema.clone()));
    let errors = compiled.validate(&object(json!({"spec": value.clone()})));
    let texts: Vec<String> = errors.iter().map(|error| format!("{} {error}", error.reason)).collect();
    assert_eq!(texts, expected, "{schema} and {value}");
}

#[test]
fn types_are_told_as_kubernetes_tells_them() {
    let refused = |given: &str, expected: &str| {
        format!(
            "FieldValueTypeInvalid spec: Invalid value: \"{given}\": spec in body must be of type {expected}: \"{given}\""
        )
    };
    let cases = [
        (json!({"type": "integer"}), json!("x"), refused("string", "integer")),
        (json!({"type": "integer"}), json!(1.0), String::new()),
        (json!({"type": "integer"}), json!(true), refused("boolean", "integer")),
        (json!({"type": "integer", "format": "int64"}), json!(true), refused("", "int64")),
        (json!({"type": "number"}), json!(1), String::new()),
        (json!({"type": "number"}), json!({}), refused("object", "number")),
        (json!({"type": "string"}), json!(1), refused("integer", "string")),
        (json!({"type": "string"}), json!(1.5), refused("number", "string")),
        (json!({"type": "string"}), json!(null), refused("null", "string")),
        (json!({"type": "string", "nullable": true}), json!(null), String::new()),
        (json!({"type": "string", "format": "date-time"}), json!(5), refused("int64", "date-time")),
        (json!({"type": "string", "format": "date-time"}), json!(5.5), refused("float64", "date-time")),
        (json!({"type": "string", "format": "date-time"}), json!("now"), refused("now", "date-time")),
        (json!({"type": "string", "format": "fancy"}), json!("now"), String::new()),
        (json!({"type": "array", "items": {"type": "string"}}), json!({}), refused("object", "array")),
        (json!({"type": "object"}), json!([]), refused("array", "object")),
        (json!({"type": "boolean"}), json!("true"), refused("string", "boolean")),
        (json!({"x-kubernetes-int-or-string": true}), json!(true), refused("boolean", "integer,string")),
        (json!({"x-kubernetes-int-or-string": true}), json!(8080), String::new()),
        (json!({"x-kubernetes-int-or-string": true}), json!("http"), String::new()),
        (json!({"x-kubernetes-preserve-unknown-fields": true}), json!([1, {"a": null}]), String::new()),
    ];
    for (schema, value, expected) in cases {
        match expected.as_str() {
            "" => check_spec(schema, value, &[]),
            one => check_spec(schema, value, &[one]),
        }
    }
}

#[test]
fn values_are_refused_in_kubernetes_words() {
    let cases = [
        (
            json!({"type": "string", "enum": ["a", "b"]}),
            json!("c"),
            "FieldValueNotSupported spec: Unsupported value: \"c\": supported values: \"a\", \"b\"",
        ),
        (
            json!({"type": "integer", "enum": [1, 2]}),
            json!(3),
            "FieldValueNotSupported spec: Unsupported value: 3: supported values: \"1\", \"2\"",
        ),
        (
            json!({"type": "string", "maxLength": 2}),
            json!("ééé"),
            "FieldValueTooLong spec: Too long: may not be more than 2 bytes",
        ),
        (
            json!({"type": "string", "minLength": 2}),
            json!("é"),
            "FieldValueInvalid spec: Invalid value: \"é\": spec in body should be at least 2 chars long",
        ),
        (
            json!({"type": "string", "pattern": "^a$"}),
            json!("b"),
            "FieldValueInvalid spec: Invalid value: \"b\": spec in body should match '^a$'",
        ),
        (
            json!({"type": "integer", "minimum": 1}),
            json!(0),
            "FieldValueInvalid spec: Invalid value: 0: spec in body should be greater than or equal to 1",
        ),
        (
            json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}),
            json!(1),
            "FieldValueInvalid spec: Invalid value: 1: spec in body should be greater than 1",
        ),
        (
            json!({"type": "integer", "maximum": 1}),
            json!(2),
            "FieldValueInvalid spec: Invalid value: 2: spec in body should be less than or equal to 1",
        ),
        (
            json!({"type": "number", "maximum": 1.5, "exclusiveMaximum": true}),
            json!(1.5),
            "FieldValueInvalid spec: Invalid value: 1.5: spec in body should be less than 1.5",
        ),
        (
            json!({"type": "integer", "multipleOf": 3}),
            json!(4),
            "FieldValueInvalid spec: Invalid value: 4: spec in body should be a multiple of 3",
        ),
        (
            json!({"type": "number", "multipleOf": 0.1}),
            json!(0.35),
            "FieldValueInvalid spec: Invalid value: 0.35: spec in body should be a multiple of 0.1",
        ),
        (
            json!({"type": "integer", "format": "int32"}),
            json!(2147483648i64),
            "FieldValueInvalid <nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in spec",
        ),
        (
            json!({"type": "array", "items": {"type": "string"}, "maxItems": 1}),
            json!(["a", "b"]),
            "FieldValueTooMany spec: Too many: 2: must have at most 1 item",
        ),
        (
            json!({"type": "array", "items": {"type": "string"}, "minItems": 1}),
            json!([]),
            "FieldValueInvalid spec: Invalid value: 0: spec in body should have at least 1 items",
        ),
        (
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "maxProperties": 1}),
            json!({"a": 1, "b": 1}),
            "FieldValueTooMany spec: Too many: 2: must have at most 1 item",
        ),
        (
            json!({"type": "object", "minProperties": 1}),
            json!({}),
            "FieldValueInvalid spec: Invalid value: 0: spec in body should have at least 1 properties",
        ),
        (
            json!({"type": "object", "required": ["a"]}),
            json!({}),
            "FieldValueRequired spec.a: Required value",
        ),
        (
            json!({"type": "object", "additionalProperties": false}),
            json!({"a": 1}),
            "FieldValueInvalid spec: Invalid value: \"a\": spec.a in body is a forbidden property",
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            json!({"a.b": "x"}),
            "FieldValueTypeInvalid spec.a.b: Invalid value: \"string\": spec.a.b in body must be of type integer: \"string\"",
        ),
        (
            json!({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}}),
            json!([{}, {"a": "x"}]),
            "FieldValueTypeInvalid spec[1].a: Invalid value: \"string\": spec[1].a in body must be of type integer: \"string\"",
        ),
    ];
    for (schema, value, expected) in cases {
        check_spec(schema, value, &[expected]);
    }
}

#[test]
fn errors_come_in_order_and_end() {
    check_spec(
        json!({"type": "object", "minProperties": 4, "required": ["z", "a"], "properties": {
            "b": {"type": "integer", "minimum": 5, "maximum": 1, "enum": [9]},
            "list": {"type": "array", "minItems": 3, "items": {"type": "string", "maxLength": 1}},
        }}),
        json!({"b": 3, "list": ["xx", 1]}),
        &[
            "FieldValueInvalid spec: Invalid value: 2: spec in body should have at least 4 properties",
            "FieldValueInvalid spec.b: Invalid value: 3: spec.b in body should be greater than or equal to 5",
            "FieldValueInvalid spec.b: Invalid value: 3: spec.b in body should be less than or equal to 1",
            "FieldValueNotSupported spec.b: Unsupported value: 3: supported values: \"9\"",
            "FieldValueTooLong spec.list[0]: Too long: may not be more than 1 byte",
            "FieldValueTypeInvalid spec.list[1]: Invalid value: \"integer\": spec.list[1] in body must be of type string: \"integer\"",
            "FieldValueInvalid spec.list: Invalid value: 2: spec.list in body should have at least 3 items",
            "FieldValueRequired spec.z: Required value",
            "FieldValueRequired spec.a: Required value",
        ],
    );
    let schema = compile(&json!({"type": "object", "required": ["spec"]}));
    let errors = schema.validate(&Map::new());
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), "spec: Required value");

    let schema = compile(&with_spec(json!({"type": "array", "items": {"type": "string"}})));
    let many = object(json!({"spec": vec![1; limits::VALIDATION_ERRORS + 10]}));
    assert_eq!(schema.validate(&many).len(), limits::VALIDATION_ERRORS);
}
