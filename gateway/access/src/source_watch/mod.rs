//! Watching the objects that views are made of: any resource of the cluster, as the text that it was sent as, with the
//! revisions of the lists, the changes and the bookmarks.

mod failure;
mod follow;
mod object;
mod requests;
#[cfg(test)]
mod tests;

use futures::{Stream, stream};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tributary_crds::SourceReference;

pub use failure::SourceFailure;
pub use object::SourceObject;

use follow::Following;

/// Events that wait for whoever takes them: reading goes on meanwhile.
const WAITING: usize = 64;

/// What a source tells. A list begins, has its objects, and is complete; changes follow. A list that begins anew takes the
/// place of all that was told. Revisions are 0 where the source has none that are numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceEvent {
    /// A list begins.
    Begun,
    /// An object of the list.
    Listed(SourceObject),
    /// The list is complete, at this revision.
    Complete(u64),
    /// An object was added or changed.
    Applied(SourceObject),
    /// An object is gone; its last state, at the revision of the deletion.
    Deleted(SourceObject),
    /// Everything up to this revision has been told.
    Reached(u64),
    /// The source cannot be read. It is tried again; what was told stands.
    Failed(SourceFailure),
    /// It can be read again: what was told stood all the while.
    Recovered,
}

/// What the objects of `source` do, without end: failures are told and tried again. Who takes the events slowly is waited
/// for. A first list is tried a few times until it is newer than `newer_than`, one that takes the place of a watch until it has
/// what that told; either is taken as it is after that.
pub fn watch_source(
    client: kube::Client,
    source: &SourceReference,
    newer_than: u64,
) -> impl Stream<Item = SourceEvent> + Send + use<> {
    let (told, heard) = mpsc::channel(WAITING);
    let following = Following::new(client, source, newer_than, told);
    let task = AbortOnDropHandle::new(tokio::spawn(following.run()));
    stream::unfold((heard, task), |(mut heard, task)| async { Some((heard.recv().await?, (heard, task))) })
}
