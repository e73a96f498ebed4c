//! Objects that the gateway keeps: those that clients write, and those that are computed.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use tokio::sync::watch;
use tributary_collection::{Collection, Commit, CommitError, Encoded, Key, LogLimits, Object, Snapshot};
use tributary_durable::{Committer, Fault, Limits};

use crate::clock::RevisionClock;
use crate::journal::{Journal, Restore};

/// What a collection in memory remembers: at 100 writes a second the five minutes that etcd's compaction
/// leaves a client, and never more memory than a small Pod can spare.
const LOG_LIMITS: LogLimits = LogLimits { changes: 30_000, bytes: 64 << 20 };

/// The objects of one resource: a Collection whose revisions this process gives, or passes on, or a durable log gives.
pub struct Stored<D> {
    collection: Arc<Collection<D>>,
    clock: Mutex<RevisionClock>,
    /// Whether the revisions are those of a source.
    passes: AtomicBool,
    /// Whether no more is taken of a view. It changes under the clock's lock.
    closed: AtomicBool,
    /// The revision of the last commit: what wakes watchers.
    committed: watch::Sender<u64>,
    /// What makes the objects outlive this process; none of those in memory.
    journal: Option<Journal<D>>,
}

/// How much of its past a durable log is asked for: what a collection remembers.
pub fn durable_limits() -> Limits {
    Limits { changes: LOG_LIMITS.changes, bytes: LOG_LIMITS.bytes }
}

/// What must be true of the stored object for a write to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is none.
    Absent,
    /// It is the version of this revision.
    Revision(u64),
}

/// A write of one object.
#[derive(Debug)]
pub enum Write<D> {
    /// This version takes the place of what is there.
    Put(Encoded, D),
    /// The object goes.
    Delete(Key),
}

/// Why a write did not happen; nothing has changed.
#[derive(Debug, Error)]
pub enum StoredError<D> {
    /// There is another version than expected, or one where none was expected.
    #[error("the object has another version")]
    Conflict(Arc<Object<D>>),
    /// There is no object.
    #[error("there is no such object")]
    Missing,
    /// The collection refused the commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The view is computed anew elsewhere.
    #[error("no more is taken of this view")]
    Closed,
    /// It is not known yet what there is.
    #[error("{0}")]
    Unread(String),
    /// The durable log did not acknowledge it. Where the disk failed it may have been written all the same.
    #[error("the change is not acknowledged: {0}")]
    Fault(Fault),
}

impl<D: Clone + Send + Sync + 'static> Default for Stored<D> {
    fn default() -> Self {
        Self::after(0)
    }
}

impl<D: Clone + Send + Sync + 'static> Stored<D> {
    /// No objects; every revision that is given is greater than `revision`.
    pub fn after(revision: u64) -> Self {
        let clock = RevisionClock::after(revision);
        Self {
            collection: Arc::new(Collection::new(clock.last(), LOG_LIMITS)),
            committed: watch::Sender::new(clock.last()),
            clock: Mutex::new(clock),
            passes: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            journal: None,
        }
    }

    /// What a durable log has of the resource of this name, read as soon as that is open.
    pub fn durable(committer: Committer, resource: &str, restore: impl Restore<D> + 'static) -> Self {
        let stored = Self::after(0);
        let (collection, committed) = (stored.collection.clone(), stored.committed.clone());
        let journal = Journal::new(committer, resource, collection, committed, restore);
        Self { journal: Some(journal), ..stored }
    }

    /// Why the objects cannot be read yet; none if they can.
    pub fn unread(&self) -> Option<String> {
        self.journal.as_ref().and_then(Journal::unread)
    }

    /// What reads are answered from.
    pub fn collection(&self) -> &Collection<D> {
        &self.collection
    }

    /// The objects as they are now.
    pub fn snapshot(&self) -> Snapshot<D> {
        self.collection.snapshot()
    }

    /// Is told the revision of each commit, the last one where several came since.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    /// Writes one object if `expect` holds, and returns its new version; of a deletion, the last state
    /// at its revision. It is in the collection when this returns.
    pub async fn write(&self, expect: Expect, write: Write<D>) -> Result<Arc<Object<D>>, StoredError<D>> {
        if let Some(journal) = &self.journal {
            return journal.write(expect, write).await;
        }
        // The clock's lock makes the comparison and the commit one step.
        let mut clock = self.clock();
        let commit = Commit::from(write);
        check(expect, self.snapshot().get(commit.key()))?;
        self.commit(&mut clock, commit)
    }

    /// Writes one object, whatever is there: for a view, whose objects have one writer.
    pub fn set(&self, write: Write<D>) -> Result<Arc<Object<D>>, StoredError<D>> {
        let mut clock = self.open().ok_or(StoredError::Closed)?;
        self.commit(&mut clock, write.into())
    }

    /// Takes no more of a view, and returns the revision that it came to, the last one.
    pub fn close(&self) -> u64 {
        let _clock = self.clock();
        self.closed.store(true, Ordering::Release);
        self.snapshot().revision()
    }

    /// Goes on to a new revision without a change, and returns it; the last one, if no more is taken.
    pub fn advance(&self) -> u64 {
        let Some(mut clock) = self.open() else { return self.snapshot().revision() };
        let revision = clock.next();
        // It is greater than every one before it: the clock gives all of them.
        let _ = self.collection.advance(revision);
        self.committed.send_replace(revision);
        revision
    }

    /// Whether the revisions are those of a source: another process may have told of greater ones.
    pub fn passes_revisions(&self) -> bool {
        self.passes.load(Ordering::Acquire)
    }

    /// Puts these objects in the place of all that there are; the revisions are those of a source, from now on.
    pub fn load(&self, revision: u64, objects: impl IntoIterator<Item = (u64, Encoded, D)>) {
        let Some(mut clock) = self.open() else { return };
        clock.pass(revision);
        self.replace(revision, objects, true);
    }

    /// The same with a revision that is given here, as all from now on are.
    pub fn load_anew(&self, objects: impl IntoIterator<Item = (Encoded, D)>) {
        let Some(mut clock) = self.open() else { return };
        let revision = clock.next();
        let objects = objects.into_iter().map(|(encoded, derived)| (revision, encoded, derived));
        self.replace(revision, objects, false);
    }

    /// See [`Collection::skip`].
    pub fn skip(&self, states: Range<u64>) {
        self.collection.skip(states);
    }

    /// Writes one object at the revision of its source, whatever is there.
    pub fn pass(&self, revision: u64, write: Write<D>) -> Result<Arc<Object<D>>, StoredError<D>> {
        let mut clock = self.open().ok_or(StoredError::Closed)?;
        let object = self.collection.commit(revision, write.into())?;
        clock.pass(revision);
        self.committed.send_replace(revision);
        Ok(object)
    }

    /// Goes on to a revision of the source, if it is greater, without a change.
    pub fn reach(&self, revision: u64) {
        let Some(mut clock) = self.open() else { return };
        if self.collection.advance(revision).is_ok() {
            clock.pass(revision);
            self.committed.send_replace(revision);
        }
    }

    /// Under the clock's lock.
    fn replace(&self, revision: u64, objects: impl IntoIterator<Item = (u64, Encoded, D)>, passes: bool) {
        self.collection.load(revision, objects);
        self.passes.store(passes, Ordering::Release);
        self.committed.send_replace(revision);
    }

    /// The clock, for those who compute a view; none if no more is taken.
    fn open(&self) -> Option<MutexGuard<'_, RevisionClock>> {
        Some(self.clock()).filter(|_| !self.closed.load(Ordering::Acquire))
    }

    fn clock(&self) -> MutexGuard<'_, RevisionClock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit(&self, clock: &mut RevisionClock, commit: Commit<D>) -> Result<Arc<Object<D>>, StoredError<D>> {
        let object = self.collection.commit(clock.next(), commit)?;
        self.committed.send_replace(object.revision());
        Ok(object)
    }
}

/// Whether what is there is what was expected.
pub(crate) fn check<D>(expect: Expect, current: Option<&Arc<Object<D>>>) -> Result<(), StoredError<D>> {
    match (expect, current) {
        (Expect::Absent, None) => Ok(()),
        (Expect::Absent, Some(current)) => Err(StoredError::Conflict(current.clone())),
        (Expect::Revision(_), None) => Err(StoredError::Missing),
        (Expect::Revision(revision), Some(current)) if current.revision() != revision => {
            Err(StoredError::Conflict(current.clone()))
        }
        (Expect::Revision(_), Some(_)) => Ok(()),
    }
}

impl<D> From<Write<D>> for Commit<D> {
    fn from(write: Write<D>) -> Self {
        match write {
            Write::Put(encoded, derived) => Self::Put(encoded, derived),
            Write::Delete(key) => Self::Delete(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(name: &str) -> Write<()> {
        let object = json!({"metadata": {"name": name, "uid": "u"}});
        Write::Put(Encoded::new(object.as_object().unwrap()).unwrap(), ())
    }

    #[tokio::test]
    async fn expectations() {
        let stored = Stored::default();
        let first = stored.write(Expect::Absent, object("a")).await.unwrap();
        assert!(matches!(stored.write(Expect::Absent, object("a")).await, Err(StoredError::Conflict(_))));
        let at = Expect::Revision(first.revision());
        let second = stored.write(at, object("a")).await.unwrap();
        assert!(second.revision() > first.revision());
        let stale = stored.write(at, Write::Delete(first.key().clone())).await;
        assert!(
            matches!(stale, Err(StoredError::Conflict(current)) if current.revision() == second.revision())
        );
        let key = second.key().clone();
        stored.write(Expect::Revision(second.revision()), Write::Delete(key.clone())).await.unwrap();
        let gone = stored.write(Expect::Revision(second.revision()), Write::Delete(key)).await;
        assert!(matches!(gone, Err(StoredError::Missing)));
        assert!(stored.snapshot().is_empty());
    }

    #[tokio::test]
    async fn concurrent_creates_of_one_name_succeed_once() {
        let stored = Arc::new(Stored::default());
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let stored = stored.clone();
                tokio::spawn(async move { stored.write(Expect::Absent, object("a")).await.is_ok() })
            })
            .collect();
        let mut created = 0;
        for task in tasks {
            created += usize::from(task.await.unwrap());
        }
        assert_eq!(created, 1);
    }
}
