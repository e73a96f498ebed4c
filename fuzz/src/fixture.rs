//! A registry that serves `definition.yaml`, with an object or two in it.

use std::cell::RefCell;
use std::future::Future;
use std::sync::{Arc, LazyLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tributary_crds::AggregatedApi;
use tributary_definition::{Compiled, compile};
use tributary_registry::{
    Address, Duplicates, NamespaceState, Namespaces, Parameters, Registry, Resource, Status, WriteOptions,
    Written,
};

static COMPILED: LazyLock<Arc<Compiled>> = LazyLock::new(|| {
    let api: AggregatedApi = serde_saphyr::from_str(include_str!("../definition.yaml"))
        .expect("definition.yaml is an AggregatedAPI");
    Arc::new(compile(&api).unwrap_or_else(|errors| panic!("definition.yaml: {errors:?}")))
});

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(
        Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime"),
    );
}

/// Runs to the end, on a clock that jumps to whatever is waited for.
pub fn run<F: Future>(future: F) -> F::Output {
    RUNTIME.with_borrow(|runtime| runtime.block_on(future))
}

/// Every namespace is there, but for these.
struct ByName;

impl Namespaces for ByName {
    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<NamespaceState, String>> {
        let state = match name {
            "missing" => Ok(NamespaceState::Missing),
            "ending" => Ok(NamespaceState::Terminating),
            "unknown" => Err("no answer".to_owned()),
            _ => Ok(NamespaceState::Active),
        };
        async move { state }.boxed()
    }
}

/// A registry of its own for each input.
pub struct Rich(pub Arc<Registry>);

impl Default for Rich {
    fn default() -> Self {
        let registry = Registry::new(Arc::new(ByName), None);
        registry.publish(COMPILED.clone());
        Self(Arc::new(registry))
    }
}

impl Rich {
    /// One with `items/sample` in the namespace `default`.
    pub async fn with_sample() -> Self {
        let rich = Self::default();
        rich.create(sample()).await.expect("the sample is valid");
        rich
    }

    /// The resource with the rich schema.
    pub fn items(&self) -> Arc<Resource> {
        self.resource("items")
    }

    /// A resource in v1.
    pub fn resource(&self, plural: &str) -> Arc<Resource> {
        let published = self.0.published().expect("a definition is published");
        published.resource("v1", plural).expect("definition.yaml declares it").clone()
    }

    /// Creates an item in the namespace `default`.
    pub async fn create(&self, body: Value) -> Result<Written, Status> {
        let at = Address { namespace: "default", name: "" };
        self.items().create(at, body, &Duplicates::default(), &write_options("CreateOptions")).await
    }
}

/// Options of a write that refuses nothing but what it must.
pub fn write_options(kind: &str) -> WriteOptions {
    WriteOptions::read(&Parameters::default(), kind).expect("no options are valid options")
}

/// An item that uses every field of the schema.
pub fn sample() -> Value {
    json!({
        "apiVersion": "fuzz.example.com/v1", "kind": "Item",
        "metadata": {
            "name": "sample", "namespace": "default", "labels": {"app": "web", "tier": "1"},
            "annotations": {"note": "a"}, "finalizers": ["example.com/keep"],
        },
        "spec": {
            "title": "one", "count": 1, "ratio": 0.5, "flag": true, "port": "http", "size": 5,
            "tags": ["a", "b"],
            "steps": [{"name": "a", "port": 1, "note": "x"}, {"name": "b", "port": 2}],
            "limits": {"cpu": "1", "memory": 2}, "free": {"any": [1, {"thing": null}]},
            "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"x": 1}},
            "formats": {"when": "2026-11-22T10:00:00Z", "mail": "a@b.example", "link": "https://a.example/b?c#d"},
            "matrix": [[1, 2], [3]], "code": "ab12", "replicas": 2, "choice": {"left": 1},
        },
        "status": {"phase": "Ready", "replicas": 2, "selector": "app=web"},
    })
}
