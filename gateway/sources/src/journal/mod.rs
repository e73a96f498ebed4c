//! Stored objects that outlive the process: a Collection behind a durable log.

mod pending;
mod restore;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::{oneshot, watch};
use tributary_collection::{Collection, Commit, Encoded, Object};
use tributary_durable::{Change, Committer, Fault, Stamp};

use crate::stored::{Expect, StoredError, Write, check};
use pending::Pending;
pub use restore::Restore;
use restore::Restoring;

/// The durable log of one resource's objects.
pub(crate) struct Journal<D> {
    committer: Committer,
    resource: Arc<str>,
    applied: Arc<Applied<D>>,
}

/// What the log's thread writes to, in the order of revisions.
pub(crate) struct Applied<D> {
    pub(crate) collection: Arc<Collection<D>>,
    pub(crate) committed: watch::Sender<u64>,
    /// What is on its way to the disk. It is nowhere to be read yet; whoever writes the same object waits for it.
    pending: Pending,
    /// Whether what the file has was read.
    restored: watch::Sender<bool>,
}

impl<D: Clone + Send + Sync + 'static> Journal<D> {
    /// The log of the resource of this name; what it has is read as soon as the file is open.
    pub(crate) fn new(
        committer: Committer,
        resource: &str,
        collection: Arc<Collection<D>>,
        committed: watch::Sender<u64>,
        restore: impl Restore<D> + 'static,
    ) -> Self {
        let resource: Arc<str> = resource.into();
        let (pending, restored) = (Pending::default(), watch::Sender::new(false));
        let applied = Arc::new(Applied { collection, committed, pending, restored });
        committer.attach(resource.clone(), Restoring::new(applied.clone(), restore));
        Self { committer, resource, applied }
    }

    /// See [`crate::Stored::write`].
    pub(crate) async fn write(
        &self,
        expect: Expect,
        write: Write<D>,
    ) -> Result<Arc<Object<D>>, StoredError<D>> {
        if let Some(why) = self.unread() {
            return Err(StoredError::Unread(why));
        }
        let commit = Commit::from(write);
        let key = commit.key().clone();
        let turn = self.applied.pending.turn(&key).await;
        check(expect, self.applied.collection.snapshot().get(&key))?;
        let put = match &commit {
            Commit::Put(encoded, _) => Some(Encoded::bytes(encoded).to_vec()),
            Commit::Delete(_) => None,
        };
        let change = Change { resource: self.resource.clone(), key: key.as_str().to_owned(), put };
        let (told, answer) = oneshot::channel();
        let applied = self.applied.clone();
        // It is applied whether or not whoever asked still waits.
        self.committer.write(change, move |stamp| {
            let written = applied.apply(stamp, commit);
            drop(turn);
            let _ = told.send(written);
        });
        answer.await.unwrap_or(Err(StoredError::Fault(Fault::Closed)))
    }

    /// Why the objects cannot be read yet; none if they can.
    pub(crate) fn unread(&self) -> Option<String> {
        if *self.applied.restored.borrow() {
            return None;
        }
        let fault = self.committer.fault().map(|fault| fault.to_string());
        Some(fault.unwrap_or_else(|| "the database file is being read".to_owned()))
    }
}

impl<D: Clone> Applied<D> {
    fn apply(
        &self,
        stamp: Result<Stamp, Fault>,
        commit: Commit<D>,
    ) -> Result<Arc<Object<D>>, StoredError<D>> {
        let object = self.collection.commit(stamp.map_err(StoredError::Fault)?.revision, commit)?;
        self.committed.send_replace(object.revision());
        Ok(object)
    }
}
