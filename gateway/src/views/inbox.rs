//! What a source told and a view has not taken yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use imbl::OrdMap;
use tributary_registry::SourceFault;
use tributary_sources::view::{ObjectId, Slim};

/// Where it waits. Of each object only the last change does, so that a view that computes slowly holds up neither its source
/// nor other views, and no more than the source's objects wait.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Mutex<Received>>);

/// What came since it was taken the last time, in this order.
#[derive(Default)]
pub(super) struct Received {
    /// Whether the source can be read, where that changed.
    pub(super) fault: Option<Option<SourceFault>>,
    /// All objects.
    pub(super) listed: Option<OrdMap<ObjectId, Slim>>,
    /// What happened to single ones after that.
    pub(super) changed: BTreeMap<ObjectId, Option<Slim>>,
}

impl Inbox {
    pub(super) fn take(&self) -> Received {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All objects, in place of all that was told before.
    pub(super) fn list(&self, objects: OrdMap<ObjectId, Slim>) {
        self.put(|received| {
            received.listed = Some(objects);
            received.changed.clear();
        });
    }

    pub(super) fn change(&self, id: ObjectId, object: Option<Slim>) {
        self.put(|received| drop(received.changed.insert(id, object)));
    }

    pub(super) fn fault(&self, fault: Option<SourceFault>) {
        self.put(|received| received.fault = Some(fault));
    }

    fn put(&self, put: impl FnOnce(&mut Received)) {
        put(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
