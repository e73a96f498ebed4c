//! What a source told and a view has not taken yet.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tributary_registry::SourceFault;
use tributary_sources::view::{Changed, Changes, Listed, ObjectId};

/// Where it waits, so that a view that computes slowly holds up neither its source nor other views.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Mutex<Received>>);

/// What came since it was taken the last time, in this order.
#[derive(Default)]
pub(super) struct Received {
    /// Whether the source can be read, where that changed.
    pub(super) fault: Option<Option<SourceFault>>,
    /// All objects.
    pub(super) listed: Option<Listed>,
    /// What happened to single ones after that.
    pub(super) changed: Changes,
    /// How far the source has come with that; 0: nothing new is known of it.
    pub(super) reached: u64,
    /// When the first of the objects and changes came.
    pub(super) since: Option<Instant>,
}

impl Inbox {
    pub(super) fn take(&self) -> Received {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All objects, in place of all that was told before, which it returns: to be dropped when nobody waits.
    pub(super) fn list(&self, all: Listed) -> (Option<Listed>, Changes) {
        self.put(|received| {
            received.since.get_or_insert_with(Instant::now);
            received.reached = 0;
            (received.listed.replace(all), std::mem::take(&mut received.changed))
        })
    }

    pub(super) fn change(&self, id: ObjectId, changed: Changed) {
        self.put(|received| {
            received.since.get_or_insert_with(Instant::now);
            received.reached = received.reached.max(changed.revision);
            received.changed.push(id, changed);
        });
    }

    /// The source has come so far.
    pub(super) fn reach(&self, revision: u64) {
        self.put(|received| received.reached = received.reached.max(revision));
    }

    pub(super) fn fault(&self, fault: Option<SourceFault>) {
        self.put(|received| received.fault = Some(fault));
    }

    fn put<T>(&self, put: impl FnOnce(&mut Received) -> T) -> T {
        put(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
