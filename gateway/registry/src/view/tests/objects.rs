//! What the objects of a view are, told from its definition and its sources.

use tributary_sources::view::{Kept, Listed, ObjectId};

use super::*;

/// A view of Pods with their Events. Its one resource is namespaced unless `resource` says otherwise.
struct Shown {
    feed: ViewFeed,
    resource: Arc<Resource>,
}

impl Shown {
    /// `view` is merged into the declaration of a view of Pods.
    fn of(scope: &str, view: Value) -> Self {
        let mut source = json!({"from": {"apiVersion": "v1", "resource": "pods"}, "template": {}});
        source.as_object_mut().unwrap().extend(view.as_object().unwrap().clone());
        let api = serde_json::from_value(json!({
            "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "g.example.com"},
            "spec": {"group": "g.example.com", "resources": [{
                "name": "shown", "kind": "Shown", "scope": scope, "versions": [{"name": "v1"}],
                "source": {"view": source},
            }]},
        }));
        let definition = Arc::new(tributary_definition::compile(&api.unwrap()).unwrap());
        let registry = Registry::new(Arc::new(ByName), None);
        let (feed, _) = registry.publish(definition).pop().unwrap();
        Self { feed, resource: resource(&registry, "shown") }
    }

    /// All objects of a source.
    fn source(mut self, source: usize, objects: &[Value]) -> Self {
        let kept = |object: &Value| {
            let field = |name: &str| object["metadata"][name].as_str().unwrap_or_default();
            let id = ObjectId::new(field("namespace"), field("name"));
            (id, Kept { json: object.to_string().into_bytes().into(), revision: 3 })
        };
        self.feed.replace(source, &Listed { objects: objects.iter().map(kept).collect(), revision: 9 });
        self
    }

    /// What is served, by place.
    fn served(&self) -> BTreeMap<String, Value> {
        let list = self.resource.list(address("", ""), &ListOptions::default()).unwrap();
        let read = |object: &Arc<Version>| {
            (object.key().as_str().to_owned(), serde_json::from_slice(object.bytes()).unwrap())
        };
        list.objects.iter().map(read).collect()
    }

    fn names(&self) -> Vec<String> {
        self.served().into_keys().collect()
    }

    fn report(&self) -> ViewReport {
        self.resource.view_report().unwrap()
    }
}

fn pod(namespace: &str, name: &str, more: Value) -> Value {
    let mut pod =
        json!({"metadata": {"namespace": namespace, "name": name, "uid": format!("{namespace}-{name}")}});
    pod["metadata"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pod
}

fn event(namespace: &str, name: &str, about: &str) -> Value {
    json!({"metadata": {"namespace": namespace, "name": name}, "about": about})
}

fn events(more: Value) -> Value {
    let mut join = json!({"name": "events", "from": {"apiVersion": "v1", "resource": "events"},
        "keys": {"object": "object.metadata.name", "item": "item.about"}});
    join.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"join": [join], "template": {"events": "${events.map(e, e.metadata.namespace + '/' + e.metadata.name)}"}})
}

#[tokio::test]
async fn items_of_another_namespace_join_only_when_that_is_allowed() {
    for (join, expected) in [
        (json!({}), json!(["a/1", "a/2"])),
        (json!({"acrossNamespaces": false}), json!(["a/1", "a/2"])),
        (json!({"acrossNamespaces": true}), json!(["a/1", "a/2", "b/1"])),
    ] {
        let items = [event("b", "1", "x"), event("a", "2", "x"), event("a", "1", "x"), event("a", "3", "y")];
        let view = Shown::of("Namespaced", events(join.clone()));
        let view = view.source(0, &[pod("a", "x", json!({}))]).source(1, &items);
        assert_eq!(view.served()["a/x"]["events"], expected, "{join}");
    }
}

#[tokio::test]
async fn metadata_is_the_primarys_unless_the_template_says_otherwise() {
    let mine = json!({"labels": {"a": "1"}, "annotations": {"secret": "x"}, "generation": 4,
        "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:04:06Z",
        "finalizers": ["a.example.com/x"], "managedFields": [{"manager": "m"}],
        "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}]});
    let metadata = |template: Value| {
        let view = Shown::of("Namespaced", json!({"template": template}));
        let view = view.source(0, &[pod("a", "x", mine.clone())]);
        let mut served = view.served()["a/x"]["metadata"].clone();
        assert_ne!(served["uid"], "a-x", "it is not the primary");
        served.as_object_mut().unwrap().remove("resourceVersion");
        served
    };
    let plain = json!({"name": "x", "namespace": "a", "labels": {"a": "1"}, "generation": 4,
        "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:04:06Z"});
    for (template, change) in [
        (json!({}), json!({})),
        (json!({"metadata": {"labels": {"b": "2"}}}), json!({"labels": {"b": "2"}})),
        (
            json!({"metadata": {"annotations": {"c": "${object.metadata.name}"}}}),
            json!({"annotations": {"c": "x"}}),
        ),
        // As one expression, it names everything.
        (json!({"metadata": "${object.metadata}"}), json!({"annotations": {"secret": "x"}})),
    ] {
        let mut expected = plain.clone();
        expected.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let mut found = metadata(template.clone());
        let uid = found.as_object_mut().unwrap().remove("uid");
        assert_eq!(found, expected, "{template}");
        assert_eq!(metadata(template)["uid"], uid.unwrap(), "the same every time");
    }
}

#[tokio::test]
async fn what_fails_is_closed() {
    let pods = [pod("a", "x", json!({"labels": {"on": "yes"}})), pod("a", "y", json!({}))];
    for (view, names, path) in [
        (json!({"where": "object.metadata.labels.on == 'yes'"}), ["a/x"], "where"),
        (
            json!({"template": {"metadata": {"name": "${object.metadata.labels.on}"}}}),
            ["a/yes"],
            "template.metadata.name",
        ),
        (
            json!({"template": {"metadata": {"namespace": "${object.metadata.labels.on}"}}}),
            ["yes/x"],
            "template.metadata.namespace",
        ),
        (
            json!({"template": {"metadata": {"name": "${object.metadata.name == 'x' ? 'x' : 'no/name'}"}}}),
            ["a/x"],
            "metadata",
        ),
        (
            json!({"template": {"metadata": {"labels": "${object.metadata.?labels.orValue(7)}"}}}),
            ["a/x"],
            "metadata",
        ),
    ] {
        let shown = Shown::of("Namespaced", view.clone()).source(0, &pods);
        let report = shown.report();
        assert_eq!(shown.names(), names, "{view}: {report:?}");
        assert_eq!(
            (report.errors, report.last_error.map(|error| error.0).as_deref()),
            (1, Some(path)),
            "{view}"
        );
    }
    // What else fails is left out alone.
    let part = json!({"template": {"on": "${object.metadata.labels.on}", "name": "${object.metadata.name}"}});
    let shown = Shown::of("Namespaced", part).source(0, &pods);
    let served = shown.served();
    assert_eq!((&served["a/x"]["on"], &served["a/y"]["on"]), (&json!("yes"), &Value::Null));
    assert_eq!(served["a/y"]["name"], "y");
}

#[tokio::test]
async fn of_two_with_one_name_the_first_is_shown_and_the_other_is_counted() {
    let template = json!({"template": {"metadata": {"name": "same"}, "of": "${object.metadata.name}"}});
    let pods = ["y", "x", "z"].map(|name| pod("a", name, json!({})));
    let mut shown = Shown::of("Namespaced", template).source(0, &pods);
    assert_eq!((shown.served()["a/same"]["of"].clone(), shown.report().hidden), (json!("x"), 2));
    shown = shown.source(0, &pods[2..]);
    assert_eq!((shown.served()["a/same"]["of"].clone(), shown.report().hidden), (json!("z"), 0));
}

#[tokio::test]
async fn a_cluster_view_of_a_namespaced_source_names_its_objects() {
    let template =
        json!({"template": {"metadata": {"name": "${object.metadata.namespace}.${object.metadata.name}"}}});
    let pods = [pod("a", "x", json!({})), pod("b", "x", json!({}))];
    let shown = Shown::of("Cluster", template).source(0, &pods);
    assert_eq!(shown.names(), ["a.x", "b.x"]);
    assert_eq!(shown.served()["a.x"]["metadata"]["namespace"], Value::Null);
}
