//! The definition in force and the objects of its resources.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio_util::sync::CancellationToken;
use tributary_definition as definition;
use tributary_definition::{Compiled, Scope, Source, Storage, View};
use tributary_sources::{Committer, Stored};

use crate::resource::{Namespaces, Resource};
use crate::restored::Restored;
use crate::row::Row;
use crate::versions::represent;
use crate::view::{ViewFeed, ViewState};

/// The definition in force, swapped as a whole, and the objects, which outlive it.
pub struct Registry {
    published: ArcSwapOption<Published>,
    /// By what and where they are. Removing a stored resource from the definition keeps its objects; adding it again brings
    /// them back. Of a view that is removed it is known how far it was served.
    stores: Mutex<HashMap<Place, Store>>,
    namespaces: Arc<dyn Namespaces>,
    /// Where stored objects are kept, if a definition says that they are to outlive the process.
    durable: Option<Committer>,
}

/// One compiled definition with the resources that it serves.
pub struct Published {
    /// What was compiled.
    pub compiled: Arc<Compiled>,
    resources: BTreeMap<(String, String), Arc<Resource>>,
}

/// Plural, scope, and whether it is a view.
type Place = (String, Scope, bool);

struct Store {
    objects: Arc<Stored<Row>>,
    /// The definition that stored objects are read by.
    reader: Arc<ArcSwap<definition::Resource>>,
    /// What is known of a view; none of what is stored.
    view: Option<Arc<ViewState>>,
    /// How far the view was served by a definition before this one.
    served: u64,
    /// Whether those revisions were its source's.
    continues: bool,
    /// The fingerprint of the definition that the objects are represented by.
    fingerprint: String,
    /// Ends the watches of that definition.
    changed: CancellationToken,
}

// === impl Registry ===

impl Registry {
    /// A registry that serves nothing yet.
    pub fn new(namespaces: Arc<dyn Namespaces>, durable: Option<Committer>) -> Self {
        Self { published: ArcSwapOption::empty(), stores: Mutex::default(), namespaces, durable }
    }

    /// Where stored objects are kept that outlive the process; none if there is no place for them.
    pub fn durable(&self) -> Option<&Committer> {
        self.durable.as_ref()
    }

    /// The definition in force.
    pub fn published(&self) -> Option<Arc<Published>> {
        self.published.load_full()
    }

    /// Puts a definition in force. Requests under way keep the one they began with. The feeds are those of views that are
    /// new or another now, to be run until the token is cancelled.
    pub fn publish(&self, compiled: Arc<Compiled>) -> Vec<(ViewFeed, CancellationToken)> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let mut feeds = Vec::new();
        let mut resources = BTreeMap::new();
        for resource in compiled.resources() {
            let stored = stored(resource);
            let durable = self.durable.as_ref().filter(|_| compiled.storage == Some(Storage::Embedded));
            let store = stores.entry(place(resource)).or_insert_with(|| Store::new(&stored, durable));
            match &resource.source {
                Source::View(view) => feeds.extend(store.compute(&stored, view)),
                _ => store.represent(&stored),
            }
            if let Some(view) = &store.view {
                view.share(compiled.replicas > 1);
            }
            let handle = Resource {
                definition: resource.clone(),
                stored: store.objects.clone(),
                namespaces: self.namespaces.clone(),
                view: store.view.clone(),
                selectable: selectable(resource),
                changed: store.changed.clone(),
            };
            resources.insert((resource.version.clone(), resource.plural.clone()), Arc::new(handle));
        }
        for (key, store) in stores.iter_mut() {
            if !compiled.resources().any(|resource| place(resource) == *key) {
                // Those who watch what is no longer served are not to wait for what will not come.
                store.end_watches();
                // What is computed can be computed again.
                store.leave_view();
            }
        }
        self.published.store(Some(Arc::new(Published { compiled, resources })));
        feeds
    }

    /// Whether all that outlived an earlier process can be read.
    pub fn is_restored(&self) -> bool {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.values().all(|store| store.objects.unread().is_none())
    }

    /// The objects of every stored resource that has been served.
    pub(crate) fn stored(&self) -> Vec<Arc<Stored<Row>>> {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.values().filter(|store| store.view.is_none()).map(|store| store.objects.clone()).collect()
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
    fn new(resource: &Arc<definition::Resource>, durable: Option<&Committer>) -> Self {
        let reader = Arc::new(ArcSwap::new(resource.clone()));
        let objects = match (&resource.source, durable) {
            (Source::Stored { .. }, Some(durable)) => {
                Stored::durable(durable.clone(), &log_name(resource), Restored::new(reader.clone()))
            }
            _ => Stored::default(),
        };
        Self {
            objects: Arc::new(objects),
            reader,
            view: None,
            served: 0,
            continues: false,
            fingerprint: resource.fingerprint.clone(),
            changed: CancellationToken::new(),
        }
    }

    /// Those of now, and any that still begins under the same definition.
    fn cancel_watches(&mut self) {
        self.changed.cancel();
    }

    fn end_watches(&mut self) {
        std::mem::take(&mut self.changed).cancel();
    }

    /// Begins to compute a view, unless it is being computed already: its objects are new ones, with new revisions.
    fn compute(
        &mut self,
        definition: &Arc<definition::Resource>,
        view: &Arc<View>,
    ) -> Option<(ViewFeed, CancellationToken)> {
        if self.fingerprint == definition.fingerprint && self.view.is_some() {
            return None;
        }
        self.end_watches();
        self.leave_view();
        self.objects = Arc::new(Stored::after(self.served));
        self.fingerprint.clone_from(&definition.fingerprint);
        let state = Arc::<ViewState>::default();
        self.view = Some(state.clone());
        let feed = ViewFeed::new(
            definition.clone(),
            view.clone(),
            self.objects.clone(),
            state,
            self.served,
            self.continues,
        );
        Some((feed, self.changed.clone()))
    }

    /// Serves no more of what was computed. Its revisions are not given again: whoever has seen one has seen other objects.
    fn leave_view(&mut self) {
        let Some(view) = self.view.take() else { return };
        let objects = std::mem::take(&mut self.objects);
        // The one who computes may do so for a moment still.
        let reached = objects.close();
        if view.is_synced() {
            (self.served, self.continues) = (reached, objects.passes_revisions());
        }
    }

    /// Objects of an older definition are read by the current one.
    fn represent(&mut self, resource: &Arc<definition::Resource>) {
        if self.fingerprint == resource.fingerprint {
            return;
        }
        // Before what is there is read anew: what is read of a durable log meanwhile looks at it afterwards.
        self.reader.store(resource.clone());
        self.objects.collection().represent(|object| represent(object, resource));
        self.fingerprint.clone_from(&resource.fingerprint);
        self.end_watches();
    }
}

fn place(resource: &definition::Resource) -> Place {
    (resource.plural.clone(), resource.scope, matches!(resource.source, Source::View(_)))
}

/// What a durable log calls the objects of a resource.
fn log_name(resource: &definition::Resource) -> String {
    let scope = if resource.namespaced() { "namespaced" } else { "cluster" };
    format!("{scope}/{}", resource.plural)
}

/// The version in which objects are kept.
fn stored(resource: &Arc<definition::Resource>) -> Arc<definition::Resource> {
    resource.storage.clone().unwrap_or_else(|| resource.clone())
}

/// The fields that objects of a resource can be selected by.
fn selectable(resource: &definition::Resource) -> Vec<String> {
    let metadata: &[&str] =
        if resource.namespaced() { &["metadata.name", "metadata.namespace"] } else { &["metadata.name"] };
    let declared = resource.selectable.iter().map(|path| path.segments().join("."));
    metadata.iter().map(|name| (*name).to_owned()).chain(declared).collect()
}
