//! The bounded log of recent changes.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use thiserror::Error;

use crate::object::Object;
use crate::skipped::Skipped;

/// What a change did to the object with its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// A version replaced an older one.
    Modified,
    /// It is gone.
    Deleted,
}

/// One entry of the log.
#[derive(Debug)]
pub struct Change<D> {
    /// What happened.
    pub kind: ChangeKind,
    /// The new version; of a deletion, the last state, with the revision of the deletion.
    pub object: Arc<Object<D>>,
    /// The version before a modification.
    pub previous: Option<Arc<Object<D>>>,
    /// The revision of the change: that of the object.
    pub revision: u64,
    /// The event that most watchers see, encoded when the first of them does.
    pub(crate) frame: OnceLock<Bytes>,
}

/// What came after the revision asked for is not known any more, or never was.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("too old resource version: {requested} ({oldest})")]
pub struct Expired {
    /// The revision asked for.
    pub requested: u64,
    /// The oldest revision from which changes are known.
    pub oldest: u64,
}

/// How much of the past a collection remembers; whichever comes first.
#[derive(Clone, Copy, Debug)]
pub struct LogLimits {
    /// The most changes.
    pub changes: usize,
    /// The most bytes of the objects and events in them. What is also in the map is counted all the same.
    pub bytes: usize,
}

/// Changes that a log knows no longer.
pub(crate) type Forgotten<D> = VecDeque<Arc<Change<D>>>;

/// Changes in the order of their revisions; the oldest are dropped when there are more than the limits allow.
#[derive(Debug)]
pub(crate) struct Log<D> {
    changes: VecDeque<Arc<Change<D>>>,
    bytes: usize,
    limits: LogLimits,
    /// Every change after this revision is in the log.
    floor: u64,
    /// Whoever has seen a state within these cannot be told what came after it.
    skipped: Skipped,
}

// === impl Change ===

impl<D> Change<D> {
    /// A change that made `object`, whose revision is that of the change.
    pub fn new(kind: ChangeKind, object: Arc<Object<D>>, previous: Option<Arc<Object<D>>>) -> Self {
        let revision = object.revision();
        Self { kind, object, previous, revision, frame: OnceLock::new() }
    }

    /// With the encoded event, whether it is made yet or not.
    fn size(&self) -> usize {
        2 * self.object.bytes().len() + self.previous.as_ref().map_or(0, |previous| previous.bytes().len())
    }
}

// === impl Log ===

impl<D> Log<D> {
    /// An empty log of a collection that begins at revision `floor`.
    pub(crate) fn new(limits: LogLimits, floor: u64) -> Self {
        Self { changes: VecDeque::new(), bytes: 0, limits, floor, skipped: Skipped::default() }
    }

    pub(crate) fn push(&mut self, change: Change<D>) {
        self.bytes += change.size();
        self.changes.push_back(Arc::new(change));
        while self.changes.len() > self.limits.changes || self.bytes > self.limits.bytes {
            let Some(dropped) = self.changes.pop_front() else { break };
            self.bytes -= dropped.size();
            self.floor = dropped.revision;
            self.skipped.forget(self.floor);
        }
    }

    /// Forgets everything up to `revision`, and returns the changes that it knew.
    pub(crate) fn forget(&mut self, revision: u64) -> Forgotten<D> {
        self.bytes = 0;
        self.floor = revision;
        self.skipped.forget(revision);
        std::mem::take(&mut self.changes)
    }

    /// Every change after `floor`, oldest first, is this: of a log that has forgotten all.
    pub(crate) fn restore(&mut self, floor: u64, changes: impl IntoIterator<Item = Change<D>>) {
        self.floor = floor;
        changes.into_iter().for_each(|change| self.push(change));
    }

    pub(crate) fn skip(&mut self, states: Range<u64>) {
        self.skipped.add(states);
    }

    /// Whether whoever has seen the state of `revision` can be told what came after it.
    pub(crate) fn check(&self, revision: u64) -> Result<(), Expired> {
        let oldest = if revision < self.floor { Some(self.floor) } else { self.skipped.end(revision) };
        oldest.map_or(Ok(()), |oldest| Err(Expired { requested: revision, oldest }))
    }

    /// The changes after `revision`, oldest first, at most `most`.
    pub(crate) fn since(&self, revision: u64, most: usize) -> Result<Vec<Arc<Change<D>>>, Expired> {
        if revision < self.floor {
            return Err(Expired { requested: revision, oldest: self.floor });
        }
        Ok(self.changes.range(self.first_after(revision)..).take(most).cloned().collect())
    }

    /// The place of the first change after `revision`. Most who ask have seen nearly all: it is searched from the end, in steps that
    /// double, since each look is at memory that is far from the last.
    fn first_after(&self, revision: u64) -> usize {
        let (mut low, mut high, mut step) = (0, self.changes.len(), 1);
        while high > 0 {
            let place = high.saturating_sub(step);
            if self.changes[place].revision <= revision {
                low = place + 1;
                break;
            }
            high = place;
            step *= 2;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.changes[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Encoded;

    #[test]
    fn the_first_after_any_revision() {
        for length in 0..40 {
            let mut log = Log::new(LogLimits { changes: 100, bytes: 1 << 20 }, 0);
            for revision in (1..=length).map(|n| n * 2) {
                let object = json!({"metadata": {"name": "a", "uid": "u"}});
                let object = Encoded::new(object.as_object().unwrap()).unwrap();
                let object = Arc::new(object.at(revision, ()));
                log.push(Change::new(ChangeKind::Added, object, None));
            }
            for revision in 0..=2 * length + 1 {
                let place = usize::try_from(revision / 2).unwrap().min(log.changes.len());
                assert_eq!(log.first_after(revision), place, "{revision} of {length}");
            }
        }
    }
}
