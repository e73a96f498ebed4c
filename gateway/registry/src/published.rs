//! The definition in force and the objects of its resources.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tributary_collection::{Encoded, Object};
use tributary_definition as definition;
use tributary_definition::{Compiled, Scope};
use tributary_sources::Stored;

use crate::resource::{Namespaces, Resource, Row};

/// The definition in force, swapped as a whole, and the objects, which outlive it.
pub struct Registry {
    published: ArcSwapOption<Published>,
    /// By plural and scope. Removing a resource from the definition keeps its objects; adding it again brings them back.
    stores: Mutex<HashMap<(String, Scope), Store>>,
    namespaces: Arc<dyn Namespaces>,
}

/// One compiled definition with the resources that it serves.
pub struct Published {
    /// What was compiled.
    pub compiled: Arc<Compiled>,
    resources: BTreeMap<(String, String), Arc<Resource>>,
}

struct Store {
    objects: Arc<Stored<Row>>,
    /// The fingerprint of the definition that the objects are represented by.
    fingerprint: String,
    /// Ends the watches of that definition.
    changed: CancellationToken,
}

// === impl Registry ===

impl Registry {
    /// A registry that serves nothing yet.
    pub fn new(namespaces: Arc<dyn Namespaces>) -> Self {
        Self { published: ArcSwapOption::empty(), stores: Mutex::default(), namespaces }
    }

    /// The definition in force.
    pub fn published(&self) -> Option<Arc<Published>> {
        self.published.load_full()
    }

    /// Puts a definition in force. Requests under way keep the one they began with.
    pub fn publish(&self, compiled: Arc<Compiled>) {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = compiled
            .resources()
            .map(|resource| {
                let store = stores
                    .entry((resource.plural.clone(), resource.scope))
                    .or_insert_with(|| Store::new(resource));
                store.represent(resource);
                let handle = Resource {
                    definition: resource.clone(),
                    stored: store.objects.clone(),
                    namespaces: self.namespaces.clone(),
                    changed: store.changed.clone(),
                };
                ((resource.version.clone(), resource.plural.clone()), Arc::new(handle))
            })
            .collect();
        for ((plural, scope), store) in stores.iter_mut() {
            // Those who watch what is no longer served are not to wait for what will not come.
            if !compiled.resources().any(|resource| resource.plural == *plural && resource.scope == *scope) {
                store.end_watches();
            }
        }
        self.published.store(Some(Arc::new(Published { compiled, resources })));
    }

    /// Ends every watch: the process is about to end.
    pub fn end_watches(&self) {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.values_mut().for_each(Store::cancel_watches);
    }
}

// === impl Published ===

impl Published {
    /// A resource in a served version.
    pub fn resource(&self, version: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.resources.get(&(version.to_owned(), plural.to_owned()))
    }

    /// Every resource, by version and plural.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values()
    }
}

// === impl Store ===

impl Store {
    fn new(resource: &definition::Resource) -> Self {
        let fingerprint = resource.fingerprint.clone();
        Self { objects: Arc::default(), fingerprint, changed: CancellationToken::new() }
    }

    /// Those of now, and any that still begins under the same definition.
    fn cancel_watches(&mut self) {
        self.changed.cancel();
    }

    fn end_watches(&mut self) {
        std::mem::take(&mut self.changed).cancel();
    }

    /// Objects of an older definition are read by the current one, as a custom resource is when it is read from
    /// storage: the version is the current one, what its schema does not know is pruned, defaults are filled
    /// in. Objects that the schema would refuse are served all the same.
    fn represent(&mut self, resource: &definition::Resource) {
        if self.fingerprint == resource.fingerprint {
            return;
        }
        self.objects.collection().represent(|object| represent(object, resource));
        self.fingerprint.clone_from(&resource.fingerprint);
        self.end_watches();
    }
}

fn represent(object: &Object<Row>, resource: &definition::Resource) -> Object<Row> {
    read_by(object, resource).unwrap_or_else(|| {
        // Whatever it is, it is not to be lost.
        tracing::error!(object = %object.key(), "an object cannot be read by the current definition");
        object.at_revision(object.revision())
    })
}

fn read_by(object: &Object<Row>, resource: &definition::Resource) -> Option<Object<Row>> {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_slice(object.bytes()).ok()?;
    fields.insert("apiVersion".to_owned(), resource.api_version().into());
    fields.insert("kind".to_owned(), resource.kind.clone().into());
    resource.schema.prune(&mut fields);
    resource.schema.default(&mut fields);
    let encoded = Encoded::new(&fields).ok()?;
    let row = resource.columns.cells(&Value::Object(fields));
    Some(encoded.at(object.revision(), row.into()))
}
