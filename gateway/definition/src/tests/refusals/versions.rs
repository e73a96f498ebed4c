//! Versions, their schemas and columns.

use serde_json::json;

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
    check(
        &[(&at("/versions/-"), json!({"name": "v2"}))],
        &[
            "spec.resources[0].versions[1]: Forbidden: more than one version of a resource is not supported by this version",
        ],
    );
    check(
        &[(&at("/versions/-"), json!({"name": "v1"}))],
        &[
            "spec.resources[0].versions[1].name: Duplicate value: \"v1\"",
            "spec.resources[0].versions[1]: Forbidden: more than one version",
        ],
    );
    let control = "a\u{7}";
    for (key, value, want) in [
        ("/name", json!("V1"), "name: Invalid value: \"V1\": a DNS-1035 label must"),
        (
            "/storage",
            json!(false),
            "storage: Invalid value: false: must have exactly one version marked as storage version",
        ),
        (
            "/deprecationWarning",
            json!("old"),
            "deprecationWarning: Invalid value: \"old\": can only be set for deprecated versions",
        ),
        (
            "/subresources",
            json!({"status": {}}),
            "subresources.status: Forbidden: subresource status is not supported by this version",
        ),
        (
            "/subresources",
            json!({"scale": {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a"}}),
            "subresources.scale: Forbidden: subresource scale is not supported by this version",
        ),
        (
            "/selectableFields",
            json!([{"jsonPath": ".spec.color"}]),
            "selectableFields: Forbidden: selectable fields are not supported by this version",
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
            json!({"name": "A", "type": "string", "expression": "object.a"}),
            "[0].expression: Forbidden: column expressions are not supported by this version",
        ),
        (json!({"name": "A", "type": "text", "jsonPath": ".a"}), "[0].type: "),
        (json!({"name": "A", "type": "string", "jsonPath": ".a["}), "[0].jsonPath: "),
    ] {
        check(&[(&columns, json!([column]))], &[&format!("{path}{want}")]);
    }
    let many = vec![json!({"name": "A", "type": "string", "jsonPath": ".a"}); 33];
    check(&[(&columns, json!(many))], &[&format!("{path}: Too many: 33: must have at most 32 items")]);
}
