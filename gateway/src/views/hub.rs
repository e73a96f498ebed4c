//! Sources, each watched once for all views that read it, and kept as slim as they together allow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use imbl::OrdMap;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tributary_access::SourceEvent;
use tributary_definition::SourceReference;
use tributary_expr::Shape;
use tributary_registry::SourceFault;
use tributary_sources::view::{ObjectId, Slim};

use super::Sources;
use super::inbox::Inbox;

/// How long a source is watched that nobody reads: a definition that changes may read it again.
const GRACE: Duration = Duration::from_secs(5);

/// The sources of a gateway.
pub(crate) struct Hub {
    sources: Arc<dyn Sources>,
    watched: Arc<Mutex<HashMap<SourceReference, Watched>>>,
}

/// A view reads a source until this is dropped.
pub(super) struct Subscription {
    watched: Weak<Mutex<HashMap<SourceReference, Watched>>>,
    source: SourceReference,
    inbox: Inbox,
    number: u64,
}

/// A source that is watched.
struct Watched {
    /// What of its objects is kept.
    reads: Shape,
    /// None until they are listed as far as they are read now.
    objects: Option<OrdMap<ObjectId, Slim>>,
    fault: Option<SourceFault>,
    readers: Vec<Reader>,
    next_number: u64,
    /// Ends the watch.
    _watch: DropGuard,
}

struct Reader {
    number: u64,
    inbox: Inbox,
    wake: mpsc::Sender<()>,
}

/// What a change of a source does to those who read it.
enum News {
    Listed(OrdMap<ObjectId, Slim>),
    Changed(ObjectId, Option<Slim>),
    Fault(Option<SourceFault>),
}

// === impl Hub ===

impl Hub {
    /// Nothing is watched yet.
    pub(crate) fn new(sources: Arc<dyn Sources>) -> Self {
        Self { sources, watched: Arc::default() }
    }

    /// Reads what `reads` says of a source's objects, and wakes whoever reads when there is news.
    pub(super) fn subscribe(
        &self,
        source: &SourceReference,
        reads: &Shape,
        wake: mpsc::Sender<()>,
    ) -> Subscription {
        let inbox = Inbox::default();
        let mut all = lock(&self.watched);
        let known = all.remove(source);
        let mut wanted = known.as_ref().map(|watched| watched.reads.clone()).unwrap_or_default();
        wanted.merge(reads);
        let mut watched = match known {
            Some(watched) if watched.reads == wanted => watched,
            // More is read than before: it is read from the start.
            known => self.watch(source, wanted, known),
        };
        let number = watched.next_number;
        watched.next_number += 1;
        if let Some(objects) = &watched.objects {
            inbox.list(objects.clone());
        }
        inbox.fault(watched.fault.clone());
        // Full: it wakes anyway.
        let _ = wake.try_send(());
        watched.readers.push(Reader { number, inbox: inbox.clone(), wake });
        all.insert(source.clone(), watched);
        Subscription { watched: Arc::downgrade(&self.watched), source: source.clone(), inbox, number }
    }

    fn watch(&self, source: &SourceReference, reads: Shape, before: Option<Watched>) -> Watched {
        let stop = CancellationToken::new();
        let events = self.sources.watch(source);
        let follower = Follower {
            watched: Arc::downgrade(&self.watched),
            source: source.clone(),
            reads: reads.clone(),
            list: OrdMap::new(),
        };
        tokio::spawn(follower.run(events, stop.clone()));
        let (readers, fault, next_number) =
            before.map(|watched| (watched.readers, watched.fault, watched.next_number)).unwrap_or_default();
        Watched { reads, objects: None, fault, readers, next_number, _watch: stop.drop_guard() }
    }
}

// === impl Subscription ===

impl Subscription {
    /// Where news come.
    pub(super) fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(all) = self.watched.upgrade() else { return };
        let mut all = lock(&all);
        let Some(watched) = all.get_mut(&self.source) else { return };
        watched.readers.retain(|reader| reader.number != self.number);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if watched.readers.is_empty() {
            let (all, source) = (self.watched.clone(), self.source.clone());
            runtime.spawn(async move {
                tokio::time::sleep(GRACE).await;
                let Some(all) = all.upgrade() else { return };
                let mut all = lock(&all);
                if all.get(&source).is_some_and(|watched| watched.readers.is_empty()) {
                    all.remove(&source);
                }
            });
        }
    }
}

// === impl Watched ===

impl Watched {
    fn take(&mut self, news: News) {
        match &news {
            News::Listed(objects) => self.objects = Some(objects.clone()),
            News::Changed(id, object) => {
                let Some(objects) = &mut self.objects else { return };
                // Nothing of it that is read has changed.
                if objects.get(id) == object.as_ref() {
                    return;
                }
                match object {
                    Some(object) => objects.insert(id.clone(), object.clone()),
                    None => objects.remove(id),
                };
            }
            News::Fault(fault) if *fault == self.fault => return,
            News::Fault(fault) => self.fault.clone_from(fault),
        }
        for reader in &self.readers {
            match &news {
                News::Listed(objects) => reader.inbox.list(objects.clone()),
                News::Changed(id, object) => reader.inbox.change(id.clone(), object.clone()),
                News::Fault(fault) => reader.inbox.fault(fault.clone()),
            }
            // Full: it wakes anyway.
            let _ = reader.wake.try_send(());
        }
    }
}

/// Turns what a watch tells into what is read of it; nobody sees the middle of a list.
struct Follower {
    watched: Weak<Mutex<HashMap<SourceReference, Watched>>>,
    source: SourceReference,
    reads: Shape,
    list: OrdMap<ObjectId, Slim>,
}

impl Follower {
    async fn run(mut self, mut events: BoxStream<'static, SourceEvent>, stop: CancellationToken) {
        while let Some(Some(event)) = stop.run_until_cancelled(events.next()).await {
            let news = self.read(event);
            let Some(all) = self.watched.upgrade() else { return };
            let mut all = lock(&all);
            // Whoever stops this watch does so under the lock: another one has taken its place.
            if stop.is_cancelled() {
                return;
            }
            if let Some(watched) = all.get_mut(&self.source) {
                news.into_iter().for_each(|news| watched.take(news));
            }
        }
    }

    fn read(&mut self, event: SourceEvent) -> Vec<News> {
        match event {
            SourceEvent::Begun => {
                self.list = OrdMap::new();
                Vec::new()
            }
            SourceEvent::Listed(object) => {
                self.list.extend(self.slim(&object));
                Vec::new()
            }
            SourceEvent::Complete => {
                vec![News::Fault(None), News::Listed(std::mem::take(&mut self.list))]
            }
            SourceEvent::Applied(object) => {
                self.slim(&object).map(|(id, slim)| News::Changed(id, Some(slim))).into_iter().collect()
            }
            SourceEvent::Deleted(object) => {
                id(&object).map(|id| News::Changed(id, None)).into_iter().collect()
            }
            SourceEvent::Failed(why) => {
                vec![News::Fault(Some(SourceFault { reason: why.reason(), message: why.to_string() }))]
            }
            SourceEvent::Recovered => vec![News::Fault(None)],
        }
    }

    /// What is kept of an object; none of one that has no name.
    fn slim(&self, object: &Value) -> Option<(ObjectId, Slim)> {
        let kept = serde_json::to_vec(&self.reads.keep(object)).ok()?;
        Some((id(object)?, kept.into()))
    }
}

fn id(object: &Value) -> Option<ObjectId> {
    let text = |field: &str| object.pointer(&format!("/metadata/{field}")).and_then(Value::as_str);
    Some(ObjectId::new(text("namespace").unwrap_or_default(), text("name")?))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked while it was held has left whole values.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
