use serde_json::{Value, json};

use crate::fixture::*;
use crate::*;

async fn created(tasks: &Resource, metadata: Value) -> Value {
    json_of(&create(tasks, address("n", ""), task(metadata), &[]).await.unwrap())
}

/// `object` with the value at `pointer` replaced, or taken out where it is null.
fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(field);
    } else {
        parent.insert(field.to_owned(), value);
    }
    object
}

fn merge(patch: Value) -> Change {
    Change::Patch(merge_patch(patch))
}

#[tokio::test]
async fn replacing() {
    let tasks = resource(&registry(), "tasks");
    let first = created(&tasks, json!({"name": "a"})).await;
    let at = address("n", "a");
    let same = json_of(&update(&tasks, at, Change::Replace(first.clone()), &[]).await.unwrap());
    assert_eq!(same, first, "a write that changes nothing keeps the resourceVersion");

    let mut changed = with(first.clone(), "/spec/title", json!("u"));
    changed["metadata"]["generation"] = json!(99);
    changed["metadata"]["creationTimestamp"] = Value::Null;
    let second = json_of(&update(&tasks, at, Change::Replace(changed), &[]).await.unwrap());
    assert_eq!((&second["spec"]["title"], &second["metadata"]["generation"]), (&json!("u"), &json!(2)));
    assert_eq!(second["metadata"]["creationTimestamp"], first["metadata"]["creationTimestamp"]);
    assert_ne!(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);

    let labelled = with(second.clone(), "/metadata/labels", json!({"x": "y"}));
    let dry =
        json_of(&update(&tasks, at, Change::Replace(labelled.clone()), &[("dryRun", "All")]).await.unwrap());
    assert_eq!(dry["metadata"]["labels"], json!({"x": "y"}));
    let third = json_of(&update(&tasks, at, Change::Replace(labelled), &[]).await.unwrap());
    assert_eq!(third["metadata"]["generation"], 2, "metadata is not counted");

    let cases = [
        (
            first.clone(),
            409,
            "Operation cannot be fulfilled on tasks.g.example.com \"a\": the object has been modified; please apply your changes to the latest version and try again",
        ),
        (
            with(third.clone(), "/metadata/resourceVersion", Value::Null),
            422,
            "tasks.g.example.com \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update",
        ),
        (
            with(third.clone(), "/metadata/uid", json!("other")),
            409,
            "Operation cannot be fulfilled on tasks.g.example.com \"a\": StorageError: invalid object, Code: 4, Key: /registry/g.example.com/tasks/n/a",
        ),
        (
            with(third.clone(), "/metadata/name", json!("b")),
            400,
            "the name of the object (b) does not match the name on the URL (a)",
        ),
        (
            with(third.clone(), "/metadata/namespace", json!("m")),
            400,
            "the namespace of the provided object does not match",
        ),
        (
            with(third.clone(), "/metadata/name", json!("")),
            400,
            "the name of the object (a based on URL) was undeterminable: name must be provided",
        ),
        (
            with(third.clone(), "/kind", json!("Other")),
            422,
            "Other.g.example.com \"a\" is invalid: kind: Invalid value: \"Other\": must be Task",
        ),
        (
            with(third.clone(), "/spec/title", json!(1)),
            422,
            "Task.g.example.com \"a\" is invalid: spec.title: Invalid value: \"integer\"",
        ),
        (
            with(third.clone(), "/apiVersion", json!("x/v1")),
            400,
            "the API version in the data (x/v1) does not match",
        ),
    ];
    for (body, code, text) in cases {
        let status = update(&tasks, at, Change::Replace(body.clone()), &[]).await.unwrap_err();
        assert_eq!(status.code(), code, "{body}: {}", status.message);
        assert!(status.message.starts_with(text), "{body}: {}", status.message);
        let now = tasks.get(at, &GetOptions::default()).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(now.bytes()).unwrap(),
            third,
            "a refused write changes nothing"
        );
    }
}

/// What is found out before an object is looked up, and the warnings of it that go with a refusal.
#[tokio::test]
async fn changing_what_is_not_there() {
    let tasks = resource(&registry(), "tasks");
    let named = |name: &str| with(task(json!({"name": name})), "/spec/odd", json!(1));
    let odd = &["unknown field \"spec.odd\""][..];
    let undecodable = Patch::json(Err("no patch".to_owned()), FieldValidation::Warn);
    for (change, code, warnings) in [
        (Change::Replace(named("b")), 404, odd),
        (Change::Replace(named("c")), 400, odd),
        (
            Change::Replace(with(named("b"), "/apiVersion", json!("g.example.com/v9"))),
            400,
            &["unknown field \"spec\""],
        ),
        (Change::Replace(with(named("b"), "/metadata/labels", json!(1))), 400, &[]),
        (merge(json!({"spec": {"odd": 1}})), 404, &[]),
        (Change::Patch(undecodable), 404, &[]),
    ] {
        let refused = update(&tasks, address("n", "b"), change.clone(), &[]).await.unwrap_err();
        assert_eq!(
            (refused.code(), &refused.warnings[..]),
            (code, &warnings.iter().map(|text| text.to_string()).collect::<Vec<_>>()[..]),
            "{change:?}"
        );
    }
    let at = address("n", "");
    create(&tasks, at, named("b"), &[]).await.unwrap();
    let taken = create(&tasks, at, named("b"), &[]).await.unwrap_err();
    assert_eq!((taken.code(), &taken.warnings[..]), (409, &[odd[0].to_owned()][..]));
    for (metadata, code, retry) in
        [(json!({"name": "b", "generateName": "b-"}), 409, Some(1)), (json!({"name": "b"}), 409, None)]
    {
        let taken = create(&tasks, at, task(metadata), &[]).await.unwrap_err();
        assert_eq!((taken.code(), taken.retry_after()), (code, retry));
    }
    let old = GetOptions::read(&parameters(&[("resourceVersion", "1")])).unwrap();
    assert!(tasks.get(address("n", "b"), &old).is_ok(), "it is not older");
    assert_eq!(tasks.get(address("n", "c"), &old).unwrap_err().code(), 404);
}

#[tokio::test]
async fn what_marks_a_deletion_cannot_be_patched() {
    let tasks = resource(&registry(), "tasks");
    created(&tasks, json!({"name": "a"})).await;
    for (metadata, code) in [
        (json!({"deletionTimestamp": "2026-01-01T00:00:00Z"}), 422),
        (json!({"deletionGracePeriodSeconds": 5}), 422),
        (json!({"deletionTimestamp": null}), 200),
    ] {
        let patch = merge(json!({"metadata": metadata}));
        let answer = update(&tasks, address("n", "a"), patch, &[]).await;
        assert_eq!(answer.map_or_else(|status| status.code(), |_| 200), code, "{metadata}");
    }
}

#[tokio::test]
async fn patching() {
    let tasks = resource(&registry(), "tasks");
    let first = created(&tasks, json!({"name": "a", "labels": {"x": "y", "z": ""}})).await;
    let at = address("n", "a");
    let operations = json!([{"op": "replace", "path": "/spec/title", "value": "u"}, {"op": "remove", "path": "/metadata/labels/z"}]);
    let second = json_of(
        &update(&tasks, at, Change::Patch(Patch::json(Ok(operations), FieldValidation::Warn)), &[])
            .await
            .unwrap(),
    );
    assert_eq!((&second["spec"]["title"], &second["metadata"]["labels"]), (&json!("u"), &json!({"x": "y"})));
    let patch = json!({"metadata": {"labels": {"x": null}}, "spec": {"count": null, "odd": 1}});
    let third = update(&tasks, at, merge(patch), &[]).await.unwrap();
    assert_eq!(third.warnings, ["unknown field \"spec.odd\""]);
    assert_eq!(json_of(&third)["spec"], json!({"title": "u", "count": 1}), "the default is back");
    let stale = merge(json!({"metadata": {"resourceVersion": first["metadata"]["resourceVersion"]}}));
    assert_eq!(update(&tasks, at, stale, &[]).await.unwrap_err().code(), 409);
    for (patch, query, code, text) in [
        (
            json!({"spec": {"title": null}}),
            &[][..],
            422,
            "Task.g.example.com \"a\" is invalid: spec.title: Required value",
        ),
        (
            json!({"spec": {"odd": 1}}),
            &[("fieldValidation", "Strict")],
            422,
            " \"\" is invalid: patch: Invalid value: ",
        ),
        (
            json!({"metadata": {"name": "b"}}),
            &[],
            400,
            "the name of the object (b) does not match the name on the URL (a)",
        ),
        (
            json!({"metadata": {"uid": "b"}}),
            &[],
            422,
            "Task.g.example.com \"a\" is invalid: metadata.uid: Invalid value: \"b\": field is immutable",
        ),
        (json!({"kind": null}), &[], 422, " \"\" is invalid: patch: Invalid value: "),
    ] {
        let status = update(&tasks, at, merge(patch.clone()), query).await.unwrap_err();
        assert_eq!(status.code(), code, "{patch}: {}", status.message);
        assert!(status.message.starts_with(text), "{patch}: {}", status.message);
    }
}

#[tokio::test]
async fn patches_of_many_are_all_there() {
    let tasks = resource(&registry(), "tasks");
    created(&tasks, json!({"name": "a"})).await;
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let tasks = tasks.clone();
            tokio::spawn(async move {
                for m in 0..50 {
                    let label = json!({"metadata": {"labels": {format!("l{n}-{m}"): "x"}}});
                    update(&tasks, address("n", "a"), merge(label), &[]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let object = tasks.get(address("n", "a"), &GetOptions::default()).unwrap();
    assert_eq!(object.labels().len(), 200);
}

#[tokio::test]
async fn finalizers_hold_an_object() {
    let tasks = resource(&registry(), "tasks");
    created(&tasks, json!({"name": "a", "finalizers": ["x.y/z"]})).await;
    let at = address("n", "a");
    let Deleted::Marked(marked) = delete(&tasks, at, None).await.unwrap() else { panic!("it is held") };
    let marked: Value = serde_json::from_slice(marked.bytes()).unwrap();
    assert_eq!(
        (&marked["metadata"]["generation"], &marked["metadata"]["deletionGracePeriodSeconds"]),
        (&json!(2), &json!(0))
    );
    assert!(marked["metadata"]["deletionTimestamp"].is_string());
    let Deleted::Marked(again) = delete(&tasks, at, None).await.unwrap() else { panic!("it is held") };
    assert_eq!(serde_json::from_slice::<Value>(again.bytes()).unwrap(), marked, "unchanged");
    let more = merge(json!({"metadata": {"finalizers": ["x.y/z", "new/one"]}}));
    let status = update(&tasks, at, more, &[]).await.unwrap_err();
    assert!(status.message.ends_with("no new finalizers can be added if the object is being deleted, found new finalizers []string{\"new/one\"}"), "{}", status.message);
    let last =
        json_of(&update(&tasks, at, merge(json!({"metadata": {"finalizers": null}})), &[]).await.unwrap());
    assert_eq!(last["metadata"]["resourceVersion"], marked["metadata"]["resourceVersion"]);
    assert_eq!(tasks.objects(), 0);

    created(&tasks, json!({"name": "b"})).await;
    let foreground = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"});
    let Deleted::Marked(held) = delete(&tasks, address("n", "b"), Some(foreground)).await.unwrap() else {
        panic!("held")
    };
    let held: Value = serde_json::from_slice(held.bytes()).unwrap();
    assert_eq!(held["metadata"]["finalizers"], json!(["foregroundDeletion"]));
}

#[tokio::test]
async fn collections_are_deleted_by_selection() {
    let tasks = resource(&registry(), "tasks");
    for (namespace, name, finalizers) in
        [("n", "a", json!([])), ("n", "b", json!(["x.y/z"])), ("m", "a", json!([]))]
    {
        let metadata = json!({"name": name, "labels": {"name": name}, "finalizers": finalizers});
        create(&tasks, address(namespace, ""), task(metadata), &[]).await.unwrap();
    }
    let selected =
        |query: &[(&str, &str)]| ListOptions::read(&parameters(query), tasks.selectable_fields()).unwrap();
    let options = DeleteOptions::default();
    let none = tasks
        .delete_collection(address("n", ""), &selected(&[("labelSelector", "name=c")]), &options)
        .await
        .unwrap();
    assert_eq!((none.objects.len(), tasks.objects()), (0, 3));
    let both = tasks.delete_collection(address("n", ""), &selected(&[]), &options).await.unwrap();
    assert_eq!((both.objects.len(), tasks.objects()), (2, 2), "one is gone, one is held");
}

/// What was read is written back as it was: a float must not drift with each turn.
#[tokio::test]
async fn an_object_that_is_written_back_does_not_change() {
    let hosts = resource(&registry(), "hosts");
    let body = json!({
        "apiVersion": "g.example.com/v1", "kind": "Host", "metadata": {"name": "a"},
        "spec": {"a": 1.111_111_111_111_111_e83, "b": 0.1, "c": 1.0, "d": 123_456_789.123_456_79},
    });
    let created = json_of(&create(&hosts, address("", ""), body, &[]).await.unwrap());
    let text: Value = serde_json::from_str(&created.to_string()).unwrap();
    let replaced = update(&hosts, address("", "a"), Change::Replace(text), &[]).await.unwrap();
    assert_eq!(json_of(&replaced), created);
}
