//! What a watcher sees of a change.

use std::sync::Arc;

use bytes::Bytes;

use crate::fields::FieldSelector;
use crate::key::Scope;
use crate::labels::LabelSelector;
use crate::log::{Change, ChangeKind};
use crate::object::Object;

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
}

/// Which objects a watcher wants to see.
#[derive(Clone, Debug)]
pub struct Interest {
    /// The namespace; empty: all.
    pub namespace: String,
    /// On metadata.labels.
    pub labels: LabelSelector,
    /// On the object's fields.
    pub fields: FieldSelector,
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
        Self { event_type: EventType::Added, object, frame: None }
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

impl Interest {
    /// The part of the collection that is watched.
    pub fn scope(&self) -> Scope<'_> {
        if self.namespace.is_empty() { Scope::All } else { Scope::Namespace(&self.namespace) }
    }

    /// Whether an object is in view.
    pub fn covers<D>(&self, object: &Object<D>) -> bool {
        (self.namespace.is_empty() || object.key().namespace() == self.namespace)
            && self.labels.matches(object.labels())
            && self.fields.matches(object)
    }
}

// === impl Change ===

impl<D: Clone> Change<D> {
    /// What a watcher with this interest sees, if anything: a change of an object that comes into view adds it,
    /// of one that leaves the view deletes it (apiserver, `convertToWatchEvent`).
    pub fn seen_by(&self, interest: &Interest) -> Option<Event<D>> {
        let now = self.kind != ChangeKind::Deleted && interest.covers(&self.object);
        let before = match self.kind {
            ChangeKind::Added => false,
            ChangeKind::Modified => self.previous.as_ref().is_some_and(|previous| interest.covers(previous)),
            ChangeKind::Deleted => interest.covers(&self.object),
        };
        let event_type = match (before, now) {
            (false, false) => return None,
            (false, true) => EventType::Added,
            (true, true) => EventType::Modified,
            (true, false) => EventType::Deleted,
        };
        if event_type == EventType::from(self.kind) {
            let event = Event { event_type, object: self.object.clone(), frame: None };
            return Some(Event { frame: Some(self.frame(&event)), ..event });
        }
        let object = match &self.previous {
            Some(previous) if event_type == EventType::Deleted => {
                Arc::new(previous.at_revision(self.revision))
            }
            _ => self.object.clone(),
        };
        Some(Event { event_type, object, frame: None })
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
