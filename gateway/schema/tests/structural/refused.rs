//! Schemas that a CustomResourceDefinition would be refused for, or that this version does not support.

use serde_json::{Value, json};
use tributary_schema::field::Path;
use tributary_schema::{Structural, limits};

use crate::with_spec;

fn check(schema: &Value, expected: &[&str]) {
    let errors = match Structural::parse(schema, &Path::new("s")) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(errors, expected, "{schema}");
}

#[test]
fn what_is_not_structural_is_refused() {
    let cases: &[(Value, &[&str])] = &[
        (json!({"type": "object"}), &[]),
        (json!({"x-kubernetes-preserve-unknown-fields": true}), &[]),
        (json!(true), &["s: Invalid value: true: must be a schema"]),
        (json!({}), &["s.type: Required value: must not be empty at the root"]),
        (json!({"type": "string"}), &["s.type: Invalid value: \"string\": must be object at the root"]),
        (
            json!({"type": "object", "nullable": true}),
            &["s.nullable: Forbidden: nullable cannot be true at the root"],
        ),
        (
            json!({"type": "object", "additionalProperties": true}),
            &["s.additionalProperties: Forbidden: must not be used at the root"],
        ),
        (
            with_spec(json!({})),
            &["s.properties[spec].type: Required value: must not be empty for specified object fields"],
        ),
        (
            with_spec(json!({"type": "array", "items": {}})),
            &["s.properties[spec].items.type: Required value: must not be empty for specified array items"],
        ),
        (
            with_spec(json!({"type": "array"})),
            &["s.properties[spec].items: Required value: must be specified"],
        ),
        (
            with_spec(json!({"type": "array", "items": [{"type": "string"}]})),
            &[
                "s.properties[spec].items: Forbidden: items must be a schema object and not an array",
                "s.properties[spec].items: Required value: must be specified",
            ],
        ),
        (
            with_spec(json!({"type": "text"})),
            &[
                "s.properties[spec].type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"",
            ],
        ),
        (
            with_spec(
                json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}),
            ),
            &[
                "s.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive",
            ],
        ),
        (
            with_spec(
                json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": true}),
            ),
            &[],
        ),
        (
            with_spec(
                json!({"x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true}),
            ),
            &[
                "s.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true",
            ],
        ),
        (
            with_spec(json!({"type": "object", "x-kubernetes-preserve-unknown-fields": false})),
            &[
                "s.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined",
            ],
        ),
        (
            with_spec(json!({"type": "object", "x-kubernetes-list-type": "atomic"})),
            &[
                "s.properties[spec].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified",
            ],
        ),
        (
            with_spec(json!({"type": "string", "pattern": "("})),
            &[
                "s.properties[spec].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: unclosed group",
            ],
        ),
        (
            with_spec(json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true})),
            &[
                "s.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
            ],
        ),
        (
            with_spec(
                json!({"type": "string", "minLength": "1", "nullable": 1, "enum": "a", "required": [1]}),
            ),
            &[
                "s.properties[spec].enum: Invalid value: \"a\": must be a list",
                "s.properties[spec].minLength: Invalid value: \"1\": must be an integer",
                "s.properties[spec].nullable: Invalid value: 1: must be a boolean",
                "s.properties[spec].required[0]: Invalid value: 1: must be a string",
            ],
        ),
    ];
    for (schema, expected) in cases {
        check(schema, expected);
    }
}

#[test]
fn metadata_may_only_restrict_names() {
    let metadata = |metadata: Value| json!({"type": "object", "properties": {"metadata": metadata}});
    let implicit = "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified";
    check(&metadata(json!({"type": "object"})), &[]);
    check(
        &metadata(json!({"type": "object", "properties": {"name": {"type": "string", "pattern": "^a"}}})),
        &[],
    );
    check(&metadata(json!({"type": "object", "properties": {"labels": {"type": "object"}}})), &[implicit]);
    check(&metadata(json!({"type": "object", "description": "x"})), &[implicit]);
    check(
        &metadata(json!({"type": "object", "properties": {"name": {"type": "string", "default": "x"}}})),
        &[
            "s.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata",
        ],
    );
    check(
        &json!({"type": "object", "properties": {"kind": {"type": "integer"}}}),
        &["s.properties[kind].type: Invalid value: \"integer\": must be string"],
    );
}

#[test]
fn defaults_must_fit() {
    let spec = |default: Value| {
        with_spec(json!({"type": "object", "required": ["a"], "default": default,
            "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"type": "array", "items": {"type": "string"}}}}))
    };
    check(&spec(json!({"a": 1, "b": ["x"]})), &[]);
    check(&spec(json!({})), &["s.properties[spec].default.a: Required value"]);
    check(
        &spec(json!({"a": 0})),
        &["s.properties[spec].default.a: Invalid value: 0: a in body should be greater than or equal to 1"],
    );
    check(
        &spec(json!({"a": 1, "b": [1]})),
        &[
            "s.properties[spec].default.b[0]: Invalid value: \"integer\": b[0] in body must be of type string: \"integer\"",
        ],
    );
    check(
        &spec(json!({"a": 1, "c": 1})),
        &["s.properties[spec].default: Invalid value: {\"a\":1,\"c\":1}: must not have unknown fields"],
    );
    check(
        &with_spec(json!({"type": "integer", "default": "x"})),
        &[
            "s.properties[spec].default: Invalid value: \"string\":  in body must be of type integer: \"string\"",
        ],
    );
}

#[test]
fn what_this_version_does_not_support_is_named() {
    check(
        &with_spec(json!({"type": "object", "x-kubernetes-validations": [{"rule": "true"}]})),
        &[
            "s.properties[spec].x-kubernetes-validations: Forbidden: x-kubernetes-validations is not supported by this version",
        ],
    );
    check(
        &with_spec(json!({"type": "object", "properties": {"a": {
            "type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true,
            "default": {"apiVersion": "v1", "kind": "Pod", "metadata": {}},
        }}})),
        &[
            "s.properties[spec].properties[a].default: Forbidden: a default with the metadata of an embedded resource is not supported by this version",
        ],
    );
    check(
        &with_spec(json!({"type": "string", "$ref": "#/x", "minLen": 1})),
        &[
            "s.properties[spec].$ref: Forbidden: $ref is not supported",
            "s.properties[spec].minLen: Forbidden: minLen is not a keyword of structural schemas",
        ],
    );
    // Said without meaning anything, as Kubernetes drops it when it decodes.
    check(
        &with_spec(
            json!({"type": "string", "allOf": [], "x-kubernetes-embedded-resource": false, "not": null}),
        ),
        &[],
    );
}

#[test]
fn limits_hold() {
    let mut nested = json!({"type": "object"});
    for _ in 0..limits::SCHEMA_DEPTH {
        nested = json!({"type": "object", "properties": {"a": nested}});
    }
    let errors = Structural::parse(&nested, &Path::new("s")).expect_err("too deep");
    assert!(errors[0].message.contains("nested deeper than 64 levels"), "{errors:?}");

    let wide: serde_json::Map<String, Value> =
        (0..limits::SCHEMA_NODES).map(|index| (index.to_string(), json!({"type": "string"}))).collect();
    let errors = Structural::parse(&json!({"type": "object", "properties": wide}), &Path::new("s"))
        .expect_err("too wide");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].message.contains("more than 16384 schemas"), "{errors:?}");

    let patterns: serde_json::Map<String, Value> = (0..=limits::SCHEMA_PATTERNS)
        .map(|index| (index.to_string(), json!({"type": "string", "pattern": "a"})))
        .collect();
    let errors = Structural::parse(&json!({"type": "object", "properties": patterns}), &Path::new("s"))
        .expect_err("too many patterns");
    assert!(errors[0].message.contains("more than 256 patterns"), "{errors:?}");
}
