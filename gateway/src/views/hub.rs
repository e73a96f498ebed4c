//! Sources, each watched once for all views that read it, and kept as slim as they together allow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use imbl::OrdMap;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tributary_access::{SourceEvent, SourceObject};
use tributary_definition::SourceReference;
use tributary_expr::Shape;
use tributary_registry::SourceFault;
use tributary_sources::view::{Changed, Kept, Listed, ObjectId, Slim};

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
    all: Option<Listed>,
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
    Listed(Listed),
    Changed(ObjectId, Changed),
    Reached(u64),
    Fault(Option<SourceFault>),
}

// === impl Hub ===

impl Hub {
    /// Nothing is watched yet.
    pub(crate) fn new(sources: Arc<dyn Sources>) -> Self {
        Self { sources, watched: Arc::default() }
    }

    /// Reads what `reads` says of a source's objects, and wakes whoever reads when there is news. What is read first is to
    /// be newer than `newer_than`.
    pub(super) fn subscribe(
        &self,
        source: &SourceReference,
        reads: &Shape,
        newer_than: u64,
        wake: mpsc::Sender<()>,
    ) -> Subscription {
        let inbox = Inbox::default();
        let mut all = lock(&self.watched);
        let known = all.remove(source);
        let mut wanted = known.as_ref().map(|watched| watched.reads.clone()).unwrap_or_default();
        wanted.merge(reads);
        let mut watched = match known {
            Some(watched) if watched.reads == wanted && watched.is_newer_than(newer_than) => watched,
            // More is read than before, or what is known is too old: it is read from the start.
            known => self.watch(source, wanted, newer_than, known),
        };
        let number = watched.next_number;
        watched.next_number += 1;
        if let Some(all) = &watched.all {
            inbox.list(all.clone());
        }
        inbox.fault(watched.fault.clone());
        // Full: it wakes anyway.
        let _ = wake.try_send(());
        watched.readers.push(Reader { number, inbox: inbox.clone(), wake });
        all.insert(source.clone(), watched);
        Subscription { watched: Arc::downgrade(&self.watched), source: source.clone(), inbox, number }
    }

    fn watch(
        &self,
        source: &SourceReference,
        reads: Shape,
        newer_than: u64,
        before: Option<Watched>,
    ) -> Watched {
        let stop = CancellationToken::new();
        let events = self.sources.watch(source, newer_than);
        let follower = Follower {
            watched: Arc::downgrade(&self.watched),
            source: source.clone(),
            reads: reads.clone(),
            list: OrdMap::new(),
        };
        tokio::spawn(follower.run(events, stop.clone()));
        let (readers, fault, next_number) =
            before.map(|watched| (watched.readers, watched.fault, watched.next_number)).unwrap_or_default();
        Watched { reads, all: None, fault, readers, next_number, _watch: stop.drop_guard() }
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
    fn is_newer_than(&self, revision: u64) -> bool {
        revision == 0 || self.all.as_ref().is_some_and(|all| all.revision > revision)
    }

    fn take(&mut self, news: News) {
        let Some(news) = self.note(news) else { return };
        for reader in &self.readers {
            match &news {
                News::Listed(all) => reader.inbox.list(all.clone()),
                News::Changed(id, changed) => reader.inbox.change(id.clone(), changed.clone()),
                News::Reached(revision) => reader.inbox.reach(*revision),
                News::Fault(fault) => reader.inbox.fault(fault.clone()),
            }
            // Full: it wakes anyway.
            let _ = reader.wake.try_send(());
        }
    }

    /// What of it is news for those who read.
    fn note(&mut self, news: News) -> Option<News> {
        match news {
            News::Listed(all) => {
                self.all = Some(all.clone());
                Some(News::Listed(all))
            }
            News::Changed(id, changed) => {
                let all = self.all.as_mut()?;
                all.revision = all.revision.max(changed.revision);
                let known = match &changed.object {
                    Some(json) => {
                        let kept = Kept { json: json.clone(), revision: changed.revision };
                        all.objects.insert(id.clone(), kept)
                    }
                    None => all.objects.remove(&id),
                };
                // Nothing of it that is read has changed.
                let same = known.map(|known| known.json) == changed.object;
                Some(if same { News::Reached(changed.revision) } else { News::Changed(id, changed) })
            }
            News::Reached(revision) => {
                let all = self.all.as_mut().filter(|all| revision > all.revision)?;
                all.revision = revision;
                Some(News::Reached(revision))
            }
            News::Fault(fault) if fault == self.fault => None,
            News::Fault(fault) => {
                self.fault.clone_from(&fault);
                Some(News::Fault(fault))
            }
        }
    }
}

/// Turns what a watch tells into what is read of it; nobody sees the middle of a list.
struct Follower {
    watched: Weak<Mutex<HashMap<SourceReference, Watched>>>,
    source: SourceReference,
    reads: Shape,
    list: OrdMap<ObjectId, Kept>,
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
                let kept =
                    self.slim(&object).map(|json| (id(&object), Kept { json, revision: number(&object) }));
                self.list.extend(kept);
                Vec::new()
            }
            SourceEvent::Complete(revision) => {
                let objects = std::mem::take(&mut self.list);
                let all = Listed { objects, revision: revision.unwrap_or_default() };
                vec![News::Fault(None), News::Listed(all)]
            }
            SourceEvent::Applied(object) => {
                let changed = self.slim(&object).map(|json| Changed::new(Some(json), number(&object)));
                changed.map(|changed| News::Changed(id(&object), changed)).into_iter().collect()
            }
            SourceEvent::Deleted(object) => {
                vec![News::Changed(id(&object), Changed::new(None, number(&object)))]
            }
            SourceEvent::Reached(revision) => vec![News::Reached(revision)],
            SourceEvent::Failed(why) => {
                vec![News::Fault(Some(SourceFault { reason: why.reason(), message: why.to_string() }))]
            }
            SourceEvent::Recovered => vec![News::Fault(None)],
        }
    }

    /// What is kept of an object; none of what is no JSON after all.
    fn slim(&self, object: &SourceObject) -> Option<Slim> {
        let kept = self.reads.keep(&object.json);
        kept.inspect_err(
            |error| tracing::warn!(name = &*object.name, %error, "an object of a source is no JSON"),
        )
        .ok()
        .map(Slim::from)
    }
}

fn id(object: &SourceObject) -> ObjectId {
    ObjectId { namespace: object.namespace.clone(), name: object.name.clone() }
}

fn number(object: &SourceObject) -> u64 {
    object.revision.unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked while it was held has left whole values.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
