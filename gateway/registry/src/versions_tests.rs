//! A resource in several versions.

use serde_json::{Value, json};
use tributary_crds::AggregatedApi;
use tributary_definition::compile;

use crate::fixture::{ByName, address, create, json_of, merge_patch, parameters, update};
use crate::*;
use std::sync::Arc;

/// v1 knows title and old, v2 title and new, which it fills in.
fn versions(storage: &str) -> Value {
    let version = |name: &str, own: &str, field: Value| {
        json!({
            "name": name, "storage": name == storage,
            "selectableFields": [{"jsonPath": format!(".spec.{own}")}],
            "additionalPrinterColumns": [{"name": own, "type": "string", "jsonPath": format!(".spec.{own}")}],
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {
                "type": "object", "properties": {"title": {"type": "string"}, own: field},
            }}}},
        })
    };
    json!([
        version("v1", "old", json!({"type": "string"})),
        version("v2", "new", json!({"type": "string", "default": "n"})),
    ])
}

fn publish(registry: &Registry, versions: Value) {
    let api: AggregatedApi = serde_json::from_value(json!({
        "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI",
        "metadata": {"name": "g.example.com"},
        "spec": {
            "group": "g.example.com",
            "resources": [{"name": "tasks", "kind": "Task", "scope": "Namespaced", "source": {"stored": {}},
                "versions": versions}],
            "gateway": {"storage": {"memory": {}}},
        },
    }))
    .unwrap();
    registry.publish(Arc::new(compile(&api).unwrap()));
}

fn registry() -> Registry {
    let registry = Registry::new(Arc::new(ByName), None);
    publish(&registry, versions("v1"));
    registry
}

fn tasks(registry: &Registry, version: &str) -> Arc<Resource> {
    registry.published().unwrap().resource(version, "tasks").unwrap().clone()
}

fn task(version: &str, spec: Value) -> Value {
    json!({"apiVersion": format!("g.example.com/{version}"), "kind": "Task", "metadata": {"name": "a"}, "spec": spec})
}

/// apiVersion and spec of the object in a version.
fn shown(registry: &Registry, version: &str) -> (String, Value) {
    let object = tasks(registry, version).get(address("n", "a"), &GetOptions::default()).unwrap();
    let object: Value = serde_json::from_slice(object.bytes()).unwrap();
    (object["apiVersion"].as_str().unwrap().to_owned(), object["spec"].clone())
}

fn names(list: &List) -> Vec<&str> {
    list.objects.iter().map(|object| object.key().name()).collect()
}

#[tokio::test]
async fn each_version_shows_what_it_knows() {
    let registry = registry();
    let body = task("v2", json!({"title": "t", "new": "x", "old": "o"}));
    let created = create(&tasks(&registry, "v2"), address("n", ""), body, &[]).await.unwrap();
    assert_eq!(created.warnings, ["unknown field \"spec.old\""]);
    // v1 is what is stored, and does not know `new`.
    assert_eq!(json_of(&created)["spec"], json!({"title": "t"}));
    assert_eq!(shown(&registry, "v1"), ("g.example.com/v1".to_owned(), json!({"title": "t"})));

    let patch = merge_patch(json!({"spec": {"old": "o"}}));
    update(&tasks(&registry, "v1"), address("n", "a"), Change::Patch(patch), &[]).await.unwrap();
    assert_eq!(shown(&registry, "v1").1, json!({"title": "t", "old": "o"}));
    // Defaults are those of the version that is stored.
    assert_eq!(shown(&registry, "v2"), ("g.example.com/v2".to_owned(), json!({"title": "t"})));
}

#[tokio::test]
async fn a_deletion_writes_what_its_version_knows() {
    let registry = registry();
    let mut body = task("v1", json!({"title": "t", "old": "o"}));
    body["metadata"]["finalizers"] = json!(["example.com/hold"]);
    create(&tasks(&registry, "v1"), address("n", ""), body, &[]).await.unwrap();
    let options = |dry_run| DeleteOptions { dry_run, ..DeleteOptions::default() };
    for (dry_run, spec) in [(true, json!({"title": "t", "old": "o"})), (false, json!({"title": "t"}))] {
        tasks(&registry, "v2").delete(address("n", "a"), &options(dry_run)).await.unwrap();
        assert_eq!(shown(&registry, "v1"), ("g.example.com/v1".to_owned(), spec));
    }
}

#[tokio::test]
async fn an_update_that_changes_nothing_stored_is_none() {
    let registry = registry();
    create(&tasks(&registry, "v1"), address("n", ""), task("v1", json!({"title": "t"})), &[]).await.unwrap();
    let v1 = tasks(&registry, "v1");
    let before = v1.get(address("n", "a"), &GetOptions::default()).unwrap();
    let patch = || Change::Patch(merge_patch(json!({"spec": {"new": "n"}})));
    let after = update(&v1, address("n", "a"), patch(), &[]).await.unwrap();
    assert_eq!(json_of(&after)["metadata"]["resourceVersion"], before.revision().to_string());
    // In v2 the object has a field more, which counts, although it is not stored.
    let after = update(&tasks(&registry, "v2"), address("n", "a"), patch(), &[]).await.unwrap();
    assert_eq!(
        (&json_of(&after)["metadata"]["generation"], &json_of(&after)["spec"]),
        (&json!(2), &json!({"title": "t"}))
    );
}

#[tokio::test]
async fn lists_select_by_the_fields_of_their_version() {
    let registry = registry();
    let body = task("v1", json!({"title": "t", "old": "o"}));
    create(&tasks(&registry, "v1"), address("n", ""), body, &[]).await.unwrap();
    for (version, selector, found) in [
        ("v1", "spec.old=o", Ok(true)),
        ("v1", "spec.old!=o", Ok(false)),
        ("v1", "spec.old=", Ok(false)),
        ("v2", "spec.new=,metadata.name=a", Ok(true)),
        ("v2", "spec.new=n", Ok(false)),
        ("v2", "spec.old=o", Err("field label not supported: spec.old")),
    ] {
        let tasks = tasks(&registry, version);
        let options =
            ListOptions::read(&parameters(&[("fieldSelector", selector)]), tasks.selectable_fields());
        match (options, found) {
            (Ok(options), Ok(found)) => {
                let list = tasks.list(address("n", ""), &options).unwrap();
                assert_eq!(names(&list) == ["a"], found, "{version} {selector}");
                assert!(list.objects.iter().all(|object| object.derived().cells().len() == 2));
            }
            (Err(status), Err(text)) => assert!(status.message.contains(text), "{}", status.message),
            (options, _) => panic!("{version} {selector}: {options:?}"),
        }
    }
}

#[tokio::test]
async fn watches_tell_of_the_version_that_they_watch() {
    let registry = registry();
    let v2 = tasks(&registry, "v2");
    let options = parameters(&[("fieldSelector", "spec.new="), ("watch", "1"), ("resourceVersion", "0")]);
    let mut watch = v2.watch(address("n", ""), WatchOptions::read(&options, v2.selectable_fields()).unwrap());
    create(&tasks(&registry, "v1"), address("n", ""), task("v1", json!({})), &[]).await.unwrap();
    let told = watch.next().await.unwrap();
    let Told::Event(event) = &told[0] else { panic!("{told:?}") };
    let object: Value = serde_json::from_slice(event.object.bytes()).unwrap();
    assert_eq!((&object["apiVersion"], &object["spec"]), (&json!("g.example.com/v2"), &json!({})));
    assert!(event.frame.is_none());

    let v1 = tasks(&registry, "v1");
    let key = address("n", "a");
    let deleted = DeleteOptions::read(&Parameters::default(), None).unwrap();
    v1.delete(key, &deleted).await.unwrap();
    let told = watch.next().await.unwrap();
    let Told::Event(event) = &told[0] else { panic!("{told:?}") };
    let object: Value = serde_json::from_slice(event.object.bytes()).unwrap();
    assert_eq!(object["apiVersion"], "g.example.com/v2");
    assert_eq!(object["metadata"]["resourceVersion"], event.object.revision().to_string());
}

#[tokio::test]
async fn another_storage_version_loses_nothing() {
    let registry = registry();
    let body = task("v1", json!({"title": "t", "old": "o"}));
    create(&tasks(&registry, "v1"), address("n", ""), body, &[]).await.unwrap();
    publish(&registry, versions("v2"));
    assert_eq!(shown(&registry, "v2").1, json!({"title": "t"}), "written in v1, which has no defaults");
    assert_eq!(shown(&registry, "v1").1, json!({"title": "t", "old": "o"}));
    publish(&registry, versions("v1"));
    assert_eq!(shown(&registry, "v1").1, json!({"title": "t", "old": "o"}));
    // Once it is written in v2, it is what v2 knows.
    publish(&registry, versions("v2"));
    let patch = merge_patch(json!({"spec": {"title": "u"}}));
    update(&tasks(&registry, "v2"), address("n", "a"), Change::Patch(patch), &[]).await.unwrap();
    assert_eq!(shown(&registry, "v1").1, json!({"title": "u"}));
}
