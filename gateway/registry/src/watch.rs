//! watch.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tributary_collection::{Event, Expired, Interest, Snapshot};
use tributary_sources::Stored;

use crate::options::{Start, WatchOptions};
use crate::resource::{Address, Resource, Version};
use crate::row::Row;
use crate::status::{Reason, Status};

/// How long a watch lasts that does not say: from this to twice as long, so that watches that began together
/// do not all come back together (apiserver, `min-request-timeout`).
const TIMEOUT: Duration = Duration::from_secs(1800);
/// The longest that a client can ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a watcher hears that nothing happened.
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);
/// How long before its end a watcher is told how far it has come.
const BOOKMARK_BEFORE_END: Duration = Duration::from_secs(2);
/// How many changes, and of objects how many bytes, are told at once: what a watcher holds while its client is slow. The
/// object that passes the bytes is told as well.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 64 << 10;

/// One thing that a watcher is told.
#[derive(Debug)]
pub enum Told {
    /// An object changed, or is there to begin with.
    Event(Event<Row>),
    /// Everything up to `revision` has been told.
    Bookmark {
        /// metadata.resourceVersion of the bookmark.
        revision: u64,
        /// Whether the objects that were there to begin with end here.
        initial_events_end: bool,
    },
    /// The watch cannot go on; it is the last thing.
    Error(Box<Status>),
}

/// A watch under way. It holds no lock and at most a batch of changes: how slow its reader is concerns nobody else.
pub struct Watch {
    pub(crate) stored: Arc<Stored<Row>>,
    interest: Interest<Row>,
    /// The objects to begin with, not told yet.
    initial: VecDeque<Arc<Version>>,
    /// Whether a bookmark is due when they have been told.
    mark_end: bool,
    /// Everything up to here has been told.
    revision: u64,
    committed: watch::Receiver<u64>,
    /// Whether all changes before the last mark of `committed` have been told.
    caught_up: bool,
    bookmarks: bool,
    next_bookmark: Instant,
    end: Instant,
    /// Until the next bookmark or the end. It is kept from one event to the next: a timer costs as much as an event.
    alarm: Pin<Box<Sleep>>,
    /// Cancelled when the definition of the resource changes; the future is kept as the alarm is.
    changed: CancellationToken,
    change: Pin<Box<WaitForCancellationFutureOwned>>,
    failed: Option<Status>,
    ended: bool,
}

impl Resource {
    /// Begins to watch the objects at `address`.
    pub fn watch(&self, address: Address<'_>, options: WatchOptions) -> Watch {
        // Before the snapshot: a commit in between wakes the watch once too often, never once too rarely.
        let committed = self.stored.subscribe();
        let snapshot = self.stored.snapshot();
        let interest = Interest {
            namespace: address.namespace.to_owned(),
            labels: options.labels,
            fields: options.fields,
            lens: self.lens(),
        };
        let mut failed = None;
        let (initial, revision) = match options.start {
            Start::State { at_least } => {
                failed = self.check_issued(&snapshot, at_least).err();
                let objects = snapshot.range(interest.scope(), None);
                (objects.filter_map(|object| interest.view(object)).collect(), snapshot.revision())
            }
            Start::Now => (VecDeque::new(), snapshot.revision()),
            Start::After(revision) => {
                failed = self.check_logged(&snapshot, revision).err();
                (VecDeque::new(), revision)
            }
        };
        let lasts = options
            .timeout
            .map(|timeout| timeout.min(LONGEST))
            .unwrap_or_else(|| TIMEOUT.mul_f64(1.0 + rand::rng().random::<f64>()));
        let (now, marked) = (Instant::now(), matches!(options.start, Start::State { .. }));
        let end = now + lasts;
        Watch {
            stored: self.stored.clone(),
            interest,
            initial,
            mark_end: marked && options.bookmarks,
            revision,
            committed,
            caught_up: false,
            bookmarks: options.bookmarks,
            next_bookmark: next_bookmark(now, end),
            end,
            alarm: Box::pin(tokio::time::sleep_until(now)),
            change: Box::pin(self.changed.clone().cancelled_owned()),
            changed: self.changed.clone(),
            failed,
            ended: false,
        }
    }
}

impl Watch {
    /// What there is to tell, waiting until there is something; None at the end.
    pub async fn next(&mut self) -> Option<Vec<Told>> {
        loop {
            if self.ended || self.changed.is_cancelled() || Instant::now() >= self.end {
                return None;
            }
            let told = self.ready();
            if !told.is_empty() {
                return Some(told);
            }
            let wake = if self.bookmarks { self.next_bookmark.min(self.end) } else { self.end };
            if self.alarm.deadline() != wake {
                self.alarm.as_mut().reset(wake);
            }
            tokio::select! {
                () = self.change.as_mut() => self.ended = true,
                () = self.alarm.as_mut() => {
                    if Instant::now() >= self.end {
                        self.ended = true;
                    } else if self.bookmarks {
                        self.next_bookmark = next_bookmark(Instant::now(), self.end);
                        return Some(vec![self.bookmark(false)]);
                    }
                }
                committed = self.committed.changed() => {
                    self.ended = committed.is_err();
                    self.caught_up = false;
                }
            }
        }
    }

    /// What can be told at once.
    fn ready(&mut self) -> Vec<Told> {
        if let Some(status) = self.failed.take() {
            self.ended = true;
            return vec![Told::Error(Box::new(status))];
        }
        if !self.initial.is_empty() {
            return self.initial();
        }
        if std::mem::take(&mut self.mark_end) {
            return vec![self.bookmark(true)];
        }
        match self.changes() {
            Ok(told) => told,
            Err(expired) => {
                self.ended = true;
                vec![Told::Error(Box::new(Status::failure(Reason::Expired, expired.to_string())))]
            }
        }
    }

    /// The next of the objects to begin with.
    fn initial(&mut self) -> Vec<Told> {
        let (mut told, mut bytes) = (Vec::new(), 0);
        while told.len() < BATCH && bytes < BATCH_BYTES {
            let Some(object) = self.initial.pop_front() else { break };
            bytes += object.bytes().len();
            told.push(Told::Event(Event::initial(object)));
        }
        told
    }

    /// The next changes that are of interest. Those that are not are passed over without waking the reader.
    fn changes(&mut self) -> Result<Vec<Told>, Expired> {
        // Without a sender the watch is about to end.
        if self.caught_up && !self.committed.has_changed().unwrap_or(true) {
            return Ok(Vec::new());
        }
        loop {
            self.committed.mark_unchanged();
            // Before the log is looked at: what it does not have after this revision did not happen.
            let state = self.stored.snapshot().revision();
            let changes = self.stored.collection().changes(self.revision, BATCH)?;
            if changes.is_empty() {
                self.revision = self.revision.max(state);
                self.caught_up = true;
                return Ok(Vec::new());
            }
            self.caught_up = changes.len() < BATCH;
            let (mut told, mut bytes) = (Vec::new(), 0);
            for change in changes {
                self.revision = change.revision;
                if let Some(event) = change.seen_by(&self.interest) {
                    bytes += event.object.bytes().len();
                    told.push(Told::Event(event));
                }
                if bytes >= BATCH_BYTES {
                    self.caught_up = false;
                    break;
                }
            }
            if !told.is_empty() {
                return Ok(told);
            }
        }
    }

    /// Everything up to here has been told.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The objects of interest as they are now.
    pub(crate) fn objects(&self) -> Vec<Arc<Version>> {
        self.objects_of(&self.stored.snapshot())
    }

    /// The same, if nothing has changed since what was told last.
    pub(crate) fn told_objects(&self) -> Option<Vec<Arc<Version>>> {
        let all = self.initial.is_empty() && !self.mark_end && self.failed.is_none();
        // Before the log is looked at: what it does not have did not happen.
        let snapshot = self.stored.snapshot();
        let changes = self.stored.collection().changes(self.revision, 1).ok()?;
        (all && changes.is_empty()).then(|| self.objects_of(&snapshot))
    }

    fn objects_of(&self, snapshot: &Snapshot<Row>) -> Vec<Arc<Version>> {
        let objects = snapshot.range(self.interest.scope(), None);
        objects.filter_map(|object| self.interest.view(object)).collect()
    }

    fn bookmark(&self, initial_events_end: bool) -> Told {
        Told::Bookmark { revision: self.revision, initial_events_end }
    }
}

/// Once a minute, and shortly before the end, so that whoever comes back has little to catch up with.
fn next_bookmark(now: Instant, end: Instant) -> Instant {
    let last = end.checked_sub(BOOKMARK_BEFORE_END).unwrap_or(end);
    let periodic = now + BOOKMARK_EVERY;
    if last > now { periodic.min(last) } else { periodic }
}
