use super::*;
use serde_json::json;

#[test]
fn the_first_field_of_another_type() {
    let field = |found: &str, field: &str, wanted: &str| {
        format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}")
    };
    let yesterday =
        r#"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#;
    for (metadata, expected) in [
        (json!([]), "json: cannot unmarshal array into Go value of type v1.ObjectMeta".to_owned()),
        (json!("x"), "json: cannot unmarshal string into Go value of type v1.ObjectMeta".to_owned()),
        (json!({"name": 1.5}), field("number", "ObjectMeta.name", "string")),
        (json!({"uid": {}}), field("object", "ObjectMeta.uid", "types.UID")),
        (json!({"generation": "x"}), field("string", "ObjectMeta.generation", "int64")),
        (json!({"generation": 1.5}), field("number 1.5", "ObjectMeta.generation", "int64")),
        (
            json!({"generation": 18_446_744_073_709_551_615.0}),
            field("number 18446744073709552000", "ObjectMeta.generation", "int64"),
        ),
        (json!({"labels": 1}), field("number", "ObjectMeta.labels", "map[string]string")),
        (json!({"labels": {"a": 1}, "name": 1}), field("number", "ObjectMeta.labels", "string")),
        (json!({"finalizers": {}}), field("object", "ObjectMeta.finalizers", "[]string")),
        (json!({"finalizers": ["a", 1]}), field("number", "ObjectMeta.finalizers", "string")),
        (json!({"ownerReferences": 1}), field("number", "ObjectMeta.ownerReferences", "[]v1.OwnerReference")),
        (json!({"ownerReferences": [1]}), field("number", "ObjectMeta.ownerReferences", "v1.OwnerReference")),
        (
            json!({"ownerReferences": [{"name": 1}], "selfLink": 1}),
            field("number", "OwnerReference.ownerReferences.name", "string"),
        ),
        (
            json!({"ownerReferences": [{"controller": "x"}]}),
            field("string", "OwnerReference.ownerReferences.controller", "bool"),
        ),
        (
            json!({"managedFields": [{"operation": 1}]}),
            field("number", "ManagedFieldsEntry.managedFields.operation", "v1.ManagedFieldsOperationType"),
        ),
        (json!({"creationTimestamp": 1}), field("number", "ObjectMeta.creationTimestamp", "string")),
        (
            json!({"annotations": 1, "managedFields": [{"time": []}]}),
            field("array", "ManagedFieldsEntry.managedFields.time", "string"),
        ),
        (json!({"creationTimestamp": "yesterday"}), yesterday.to_owned()),
        (json!({"annotations": 1, "deletionTimestamp": "yesterday"}), yesterday.to_owned()),
    ] {
        assert_eq!(read(&metadata, "", &mut Vec::new()).unwrap_err().to_string(), expected, "{metadata}");
    }
}

#[test]
fn values_are_put_in_the_form_of_their_type() {
    for (metadata, expected) in [
        (
            json!({"labels": {"a": null, "b": "c"}, "annotations": null, "finalizers": [null]}),
            json!({"labels": {"a": "", "b": "c"}, "finalizers": [""]}),
        ),
        (json!({"name": null, "x": 1, "generation": 1.0}), json!({"generation": 1})),
        (
            json!({"creationTimestamp": "2020-01-02T3:04:05,5+01:00"}),
            json!({"creationTimestamp": "2020-01-02T02:04:05Z"}),
        ),
        (json!({"creationTimestamp": "0001-01-01T00:00:00Z", "deletionTimestamp": null}), json!({})),
        (
            json!({"ownerReferences": [null]}),
            json!({"ownerReferences": [{"apiVersion": "", "kind": "", "name": "", "uid": ""}]}),
        ),
    ] {
        let read = read(&metadata, "", &mut Vec::new()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), expected, "{metadata}");
    }
}

#[test]
fn unknown_fields_are_told() {
    let mut unknown = Vec::new();
    let owners = json!([{}, {"name": "a", "more": {"x": 1}}]);
    read(&json!({"x": 1, "labels": {"y": "z"}, "ownerReferences": owners}), "metadata", &mut unknown)
        .unwrap();
    assert_eq!(unknown, ["metadata.ownerReferences[1].more", "metadata.x"]);
}

#[test]
fn scales() {
    for (mut scale, expected, told) in [
        (json!(null), Ok(()), &[][..]),
        (json!({"spec": {"replicas": 2_147_483_647}, "status": null}), Ok(()), &[]),
        (
            json!({"spec": {"replica": 1}, "status": {"x": 1}, "more": 1}),
            Ok(()),
            &["spec.replica", "status.x", "more"],
        ),
        (
            json!({"spec": {"replicas": {}}}),
            Err("object into Go struct field ScaleSpec.spec.replicas of type int32"),
            &[],
        ),
        (
            json!({"spec": {"replicas": 2_147_483_648_i64}}),
            Err("number 2147483648 into Go struct field ScaleSpec.spec.replicas of type int32"),
            &[],
        ),
        (
            json!({"spec": {"replicas": 1.5}, "status": {"selector": 1}}),
            Err("number 1.5 into Go struct field ScaleSpec.spec.replicas of type int32"),
            &[],
        ),
        (json!({"spec": 1}), Err("number into Go struct field Scale.spec of type v1.ScaleSpec"), &[]),
        (
            json!({"metadata": {"name": 1}}),
            Err("number into Go struct field ObjectMeta.metadata.name of type string"),
            &[],
        ),
    ] {
        let mut unknown = Vec::new();
        let expected = expected.map_err(|why| format!("json: cannot unmarshal {why}"));
        assert_eq!(read_scale(&mut scale, &mut unknown), expected, "{scale}");
        assert_eq!(unknown, told, "{scale}");
    }
}

#[test]
fn integers_of_what_was_sent_are_written_as_such() {
    for (seconds, fits) in [
        (json!(1000), true),
        (json!(-1), true),
        (json!(i64::MAX), true),
        (json!(1e3), false),
        (json!(0.5), false),
    ] {
        let mut options = json!({"gracePeriodSeconds": seconds});
        assert_eq!(read_delete_options(&mut options).is_ok(), fits, "{options}");
    }
    assert!(read_scale(&mut json!({"spec": {"replicas": 1.0}}), &mut Vec::new()).is_err());
    assert!(read_token(&json!({"rv": 1.0})).is_err());
}
