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
    let change = Change::Patch(Patch::merge(patch)?);
    jobs.update(AT, part, &change, &Duplicates::default(), &options).await.map(|written| json_of(&written))
}

async fn scale(jobs: &Resource, change: Change) -> Result<Value, Status> {
    jobs.update_scale(AT, &change, &WriteOptions::read(&Parameters::default(), "PatchOptions")?).await
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

    let merge = |patch: Value| Change::Patch(Patch::merge(patch).unwrap());
    let scaled = scale(&jobs, merge(json!({"spec": {"replicas": 5}}))).await.unwrap();
    assert_eq!(scaled["spec"]["replicas"], 5);
    let object = jobs.get(AT, &GetOptions::default()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(object.bytes()).unwrap()["metadata"]["generation"], 2);
    let mut replaced = scaled.clone();
    replaced["spec"]["replicas"] = json!(6);
    replaced["metadata"]["resourceVersion"] = json!("");
    assert_eq!(scale(&jobs, Change::Replace(replaced.clone())).await.unwrap()["spec"]["replicas"], 6);

    replaced["metadata"]["resourceVersion"] = read["metadata"]["resourceVersion"].clone();
    let cases = [
        (
            Change::Replace(replaced),
            409,
            "Operation cannot be fulfilled on jobs.g.example.com \"a\": the object has been modified",
        ),
        (
            merge(json!({"spec": {"replicas": -1}})),
            422,
            "Job.g.example.com \"a\" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer",
        ),
        (
            merge(json!({"spec": {"replicas": null}})),
            400,
            "the spec replicas field \".spec.replicas\" cannot be empty",
        ),
        (
            Change::Replace(json!({"kind": "Job"})),
            400,
            "Scale in version \"v1\" cannot be handled as a Scale",
        ),
    ];
    for (change, code, text) in cases {
        let status = scale(&jobs, change).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message);
        assert!(status.message.starts_with(text), "{}", status.message);
    }
    write(&jobs, Part::Main, json!({"spec": null})).await.unwrap();
    assert_eq!(jobs.get_scale(AT, &GetOptions::default()).unwrap_err().code(), 500);
}
