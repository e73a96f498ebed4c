//! Views at work: their sources are watched, and what changes is computed on a thread that may take its time.

mod hub;
mod inbox;

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use kube::Client;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tributary_access::{SourceEvent, watch_source};
use tributary_definition::SourceReference;
use tributary_registry::{ViewFeed, ViewState};

pub(crate) use hub::Hub;
use inbox::{Inbox, Received};

/// Where the objects are that views are made of: a cluster, or a folder.
pub(crate) trait Sources: Send + Sync {
    /// What the objects of one source do, for as long as it is read; the first list newer than this, if that can be had.
    fn watch(&self, source: &SourceReference, newer_than: u64) -> BoxStream<'static, SourceEvent>;
}

impl Sources for Client {
    fn watch(&self, source: &SourceReference, newer_than: u64) -> BoxStream<'static, SourceEvent> {
        watch_source(self.clone(), source, newer_than).boxed()
    }
}

/// Runs the view of `feed` until cancelled.
pub(crate) fn run(hub: &Hub, feed: ViewFeed, cancel: &CancellationToken) {
    // One is enough: whoever wakes takes all that has come.
    let (wake, woken) = mpsc::channel(1);
    let view = feed.view().clone();
    let sources = view.sources().enumerate();
    let reads = sources.filter_map(|(place, source)| Some((source, ViewFeed::reads(&view, place)?)));
    let subscriptions: Vec<_> =
        reads.map(|(source, reads)| hub.subscribe(source, reads, feed.newer_than(), wake.clone())).collect();
    let inboxes = subscriptions.iter().map(|subscription| subscription.inbox()).collect();
    let cancelled = cancel.clone();
    tokio::spawn(async move {
        cancelled.cancelled().await;
        // The last who could wake the computation: it ends.
        drop(subscriptions);
    });
    let state = feed.state().clone();
    tokio::spawn(supervise(state, cancel.clone(), move || compute(feed, inboxes, woken)));
}

/// Does the work of a view where evaluation has a place: not on the threads that serve. If it panics the view says so, in
/// place of answering for ever what it was before.
async fn supervise(state: Arc<ViewState>, cancel: CancellationToken, work: impl FnOnce() + Send + 'static) {
    if tokio::task::spawn_blocking(work).await.is_err_and(|error| error.is_panic()) {
        state.broke();
        cancel.cancel();
    }
}

/// Applies what the sources tell, until nobody is left who could.
fn compute(mut feed: ViewFeed, inboxes: Vec<Inbox>, mut woken: mpsc::Receiver<()>) {
    while woken.blocking_recv().is_some() {
        for (place, inbox) in inboxes.iter().enumerate() {
            let Received { fault, listed, changed, reached, since } = inbox.take();
            if let Some(fault) = fault {
                feed.state().source_failed(place, fault);
            }
            if let Some(all) = listed {
                feed.replace(place, &all);
            }
            if !changed.is_empty() || reached > 0 {
                tracing::trace!(count = changed.len(), "changes of a view's source");
                feed.apply(place, changed, reached);
            }
            if let Some(since) = since {
                feed.state().served_after(since.elapsed());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_view_that_panics_says_so() {
        let (state, cancel) = (Arc::<ViewState>::default(), CancellationToken::new());
        supervise(state.clone(), cancel.clone(), || {}).await;
        assert!(!cancel.is_cancelled() && state.report().failures.is_empty());
        supervise(state.clone(), cancel.clone(), || panic!("of the test")).await;
        let report = state.report();
        assert!(cancel.is_cancelled() && !report.synced, "{report:?}");
        assert!(report.failures[&0].message.contains("a fault of the gateway"), "{report:?}");
    }
}
