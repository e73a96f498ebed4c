use serde_json::{Value, json};

use crate::fixture::*;
use crate::*;

const AT: Address<'static> = Address { namespace: "n", name: "a" };

async fn jobs() -> std::sync::Arc<Resource> {
    let jobs = resource(&registry(), "jobs");
    let body = json!({
        "apiVersion": "g.example.com/v1", "kind": "Job", "metadata": {"name": "a"},
        "spec": {"replicas": 2}, "status": {"replicas": 9},
    });
    let created = json_of(&create(&jobs, address("n", ""), body, &[]).await.unwrap());
    assert_eq!(created.get("status"), None, "create does not write the status");
    jobs
}

async fn write(jobs: &Resource, part: Part, patch: Value) -> Result<Value, Status> {
    let options = WriteOptions::read(&Parameters::default(), "PatchOptions")?;
    let change = Change::Patch(merge_patch(patch));
    jobs.update(AT, part, &change, &Duplicates::default(), &options).await.map(|written| json_of(&written))
}

async fn scale(jobs: &Resource, change: Change) -> Result<Value, Status> {
    let options = WriteOptions::read(&Parameters::default(), "PatchOptions")?;
    let written = jobs.update_scale(AT, &change, &Duplicates::default(), &options).await?;
    Ok(written.scale)
}

#[tokio::test]
async fn status_is_written_apart() {
    let jobs = jobs().await;
    let changes = json!({
        "metadata": {"labels": {"x": "y"}}, "spec": {"replicas": 3}, "status": {"replicas": 1},
    });
    let status = write(&jobs, Part::Status, changes.clone()).await.unwrap();
    assert_eq!((&status["spec"], &status["status"]), (&json!({"replicas": 2}), &json!({"replicas": 1})));
    assert_eq!((status["metadata"].get("labels"), &status["metadata"]["generation"]), (None, &json!(1)));
    let mut main = changes;
    main["status"]["replicas"] = json!(7);
    let main = write(&jobs, Part::Main, main).await.unwrap();
    assert_eq!((&main["spec"], &main["status"]), (&json!({"replicas": 3}), &json!({"replicas": 1})));
    assert_eq!(
        (&main["metadata"]["labels"], &main["metadata"]["generation"]),
        (&json!({"x": "y"}), &json!(2))
    );
    let refused = write(&jobs, Part::Status, json!({"status": {"replicas": "x"}})).await.unwrap_err();
    assert_eq!((refused.code(), refused.details.unwrap().causes[0].field.as_str()), (422, "status.replicas"));
    let removed = write(&jobs, Part::Status, json!({"status": null})).await.unwrap();
    assert_eq!(removed.get("status"), None);
}

#[tokio::test]
async fn scales() {
    let jobs = jobs().await;
    write(&jobs, Part::Status, json!({"status": {"replicas": 1, "selector": "a=b"}})).await.unwrap();
    let read = jobs.get_scale(AT, &GetOptions::default()).unwrap();
    assert_eq!((&read["kind"], &read["apiVersion"]), (&json!("Scale"), &json!("autoscaling/v1")));
    assert_eq!(
        (&read["spec"], &read["status"]),
        (&json!({"replicas": 2}), &json!({"replicas": 1, "selector": "a=b"}))
    );

    let merge = |patch: Value| Change::Patch(merge_patch(patch));
    let scaled = scale(&jobs, merge(json!({"spec": {"replicas": 5}}))).await.unwrap();
    assert_eq!(scaled["spec"]["replicas"], 5);
    let object = jobs.get(AT, &GetOptions::default()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(object.bytes()).unwrap()["metadata"]["generation"], 2);
    let mut replaced = scaled.clone();
    replaced["spec"]["replicas"] = json!(6);
    replaced["metadata"]["resourceVersion"] = json!("");
    assert_eq!(scale(&jobs, Change::Replace(replaced)).await.unwrap()["spec"]["replicas"], 6);
    write(&jobs, Part::Main, json!({"spec": null})).await.unwrap();
    let status = jobs.get_scale(AT, &GetOptions::default()).unwrap_err();
    let text = "the spec replicas field \".spec.replicas\" does not exist";
    assert_eq!((status.code(), status.message), (500, format!("Internal error occurred: {text}")));
    assert_eq!(status.details.unwrap().causes[0].message, text);
    let unset = scale(&jobs, merge(json!({"metadata": {"labels": {"a": "b"}}}))).await.unwrap_err();
    assert_eq!(
        (unset.code(), unset.message.as_str()),
        (400, "the spec replicas field \".spec.replicas\" cannot be empty")
    );
    let none = scale(&jobs, merge(json!({"spec": {"replicas": null}}))).await.unwrap();
    assert_eq!(none["spec"], json!({}), "0 is left out");
    assert_eq!(scale(&jobs, merge(json!({}))).await.unwrap()["spec"], json!({}), "it is set now");
}

/// Requests to change the Scale of an object that wants 2.
#[tokio::test]
async fn changes_of_scales() {
    let put = |metadata: Value, more: Value| {
        let mut body = json!({"metadata": metadata});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Change::Replace(body)
    };
    let merge = |patch: Value| Change::Patch(merge_patch(patch));
    let named = || json!({"name": "a"});
    let three = json!({"spec": {"replicas": 3}});
    for (change, code, expected) in [
        (put(named(), three.clone()), 200, "3"),
        (put(named(), json!({"kind": "Scale", "spec": {"replicas": 3}})), 200, "3"),
        (put(named(), json!({})), 200, "null"),
        (
            put(json!({}), three.clone()),
            400,
            "the name of the object (a based on URL) was undeterminable: name must be provided",
        ),
        (
            put(json!({"name": "b"}), three.clone()),
            400,
            "the name of the object (b) does not match the name on the URL (a)",
        ),
        (
            put(json!({"name": "a", "namespace": "m"}), three.clone()),
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            put(json!({"name": "a", "uid": "other"}), json!({"spec": {"replicas": -1}})),
            409,
            "Operation cannot be",
        ),
        (put(json!({"name": "a", "resourceVersion": "1"}), three.clone()), 409, "Operation cannot be"),
        (
            put(json!({"name": "a", "resourceVersion": "0"}), three.clone()),
            422,
            "jobs.g.example.com \"a\" is",
        ),
        (
            put(named(), json!({"kind": "Job"})),
            400,
            "Job in version \"v1\" cannot be handled as a Scale: no kind \"Job\" is registered",
        ),
        (
            put(named(), json!({"apiVersion": "autoscaling/v1", "spec": {"replicas": "3"}})),
            400,
            "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32",
        ),
        (merge(three.clone()), 200, "3"),
        (merge(json!({"spec": null})), 200, "null"),
        (merge(json!({"metadata": {"uid": "other"}})), 200, "2"),
        (merge(json!({"metadata": null})), 400, "the name of the object (a based on URL) was undeterminable"),
        (merge(json!({"spec": {"replicas": {}}})), 422, " \"\" is invalid: patch: Invalid value: "),
        (
            merge(json!({"spec": {"replicas": -1}})),
            422,
            "Job.g.example.com \"a\" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer",
        ),
    ] {
        let jobs = jobs().await;
        let (answered, text) = match scale(&jobs, change.clone()).await {
            Ok(scaled) => (200, scaled["spec"]["replicas"].to_string()),
            Err(status) => (status.code(), status.message),
        };
        assert!(answered == code && text.starts_with(expected), "{change:?}: {answered} {text}");
    }
}

#[tokio::test]
async fn values_of_other_types() {
    let hosts = resource(&registry(), "jobs");
    let body = |spec: Value| json!({"apiVersion": "g.example.com/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": spec});
    let accessor = |text: &str| format!("Invalid value: 0: .spec{text}");
    for (spec, expected) in [
        (
            json!(true),
            accessor(".replicas accessor error: true is of the type bool, expected map[string]interface{}"),
        ),
        (
            json!([1, "a", {"c": null, "b": 1.5}]),
            accessor(
                ".replicas accessor error: [1 a map[]] is of the type []interface {}, expected map[string]interface{}",
            ),
        ),
        (
            json!({"replicas": "x"}),
            accessor(".replicas accessor error: x is of the type string, expected int64"),
        ),
        (
            json!({"replicas": 2.0}),
            accessor(".replicas accessor error: 2 is of the type float64, expected int64"),
        ),
        (
            json!({"replicas": 2_147_483_648_i64}),
            "Invalid value: 2147483648: should be less than or equal to 2147483647".to_owned(),
        ),
    ] {
        let status = create(&hosts, address("n", ""), body(spec.clone()), &[]).await.unwrap_err();
        let causes = status.details.unwrap().causes;
        let found = causes.iter().find(|cause| cause.field == ".spec.replicas");
        assert_eq!(found.map(|cause| cause.message.as_str()), Some(expected.as_str()), "{spec}");
    }
    create(&hosts, address("n", ""), body(json!(null)), &[]).await.unwrap();
}
