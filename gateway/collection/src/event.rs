//! What a watcher sees of a change.

use std::sync::Arc;

use bytes::Bytes;

use crate::fields::{FieldSelector, Selectable};
use crate::key::Scope;
use crate::labels::LabelSelector;
use crate::log::{Change, ChangeKind};
use crate::object::{Lens, Object, seen};

/// The type of a watch event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventType {
    /// The object came into view.
    Added,
    /// It changed.
    Modified,
    /// It left the view, or is gone.
    Deleted,
}

/// One event for one watcher.
#[derive(Debug)]
pub struct Event<D> {
    /// Its type.
    pub event_type: EventType,
    /// The object as the event shows it.
    pub object: Arc<Object<D>>,
    /// The event as a JSON line, where it is the one that watchers without selectors see; shared by all.
    pub frame: Option<Bytes>,
    /// The object before it was modified, as the watcher sees it.
    pub previous: Option<Arc<Object<D>>>,
}

/// Which objects a watcher wants to see.
pub struct Interest<D> {
    /// The namespace; empty: all.
    pub namespace: String,
    /// On metadata.labels.
    pub labels: LabelSelector,
    /// On the object's fields.
    pub fields: FieldSelector,
    /// How the watcher sees objects.
    pub lens: Lens<D>,
}

// === impl EventType ===

impl EventType {
    /// As it stands in an event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

impl From<ChangeKind> for EventType {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Added => Self::Added,
            ChangeKind::Modified => Self::Modified,
            ChangeKind::Deleted => Self::Deleted,
        }
    }
}

// === impl Event ===

impl<D> Event<D> {
    /// The event that shows an object for the first time.
    pub fn initial(object: Arc<Object<D>>) -> Self {
        Self { event_type: EventType::Added, object, frame: None, previous: None }
    }

    /// Appends the event as a JSON line with the object in the form that `write` gives it.
    pub fn write(&self, line: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>, &Object<D>)) {
        line.extend_from_slice(b"{\"type\":\"");
        line.extend_from_slice(self.event_type.as_str().as_bytes());
        line.extend_from_slice(b"\",\"object\":");
        write(line, &self.object);
        line.extend_from_slice(b"}\n");
    }
}

// === impl Interest ===

impl<D> Interest<D> {
    /// The part of the collection that is watched.
    pub fn scope(&self) -> Scope<'_> {
        if self.namespace.is_empty() { Scope::All } else { Scope::Namespace(&self.namespace) }
    }
}

impl<D: Selectable> Interest<D> {
    /// The object as the watcher sees it, if it is in view.
    pub fn view(&self, object: &Arc<Object<D>>) -> Option<Arc<Object<D>>> {
        let near = self.namespace.is_empty() || object.key().namespace() == self.namespace;
        // Labels are the same in every form.
        if !near || !self.labels.matches(object.labels()) {
            return None;
        }
        let seen = seen(object, &self.lens);
        self.fields.matches(&seen).then_some(seen)
    }
}

// === impl Change ===

impl<D: Clone + Selectable> Change<D> {
    /// What a watcher with this interest sees, if anything: a change of an object that comes into view adds it,
    /// of one that leaves the view deletes it (apiserver, `convertToWatchEvent`).
    pub fn seen_by(&self, interest: &Interest<D>) -> Option<Event<D>> {
        let last = interest.view(&self.object);
        let (before, now) = match self.kind {
            ChangeKind::Added => (None, last),
            ChangeKind::Modified => {
                (self.previous.as_ref().and_then(|previous| interest.view(previous)), last)
            }
            ChangeKind::Deleted => (last, None),
        };
        let (event_type, object, previous) = match (before, now) {
            (None, None) => return None,
            (None, Some(object)) => (EventType::Added, object, None),
            (Some(previous), Some(object)) => (EventType::Modified, object, Some(previous)),
            (Some(object), None) if self.kind == ChangeKind::Deleted => (EventType::Deleted, object, None),
            (Some(previous), None) => {
                (EventType::Deleted, Arc::new(previous.at_revision(self.revision)), None)
            }
        };
        let whole = interest.lens.is_none() && event_type == EventType::from(self.kind);
        let event = Event { event_type, object, frame: None, previous };
        Some(Event { frame: whole.then(|| self.frame(&event)), ..event })
    }

    /// The event of this change, encoded once for all who see it whole.
    fn frame(&self, event: &Event<D>) -> Bytes {
        let encode = || {
            let mut line = Vec::with_capacity(self.object.line().len() + 32);
            event.write(&mut line, |line, object| line.extend_from_slice(object.bytes()));
            Bytes::from(line)
        };
        self.frame.get_or_init(encode).clone()
    }
}
