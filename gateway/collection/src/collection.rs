//! The map, its writer and its readers.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use imbl::OrdMap;
use thiserror::Error;

use crate::encoded::Encoded;
use crate::key::{Key, Scope};
use crate::log::{Change, ChangeKind, Expired, Forgotten, Log, LogLimits};
use crate::object::Object;
use crate::retained::Retained;

/// The current objects of one resource and the recent changes to them.
#[derive(Debug)]
pub struct Collection<D> {
    current: RwLock<Snapshot<D>>,
    log: Mutex<Log<D>>,
    retained: Mutex<Retained<D>>,
}

/// The objects of one resource at one revision. Cloning it copies a pointer.
#[derive(Debug)]
pub struct Snapshot<D> {
    objects: OrdMap<Key, Arc<Object<D>>>,
    revision: u64,
}

/// One change to commit.
#[derive(Debug)]
pub enum Commit<D> {
    /// The object takes the place of what is there under its key.
    Put(Encoded, D),
    /// What is there goes.
    Delete(Key),
}

/// Why a commit was refused; nothing has changed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CommitError {
    /// The revision is not greater than the collection's.
    #[error("revision {revision} is not after {current}")]
    Revision {
        /// The revision of the commit.
        revision: u64,
        /// That of the collection.
        current: u64,
    },
    /// There is no object to delete.
    #[error("there is no object {0}")]
    Missing(Key),
}

// === impl Commit ===

impl<D> Commit<D> {
    /// The key of the object that it changes.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(encoded, _) => encoded.key(),
            Self::Delete(key) => key,
        }
    }
}

// === impl Collection ===

impl<D: Clone> Collection<D> {
    /// An empty collection at `revision` that remembers as much as `limits` allows.
    pub fn new(revision: u64, limits: LogLimits) -> Self {
        Self {
            current: RwLock::new(Snapshot { objects: OrdMap::new(), revision }),
            log: Mutex::new(Log::new(limits, revision)),
            retained: Mutex::new(Retained::default()),
        }
    }

    /// The objects as they are now.
    pub fn snapshot(&self) -> Snapshot<D> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Applies one change as `revision`, which is greater than every one before it, and returns the new
    /// version; of a deletion, the last state at its revision. There is one writer: the source that owns the collection.
    pub fn commit(&self, revision: u64, commit: Commit<D>) -> Result<Arc<Object<D>>, CommitError> {
        // Readers of the log see a change only after the map has it.
        let mut log = lock(&self.log);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if revision <= current.revision {
            return Err(CommitError::Revision { revision, current: current.revision });
        }
        let change = match commit {
            Commit::Put(encoded, derived) => {
                let object = Arc::new(encoded.at(revision, derived));
                let previous = current.objects.insert(object.key().clone(), object.clone());
                let kind = if previous.is_some() { ChangeKind::Modified } else { ChangeKind::Added };
                Change::new(kind, object, previous)
            }
            Commit::Delete(key) => {
                let object = current.objects.remove(&key).ok_or(CommitError::Missing(key))?;
                Change::new(ChangeKind::Deleted, Arc::new(object.at_revision(revision)), None)
            }
        };
        current.revision = revision;
        let object = change.object.clone();
        log.push(change);
        Ok(object)
    }

    /// Goes on to `revision` without a change.
    pub fn advance(&self, revision: u64) -> Result<(), CommitError> {
        // As in a commit: what the log has is in the map.
        let _log = lock(&self.log);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if revision <= current.revision {
            return Err(CommitError::Revision { revision, current: current.revision });
        }
        current.revision = revision;
        Ok(())
    }

    /// Puts these objects, each with its own revision, in the place of all that there are, and goes on from `revision`,
    /// which may be any. Whoever has seen an older state is expired, but for lists under way.
    pub fn load(&self, revision: u64, objects: impl IntoIterator<Item = (u64, Encoded, D)>) {
        let objects =
            objects.into_iter().map(|(revision, encoded, derived)| Arc::new(encoded.at(revision, derived)));
        self.restore(revision, revision, objects, []);
    }

    /// The same with the changes that led there: every change after `floor`, oldest first. Whoever has seen a state that is not
    /// older goes on from it.
    pub fn restore(
        &self,
        revision: u64,
        floor: u64,
        objects: impl IntoIterator<Item = Arc<Object<D>>>,
        changes: impl IntoIterator<Item = Change<D>>,
    ) {
        let objects = objects.into_iter().map(|object| (object.key().clone(), object)).collect();
        // As in a commit: what the log has is in the map.
        let mut log = lock(&self.log);
        let before = self.begin_anew(&mut log, Snapshot { objects, revision });
        log.restore(floor, changes);
        drop(log);
        drop(before);
    }

    /// The changes after `revision`, oldest first, at most `most`.
    pub fn changes(&self, revision: u64, most: usize) -> Result<Vec<Arc<Change<D>>>, Expired> {
        lock(&self.log).since(revision, most)
    }

    /// These states were never had here, and changes within them are not known one by one: somebody who has seen one of them
    /// elsewhere is expired. It is said before the changes that end in them.
    pub fn skip(&self, states: Range<u64>) {
        lock(&self.log).skip(states);
    }

    /// Whether somebody who has seen the state of `revision`, here or elsewhere, can be told what came after it.
    pub fn check(&self, revision: u64) -> Result<(), Expired> {
        lock(&self.log).check(revision)
    }

    /// Keeps a snapshot for the further pages of a list.
    pub fn retain(&self, snapshot: &Snapshot<D>, now: Instant) {
        lock(&self.retained).keep(snapshot, now);
    }

    /// The snapshot of `revision`, if it is the current one or was kept and has not expired.
    pub fn retained(&self, revision: u64, now: Instant) -> Option<Snapshot<D>> {
        let current = self.snapshot();
        if current.revision == revision {
            return Some(current);
        }
        lock(&self.retained).find(revision, now)
    }

    /// Replaces every object by another representation of the same version, such as one with other derived
    /// data: what readers see of the objects changed, the objects did not. No revision is given; the log,
    /// whose objects are of the old representation, and lists under way are expired.
    pub fn represent(&self, represent: impl Fn(&Object<D>) -> Object<D>) {
        // Whoever commits waits for the log; readers go on with the map as it was.
        let mut log = lock(&self.log);
        let before = self.snapshot();
        let objects =
            before.objects.iter().map(|(key, object)| (key.clone(), Arc::new(represent(object)))).collect();
        let same = self.begin_anew(&mut log, Snapshot { objects, revision: before.revision });
        drop(log);
        let retained = std::mem::take(&mut *lock(&self.retained));
        drop((before, same, retained));
    }

    /// Goes on from a snapshot, and knows of no change before it. Returns what there was: taking many objects down takes time
    /// that nobody is to wait for, so that it is dropped when nothing is locked.
    fn begin_anew(&self, log: &mut Log<D>, snapshot: Snapshot<D>) -> (Snapshot<D>, Forgotten<D>) {
        let revision = snapshot.revision;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *current, snapshot);
        (before, log.forget(revision))
    }
}

// === impl Snapshot ===

impl<D> Clone for Snapshot<D> {
    fn clone(&self) -> Self {
        Self { objects: self.objects.clone(), revision: self.revision }
    }
}

impl<D> Snapshot<D> {
    /// The revision of the last change in it.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The object of `key`.
    pub fn get(&self, key: &Key) -> Option<&Arc<Object<D>>> {
        self.objects.get(key)
    }

    /// The objects of `scope` that are not before `start`, in the order of their keys.
    pub fn range(&self, scope: Scope<'_>, start: Option<&Key>) -> impl Iterator<Item = &Arc<Object<D>>> {
        self.objects.range(scope.bounds(start)).map(|(_, object)| object)
    }
}

/// A panic while a lock was held leaves whole values behind: each is replaced in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "collection_tests.rs"]
mod tests;
