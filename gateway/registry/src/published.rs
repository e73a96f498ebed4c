//! The definition in force and the objects of its resources.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use tokio_util::sync::CancellationToken;
use tributary_definition as definition;
use tributary_definition::{Compiled, Scope};
use tributary_sources::Stored;

use crate::resource::{Namespaces, Resource};
use crate::row::Row;
use crate::versions::represent;

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
                store.represent(resource.stored());
                let handle = Resource {
                    definition: resource.clone(),
                    stored: store.objects.clone(),
                    namespaces: self.namespaces.clone(),
                    selectable: selectable(resource),
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

    /// Objects of an older definition are read by the current one.
    fn represent(&mut self, resource: &definition::Resource) {
        if self.fingerprint == resource.fingerprint {
            return;
        }
        self.objects.collection().represent(|object| represent(object, resource));
        self.fingerprint.clone_from(&resource.fingerprint);
        self.end_watches();
    }
}

/// The fields that objects of a resource can be selected by.
fn selectable(resource: &definition::Resource) -> Vec<String> {
    let metadata: &[&str] =
        if resource.namespaced() { &["metadata.name", "metadata.namespace"] } else { &["metadata.name"] };
    let declared = resource.selectable.iter().map(|path| path.segments().join("."));
    metadata.iter().map(|name| (*name).to_owned()).chain(declared).collect()
}
