//! Views at work: their sources are watched, and what changes is computed on a thread that may take its time.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use kube::Client;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tributary_access::{SourceEvent, watch_source};
use tributary_definition::View;
use tributary_registry::{ViewFeed, ViewState};
use tributary_sources::view::{ObjectId, Slim};

/// Changes that wait to be computed, of all sources of a view: beyond, the watches wait, and with them kube-apiserver.
const WAITING: usize = 4096;
/// The most changes that are computed together.
const BATCH: usize = 1024;

/// What a source told, as much of it as the view reads.
enum Told {
    Replaced(BTreeMap<ObjectId, Slim>),
    Changed(ObjectId, Option<Slim>),
}

/// Runs the view of `feed` until cancelled.
pub(crate) fn run(client: &Client, feed: ViewFeed, cancel: &CancellationToken) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let sources: Vec<_> = feed.view().sources().cloned().collect();
    for (place, source) in sources.into_iter().enumerate() {
        let (view, state) = (feed.view().clone(), feed.state().clone());
        let (cancel, sender) = (cancel.clone(), sender.clone());
        let events = watch_source(client.clone(), &source);
        tokio::spawn(async move {
            let mut reader = Reader { view, state, place, list: BTreeMap::new() };
            let mut events = std::pin::pin!(events);
            while let Some(Some(event)) = cancel.run_until_cancelled(events.next()).await {
                if let Some(told) = reader.read(event)
                    && sender.send((place, told)).await.is_err()
                {
                    return;
                }
            }
        });
    }
    drop(sender);
    // Evaluation has no place on the threads that serve.
    tokio::task::spawn_blocking(move || compute(feed, receiver));
}

/// Applies what the sources tell, until the last of them has ended.
fn compute(mut feed: ViewFeed, mut told: mpsc::Receiver<(usize, Told)>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while let count @ 1.. = told.blocking_recv_many(&mut waiting, BATCH) {
        tracing::trace!(count, "changes of a view's sources");
        let mut changes: Vec<(ObjectId, Option<Slim>)> = Vec::new();
        let mut of = 0;
        for (place, told) in waiting.drain(..) {
            if place != of && !changes.is_empty() {
                feed.apply(of, std::mem::take(&mut changes));
            }
            of = place;
            match told {
                Told::Changed(id, object) => changes.push((id, object)),
                Told::Replaced(objects) => {
                    feed.apply(of, std::mem::take(&mut changes));
                    feed.replace(of, objects);
                }
            }
        }
        if !changes.is_empty() {
            feed.apply(of, changes);
        }
    }
}

/// Turns what a watch tells into what the view reads; nobody sees the middle of a list.
struct Reader {
    view: Arc<View>,
    state: Arc<ViewState>,
    place: usize,
    list: BTreeMap<ObjectId, Slim>,
}

impl Reader {
    fn read(&mut self, event: SourceEvent) -> Option<Told> {
        match event {
            SourceEvent::Begun => {
                self.list.clear();
                None
            }
            SourceEvent::Listed(object) => {
                self.list.extend(self.slim(&object));
                None
            }
            SourceEvent::Complete => {
                self.state.source_failed(self.place, None);
                Some(Told::Replaced(std::mem::take(&mut self.list)))
            }
            SourceEvent::Applied(object) => {
                let (id, slim) = self.slim(&object)?;
                Some(Told::Changed(id, Some(slim)))
            }
            SourceEvent::Deleted(object) => {
                let (id, _) = self.slim(&object)?;
                Some(Told::Changed(id, None))
            }
            SourceEvent::Failed(why) => {
                self.state.source_failed(self.place, Some(why.to_string()));
                None
            }
        }
    }

    fn slim(&self, object: &Value) -> Option<(ObjectId, Slim)> {
        ViewFeed::slim(&self.view, self.place, object)
    }
}
