//! A view without a join has the revisions of its source, in every process alike.

mod objects;
mod replicas;
mod revisions;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tributary_sources::view::Slim;

use super::ViewFeed;
use crate::fixture::*;
use crate::*;

/// One process that serves the view of things: their text, of those that are shown.
struct Replica {
    registry: Registry,
    feed: ViewFeed,
    resource: Arc<Resource>,
    replicas: i32,
}

fn definition(text: &str, replicas: i32) -> Arc<tributary_definition::Compiled> {
    definition_of("shown", text, replicas)
}

fn definition_of(plural: &str, text: &str, replicas: i32) -> Arc<tributary_definition::Compiled> {
    let api = serde_json::from_value(json!({
        "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "g.example.com"},
        "spec": {"group": "g.example.com", "gateway": {"replicas": replicas}, "resources": [{
            "name": plural, "kind": "Shown", "scope": "Cluster", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "things"},
                "where": "object.shown",
                "template": {"metadata": {"name": "x-${object.metadata.name}"}, "text": text},
            }},
        }]},
    }));
    Arc::new(tributary_definition::compile(&api.unwrap()).unwrap())
}

impl Replica {
    /// One of two.
    fn new() -> Self {
        Self::of(2)
    }

    /// One of so many.
    fn of(replicas: i32) -> Self {
        let registry = Registry::new(Arc::new(ByName), None);
        let (feed, _) = registry.publish(definition("${object.text}", replicas)).pop().unwrap();
        let resource = resource(&registry, "shown");
        Self { registry, feed, resource, replicas }
    }

    /// There are so many of it from now on.
    fn scale(&mut self, replicas: i32) {
        self.replicas = replicas;
        assert!(self.registry.publish(definition("${object.text}", replicas)).is_empty());
        self.resource = resource(&self.registry, "shown");
    }

    /// Why it cannot be read.
    fn refusal(&self) -> String {
        self.resource.check_ready().unwrap_err().message
    }

    /// Serves another definition of the view; returns the feed of the one before.
    fn declare(&mut self, text: &str) -> ViewFeed {
        let (feed, _) = self.registry.publish(definition(text, self.replicas)).pop().unwrap();
        self.resource = resource(&self.registry, "shown");
        std::mem::replace(&mut self.feed, feed)
    }

    fn list(&self) -> (BTreeMap<String, String>, u64) {
        let list = self.resource.list(address("", ""), &ListOptions::default()).unwrap();
        (list.objects.iter().map(|object| told(object)).collect(), list.revision)
    }

    fn watch(&self, after: u64) -> Watch {
        let after = after.to_string();
        let query = [("allowWatchBookmarks", "true"), ("resourceVersion", after.as_str())];
        let options = WatchOptions::read(&parameters(&query), self.resource.selectable_fields()).unwrap();
        self.resource.watch(address("", ""), options)
    }
}

fn told(object: &Version) -> (String, String) {
    let fields: Value = serde_json::from_slice(object.bytes()).unwrap();
    assert_eq!(fields["metadata"]["resourceVersion"], object.revision().to_string());
    (object.key().name().to_owned(), fields["text"].as_str().unwrap().to_owned())
}

fn slim(name: &str, shown: bool, text: &str) -> Slim {
    let thing = json!({"metadata": {"name": name, "uid": name}, "shown": shown, "text": text});
    thing.to_string().into_bytes().into()
}
