//! What a compiled definition holds, and when its hashes change.

use serde_json::{Value, json};

use super::{compiled, example, example_with, resource, typed};
use crate::{HttpMethod, Scope, Source, Storage, Verb, compile};

#[test]
fn the_example_compiles() {
    let api = compiled(&[("/metadata/generation", json!(7))]);
    assert_eq!((api.group.as_str(), api.generation), ("custom-api.example.com", 7));
    assert_eq!(api.versions, ["v1"]);
    assert_eq!(api.storage, Some(Storage::Memory));
    assert!(api.serves_version("v1") && !api.serves_version("v2"));
    let plurals: Vec<_> = api.resources().map(|r| r.plural.as_str()).collect();
    assert_eq!(plurals, ["clustertasks", "customtasks"]);

    let tasks = api.resource("v1", "customtasks").expect("customtasks");
    assert_eq!((tasks.kind.as_str(), tasks.list_kind.as_str()), ("CustomTask", "CustomTaskList"));
    assert_eq!((tasks.singular.as_str(), tasks.stored().version.as_str()), ("customtask", "v1"));
    assert_eq!(tasks.short_names, ["ct"]);
    assert_eq!(tasks.scope, Scope::Namespaced);
    assert!(matches!(tasks.source, Source::Stored { ttl: None }));
    assert_eq!(tasks.verbs, Verb::ALL.into());
    assert_eq!(tasks.deprecation_warning, None);
    assert!(tasks.status && tasks.scale.is_none());
    let cluster = api.resource("v1", "clustertasks").expect("clustertasks");
    assert_eq!((cluster.scope, &cluster.verbs), (Scope::Cluster, &tasks.verbs));
    assert!(!cluster.status && cluster.scale.is_none());
    assert!(api.resource("v1", "customtask").is_none() && api.resource("v2", "customtasks").is_none());
}

#[test]
fn scale_knows_where_its_values_are() {
    let scale = |selector: Value| {
        let declared = json!({
            "specReplicasPath": ".spec.total", "statusReplicasPath": ".status.done.now", "labelSelectorPath": selector,
        });
        let api = compiled(&[("/spec/resources/0/versions/0/subresources", json!({"scale": declared}))]);
        let tasks = api.resource("v1", "customtasks").expect("customtasks");
        assert!(!tasks.status, "only what is declared");
        (tasks.scale.clone().expect("scale"), tasks.fingerprint.clone())
    };
    let (with, one) = scale(json!(".status.selector"));
    assert_eq!(with.spec_replicas.segments(), ["spec", "total"]);
    assert_eq!(with.status_replicas.to_string(), ".status.done.now");
    let object = json!({"spec": {"total": 3}, "status": {"selector": "a=b"}});
    assert_eq!(with.label_selector.as_ref().and_then(|path| path.get(&object)), Some(&json!("a=b")));
    assert_eq!((with.spec_replicas.get(&object), with.status_replicas.get(&object)), (Some(&json!(3)), None));
    let (without, other) = scale(json!(""));
    assert_eq!(without.label_selector, None);
    assert_ne!(one, other, "the fingerprint covers the paths");
}

#[test]
fn endpoints_are_found_by_the_longest_path() {
    let deep = json!({"version": "v1", "path": "foo/deep", "subpaths": true, "methods": ["POST"], "static": {"body": ""}});
    let api = compiled(&[("/spec/endpoints/-", deep)]);
    for (path, want) in [
        ("foo", Some("foo")),
        ("foo/bar", Some("foo/bar")),
        ("foo/bar/baz", None),
        ("foo/x", None),
        ("foo/deep", Some("foo/deep")),
        ("foo/deep/a/b", Some("foo/deep")),
        ("foo/deepest", None),
        ("", None),
    ] {
        assert_eq!(api.endpoint("v1", path).map(|e| e.path.as_str()), want, "{path}");
    }
    assert!(api.endpoint("v2", "foo").is_none());
    let foo = api.endpoint("v1", "foo").expect("foo");
    assert_eq!(foo.methods, [HttpMethod::Get, HttpMethod::Head].into());
    assert_eq!((foo.response.content_type.as_str(), &foo.response.body[..]), ("text/plain", &b"foo\n"[..]));
    assert_eq!(api.endpoint("v1", "foo/deep").expect("deep").methods, [HttpMethod::Post].into());
}

#[test]
fn versions_come_from_resources_and_endpoints_in_order_of_preference() {
    let mut unserved = resource("olds", "Old", "v1alpha1");
    unserved["versions"][0]["served"] = json!(false);
    let api = compiled(&[
        ("/spec/resources/-", resource("betas", "Beta", "v2beta1")),
        ("/spec/resources/-", unserved),
        ("/spec/endpoints/-", json!({"version": "v2", "path": "foo", "static": {"body": ""}})),
    ]);
    assert_eq!(api.versions, ["v2", "v1", "v2beta1"]);
    assert!(api.resource("v2beta1", "betas").is_some() && api.resource("v1", "betas").is_none());
    assert_eq!(api.discovery.versions.len(), 3);
    assert_eq!(api.openapi.v3.len(), 3);
}

#[test]
fn an_empty_definition_compiles_and_advertises_nothing() {
    let mut definition = example();
    definition["spec"] = json!({"group": "custom-api.example.com"});
    let api = compile(&typed(definition)).expect("empty");
    assert!(api.versions.is_empty() && api.storage.is_none() && api.resources().next().is_none());
    let groups: Value = serde_json::from_slice(&api.discovery.root.body).expect("JSON");
    assert_eq!(groups["groups"], json!([]));
    let root: Value = serde_json::from_slice(&api.openapi.v3_root.body).expect("JSON");
    assert_eq!(root, json!({"paths": {}}));
}

#[test]
fn deprecated_versions_warn() {
    let deprecated = |text: Value| {
        let version = "/spec/resources/0/versions/0";
        let changes =
            [(format!("{version}/deprecated"), json!(true)), (format!("{version}/deprecationWarning"), text)];
        let changes: Vec<_> = changes.iter().map(|(p, v)| (p.as_str(), v.clone())).collect();
        compiled(&changes).resource("v1", "customtasks").expect("customtasks").deprecation_warning.clone()
    };
    let default = "custom-api.example.com/v1 CustomTask is deprecated";
    assert_eq!(deprecated(Value::Null).as_deref(), Some(default));
    assert_eq!(deprecated(json!("")).as_deref(), Some(default));
    assert_eq!(deprecated(json!("use v2")).as_deref(), Some("use v2"));
}

#[test]
fn equal_definitions_are_equal_to_the_byte() {
    // Keys in another order, and defaults written out: the same spec.
    let text = example_with(&[
        ("/spec/resources/0/versions/0/served", json!(true)),
        ("/spec/gateway/replicas", json!(1)),
    ])
    .to_string();
    let again = compile(&serde_json::from_str(&text).expect("typed")).expect("compiles");
    let first = compiled(&[]);
    assert_eq!(first.hash, again.hash);
    assert_eq!((&first.discovery, &first.openapi), (&again.discovery, &again.openapi));
    assert_eq!(first.hash.len(), 64);
    assert!(first.hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
}

#[test]
fn only_what_changed_changes() {
    let before = compiled(&[]);
    let fingerprint =
        |api: &crate::Compiled, plural| api.resource("v1", plural).expect(plural).fingerprint.clone();
    let after = compiled(&[("/spec/resources/0/shortNames", json!(["task"]))]);
    assert_ne!(before.hash, after.hash);
    assert_ne!(fingerprint(&before, "customtasks"), fingerprint(&after, "customtasks"));
    assert_eq!(fingerprint(&before, "clustertasks"), fingerprint(&after, "clustertasks"));
    assert_ne!(before.discovery.aggregated.etag, after.discovery.aggregated.etag);
    assert_eq!(before.openapi, after.openapi);

    let certificates = compiled(&[("/spec/certificates", json!({"duration": "1000h"}))]);
    assert_ne!(before.hash, certificates.hash);
    assert_eq!(before.discovery, certificates.discovery);
    let metadata = compiled(&[("/metadata/generation", json!(2)), ("/metadata/labels", json!({"a": "b"}))]);
    assert_eq!(before.hash, metadata.hash);
}

#[test]
fn every_example_compiles() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let mut groups = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML");
        for document in documents.into_iter().filter(|document| document["kind"] == "AggregatedAPI") {
            let compiled = compile(&typed(document));
            let compiled = compiled.unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()));
            groups.push(compiled.group);
        }
    }
    groups.sort_unstable();
    let names = ["custom-api", "dashboard", "inventory", "mine", "summaries"];
    assert_eq!(groups, names.map(|name| format!("{name}.example.com")));
}

#[test]
fn the_example_objects_fit_the_examples_schema() {
    let api = compiled(&[]);
    for (text, plural) in [
        (include_str!("../../../../examples/customtask.yaml"), "customtasks"),
        (include_str!("../../../../examples/customtask.json"), "customtasks"),
        (include_str!("../../../../examples/clustertask.yaml"), "clustertasks"),
    ] {
        let object: Value = serde_saphyr::from_str(text).expect("YAML");
        let resource = api.resource("v1", plural).expect(plural);
        assert_eq!(object["apiVersion"], resource.api_version());
        assert_eq!(object["kind"], resource.kind);
        let mut object = object.as_object().cloned().expect("an object");
        assert_eq!(resource.schema.prune(&mut object), Vec::<String>::new());
        assert_eq!(resource.schema.validate(&object), []);
    }
}
