//! Versions, their schemas and columns.

use serde_json::{Value, json};

use super::{at, check};
use crate::compile;
use crate::tests::{example_with, typed};

#[test]
fn versions() {
    let v = |rest: &str| at(&format!("/versions/0{rest}"));
    check(
        &[(&at("/versions"), json!([]))],
        &["spec.resources[0].versions: Required value: must have at least one version"],
    );
    let one = "must have exactly one version marked as storage version";
    check(
        &[(&at("/versions/-"), json!({"name": "v2"}))],
        &[&format!("spec.resources[0].versions: Invalid value: [\"v1\",\"v2\"]: {one}")],
    );
    check(
        &[(&v("/storage"), json!(true)), (&at("/versions/-"), json!({"name": "v1"}))],
        &["spec.resources[0].versions[1].name: Duplicate value: \"v1\""],
    );
    check(
        &[(&v("/storage"), json!(false))],
        &[&format!("spec.resources[0].versions: Invalid value: [\"v1\"]: {one}")],
    );
    // Errors of a version that is not served count too: objects may be kept in it.
    check(
        &[
            (&v("/storage"), json!(true)),
            (&at("/versions/-"), json!({"name": "v2", "served": false, "schema": {"openAPIV3Schema": {}}})),
        ],
        &[
            "spec.resources[0].versions[1].schema.openAPIV3Schema.type: Required value: must not be empty at the root",
        ],
    );
    let control = "a\u{7}";
    for (key, value, want) in [
        ("/name", json!("V1"), "name: Invalid value: \"V1\": a DNS-1035 label must"),
        (
            "/deprecationWarning",
            json!("old"),
            "deprecationWarning: Invalid value: \"old\": can only be set for deprecated versions",
        ),
    ] {
        check(&[(&v(key), value)], &[&format!("spec.resources[0].versions[0].{want}")]);
    }
    for (text, want) in [
        ("x".repeat(257).as_str(), "must be <= 256 characters long"),
        (control, "must only contain printable UTF-8 characters"),
    ] {
        let errors = compile(&typed(example_with(&[
            (&v("/deprecated"), json!(true)),
            (&v("/deprecationWarning"), json!(text)),
        ])))
        .expect_err(text);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].field, "spec.resources[0].versions[0].deprecationWarning");
        assert!(errors[0].message.ends_with(want), "{}", errors[0]);
    }
}

#[test]
fn selectable_fields() {
    let fields = at("/versions/0/selectableFields");
    let path = "spec.resources[0].versions[0].selectableFields";
    for (text, want) in [
        (".spec.title", ""),
        (".spec.total", ""),
        (".status.done", ""),
        ("", "Required value"),
        ("spec.title", "Invalid value: \"spec.title\": is an invalid path: expected [ or . but got: spec"),
        (".spec.", "Invalid value: \".spec.\": is an invalid path: unexpected end of JSON path"),
        (
            ".spec['title']",
            "Invalid value: \".spec['title']\": is an invalid path: array notation is not allowed",
        ),
        (
            ".spec.nothing",
            "Invalid value: \".spec.nothing\": is an invalid path: does not refer to a valid field",
        ),
        (".spec", "Invalid value: \".spec\": must point to a field of type string, boolean or integer."),
        (".metadata.name", "Invalid value: \".metadata.name\": must not point to fields in metadata"),
    ] {
        let want = format!("{path}[0].jsonPath: {want}");
        let wanted: &[&str] = if want.ends_with(": ") { &[] } else { &[&want] };
        check(&[(&fields, json!([{"jsonPath": text}]))], wanted);
    }
    check(
        &[(&fields, json!([{"jsonPath": ".spec.title"}, {"jsonPath": ".spec.title"}]))],
        &[&format!("{path}[1].jsonPath: Duplicate value: \".spec.title\"")],
    );
}

#[test]
fn the_paths_of_scale() {
    let scale = at("/versions/0/subresources/scale");
    let check_path = |key: &str, text: &str, want: &str| {
        let mut declared = json!({"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a"});
        declared[key] = json!(text);
        let at = format!("spec.resources[0].versions[0].subresources.scale.{key}: ");
        match want {
            "" => check(&[(&scale, declared)], &[]),
            "Required value" | "Too long" => check(&[(&scale, declared)], &[&format!("{at}{want}")]),
            _ => check(&[(&scale, declared)], &[&format!("{at}Invalid value: {text:?}: {want}")]),
        }
    };
    let (start, dots) =
        ("must be a simple json path starting with .", "must be a json path in the dot notation");
    let (spec, status) = ("should be a json path under .spec", "should be a json path under .status");
    let either = "should be a json path under either .spec or .status";
    let long = |length: usize| format!(".spec.{}", "a".repeat(length - ".spec.".len()));
    for (key, text, want) in [
        ("specReplicasPath", "", "Required value"),
        ("specReplicasPath", "spec.a", start),
        ("specReplicasPath", "$.spec.a", start),
        ("specReplicasPath", ".", spec),
        ("specReplicasPath", ".spec", spec),
        ("specReplicasPath", ".status.a", spec),
        ("specReplicasPath", ".spec.", dots),
        ("specReplicasPath", ".spec.a..b", dots),
        ("specReplicasPath", ".spec.a[0]", dots),
        ("specReplicasPath", ".spec.a.b.c", ""),
        ("specReplicasPath", &long(256), ""),
        ("specReplicasPath", &long(257), "Too long"),
        ("statusReplicasPath", "", "Required value"),
        ("statusReplicasPath", "{.status.a}", start),
        ("statusReplicasPath", ".spec.a", status),
        ("statusReplicasPath", ".status.a.", dots),
        ("labelSelectorPath", "", ""),
        ("labelSelectorPath", "status.selector", start),
        ("labelSelectorPath", ".metadata.labels", either),
        ("labelSelectorPath", ".spec.selector", ""),
        ("labelSelectorPath", ".status.selector", ""),
    ] {
        check_path(key, text, want);
    }
}

#[test]
fn the_root_of_a_schema_beside_a_status_subresource() {
    let schema = at("/versions/0/schema/openAPIV3Schema");
    let declared = json!({
        "type": "object", "title": "A", "description": "A task.", "example": {}, "maxProperties": 9,
        "x-kubernetes-preserve-unknown-fields": true, "default": {}, "nullable": false,
    });
    check(
        &[(&schema, declared.clone())],
        &[
            "spec.resources[0].versions[0].schema.openAPIV3Schema: Invalid value: [\"default\",\"maxProperties\"]: \
           only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength \
           Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example \
           XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status \
           subresource is enabled",
        ],
    );
    check(&[(&schema, declared), (&at("/versions/0/subresources"), Value::Null)], &[]);
}

#[test]
fn schemas_and_columns() {
    let schema = at("/versions/0/schema/openAPIV3Schema");
    let columns = at("/versions/0/additionalPrinterColumns");
    let path = "spec.resources[0].versions[0].schema.openAPIV3Schema";
    check(
        &[(&schema, json!({"type": "object", "properties": {"a": {}}}))],
        &[&format!("{path}.properties[a].type: Required value")],
    );
    let path = "spec.resources[0].versions[0].additionalPrinterColumns";
    for (column, want) in [
        (
            json!({"name": "A", "type": "string"}),
            "[0]: Invalid value: []: exactly one of jsonPath, expression must be set",
        ),
        (
            json!({"name": "A", "type": "string", "jsonPath": ".a", "expression": "object.a"}),
            "[0]: Invalid value: [\"jsonPath\",\"expression\"]: exactly one of",
        ),
        (
            json!({"name": "A", "type": "string", "expression": "size(item)"}),
            "[0].expression: Invalid value: \"size(item)\": 1:6: undeclared reference to 'item'",
        ),
        (json!({"name": "A", "type": "text", "jsonPath": ".a"}), "[0].type: "),
        (json!({"name": "A", "type": "string", "jsonPath": ".a["}), "[0].jsonPath: "),
    ] {
        check(&[(&columns, json!([column]))], &[&format!("{path}{want}")]);
    }
    let many = vec![json!({"name": "A", "type": "string", "jsonPath": ".a"}); 33];
    check(&[(&columns, json!(many))], &[&format!("{path}: Too many: 33: must have at most 32 items")]);
}
