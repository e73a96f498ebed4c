//! Sources, each watched once for all views that read it, and kept as slim as they together allow.

mod follower;
mod gone;
mod lane;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tributary_definition::SourceReference;
use tributary_expr::Shape;

use super::Sources;
use super::inbox::Inbox;
use follower::Follower;
use gone::Gone;
use lane::{Lane, News, Reader};

/// How long a source is watched that nobody reads: a definition that changes may read it again.
const GRACE: Duration = Duration::from_secs(5);

/// The sources of a gateway.
pub(crate) struct Hub {
    sources: Arc<dyn Sources>,
    watched: Arc<Shared>,
}

type Shared = Mutex<HashMap<SourceReference, Watched>>;

/// A view reads a source until this is dropped.
pub(super) struct Subscription {
    watched: Weak<Shared>,
    source: SourceReference,
    inbox: Inbox,
    number: u64,
}

/// A source that is watched. Where more of it is to be read than before, or something newer, another watch begins beside the
/// one that there is, whose readers go over when the new one has nothing that they have not heard: nobody begins anew
/// because of somebody else.
#[derive(Default)]
struct Watched {
    /// In the order in which they began. The last one takes new readers.
    lanes: Vec<Lane>,
    next_number: u64,
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
        let mut gone = Gone::default();
        let mut all = lock(&self.watched);
        let watched = all.entry(source.clone()).or_default();
        if !watched.lanes.last().is_some_and(|lane| lane.serves(reads, newer_than)) {
            let lane = self.lane(source, watched, reads, newer_than);
            watched.begin(lane, &mut gone);
        }
        let (inbox, number) = (Inbox::default(), watched.number());
        if let Some(lane) = watched.lanes.last_mut() {
            lane.join(Reader::new(number, inbox.clone(), wake), &mut gone);
        }
        Subscription { watched: Arc::downgrade(&self.watched), source: source.clone(), inbox, number }
    }

    /// A watch that takes the place of all that there are.
    fn lane(&self, source: &SourceReference, watched: &mut Watched, reads: &Shape, newer_than: u64) -> Lane {
        let last = watched.lanes.last();
        let mut wanted = last.map(|lane| lane.reads.clone()).unwrap_or_default();
        wanted.merge(reads);
        let newer_than = last.map_or(0, Lane::waits_for).max(newer_than);
        let (number, stop) = (watched.number(), CancellationToken::new());
        let follower = Follower {
            sources: self.sources.clone(),
            watched: Arc::downgrade(&self.watched),
            source: source.clone(),
            lane: number,
            reads: wanted.clone(),
            newer_than,
        };
        tokio::spawn(follower.run(stop.clone()));
        Lane::new(number, wanted, newer_than, stop.drop_guard())
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
        let mut gone = Gone::default();
        let Some(all) = self.watched.upgrade() else { return };
        let mut all = lock(&all);
        let Some(watched) = all.get_mut(&self.source) else { return };
        watched.leave(self.number, &mut gone);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if watched.is_unread() {
            let (all, source) = (self.watched.clone(), self.source.clone());
            runtime.spawn(async move {
                tokio::time::sleep(GRACE).await;
                let mut gone = Gone::default();
                let Some(all) = all.upgrade() else { return };
                let mut all = lock(&all);
                if all.get(&source).is_some_and(Watched::is_unread)
                    && let Some(watched) = all.remove(&source)
                {
                    watched.end(&mut gone);
                }
            });
        }
    }
}

// === impl Watched ===

impl Watched {
    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Another watch begins. Whoever has heard nothing yet waits for it.
    fn begin(&mut self, mut lane: Lane, gone: &mut Gone) {
        if let Some(last) = self.lanes.pop_if(|last| last.all.is_none()) {
            lane.wait_too(last);
        }
        self.lanes.push(lane);
        self.drop_unread(gone);
    }

    fn leave(&mut self, reader: u64, gone: &mut Gone) {
        self.lanes.iter_mut().for_each(|lane| lane.readers.retain(|known| known.number != reader));
        self.drop_unread(gone);
    }

    fn is_unread(&self) -> bool {
        self.lanes.iter().all(|lane| lane.readers.is_empty())
    }

    /// What a watch tells; whether it is still heard.
    fn take(&mut self, lane: u64, news: News, gone: &mut Gone) -> bool {
        match self.lanes.iter_mut().find(|known| known.number == lane) {
            Some(lane) => lane.take(news, gone),
            None => {
                if let News::Listed(list) = news {
                    gone.list(Some(list));
                }
                return false;
            }
        }
        self.move_on(gone);
        true
    }

    /// Readers go over to the last watch when they have heard all that it has.
    fn move_on(&mut self, gone: &mut Gone) {
        let Some((last, before)) = self.lanes.split_last_mut() else { return };
        before.iter_mut().for_each(|lane| last.take_over(lane, gone));
        self.drop_unread(gone);
    }

    fn drop_unread(&mut self, gone: &mut Gone) {
        let last = self.lanes.last().map(|lane| lane.number);
        self.lanes.retain_mut(|lane| {
            let stays = !lane.readers.is_empty() || Some(lane.number) == last;
            if !stays {
                gone.list(lane.all.take());
            }
            stays
        });
    }

    /// The watches end at once, as long as nobody can begin others of the same numbers.
    fn end(mut self, gone: &mut Gone) {
        self.lanes.iter_mut().for_each(|lane| gone.list(lane.all.take()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked while it was held has left whole values.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
