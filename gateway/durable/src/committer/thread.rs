//! What the thread does: open, commit, compact, and open again.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use tracing::{error, info, warn};

use super::{Committed, Done, Message, Observer, Shared, Storage};
use crate::backup::{BackupError, Moment};
use crate::clock::microseconds;
use crate::contents::Reader;
use crate::database::{Change, Database, Stamp};
use crate::fault::Fault;
use crate::reading::Limits;
use crate::restore::Restored;
use crate::trim::Room;

/// How long to wait before a file that cannot be used is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// The same where the process before this one has not ended yet: it is a matter of moments.
const RETRY_LOCKED: Duration = Duration::from_millis(50);
/// The most changes of one transaction, and the bytes after which no more are taken: one that waits at the end of it waits as
/// long as the whole takes.
const BATCH: usize = 1024;
const BATCH_BYTES: usize = 8 << 20;
/// How long nothing must come before the file is compacted.
const QUIET: Duration = Duration::from_secs(5);

/// The thread's own.
pub(crate) struct Thread<S> {
    pub(super) storage: S,
    group: String,
    limits: Limits,
    observer: Arc<dyn Observer>,
    pub(super) shared: Arc<Shared>,
    pub(super) database: Option<Database>,
    /// When to try to open it.
    retry: Instant,
    /// The revision up to which changes were acknowledged; none before the file was first open.
    acknowledged: Option<u64>,
    /// Whether there are readers who do not know what the file has.
    untold: bool,
    readers: BTreeMap<Arc<str>, Box<dyn Reader>>,
    /// The length that compaction left: it is not worth another try at the same.
    pub(super) compacted: u64,
}

enum Next {
    Batch(Vec<(Change, Done)>, Option<Message>),
    Other(Message),
    /// Nothing came for the time given.
    Nothing,
    Closed,
}

impl<S: Storage> Thread<S> {
    pub(crate) fn new(
        storage: S,
        group: String,
        limits: Limits,
        observer: Arc<dyn Observer>,
        shared: Arc<Shared>,
    ) -> Self {
        let (retry, readers) = (Instant::now(), BTreeMap::new());
        Self {
            storage,
            group,
            limits,
            observer,
            shared,
            database: None,
            retry,
            acknowledged: None,
            untold: false,
            readers,
            compacted: 0,
        }
    }

    pub(crate) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            if self.database.is_none() && self.retry <= Instant::now() {
                self.open();
            }
            let patience = match self.database {
                Some(_) => QUIET,
                None => self.retry.saturating_duration_since(Instant::now()),
            };
            let message = match self.next(messages, patience) {
                Next::Batch(batch, next) => {
                    self.write(batch);
                    next
                }
                Next::Other(message) => Some(message),
                Next::Nothing => {
                    let room = self.room();
                    while self.trim(room) {}
                    self.compact();
                    None
                }
                Next::Closed => break,
            };
            match message {
                Some(Message::Close) => break,
                Some(Message::Attach(resource, reader)) => self.attach(resource, reader),
                // Who asked may have gone.
                Some(Message::Look(tell)) => drop(tell.send(self.look())),
                Some(Message::Restore(mut backup, tell)) => drop(tell.send(self.restore(&mut *backup))),
                Some(Message::Write(..)) | None => {}
            }
        }
        self.shared.set_fault(Some(Fault::Closed));
        drop(self.database.take());
        for message in messages.try_iter() {
            if let Message::Write(_, done) = message {
                done(Err(Fault::Closed));
            }
        }
    }

    /// Everything that has come, up to what one transaction takes, and up to what is no change.
    fn next(&self, messages: &Receiver<Message>, patience: Duration) -> Next {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut message = match messages.recv_timeout(patience) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => return Next::Closed,
        };
        loop {
            match message {
                Message::Write(change, done) => {
                    self.shared.taken(&change);
                    bytes += change.put.as_ref().map_or(0, Vec::len);
                    batch.push((change, done));
                }
                other if batch.is_empty() => return Next::Other(other),
                other => return Next::Batch(batch, Some(other)),
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                return Next::Batch(batch, None);
            }
            message = match messages.try_recv() {
                Ok(message) => message,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Next::Batch(batch, None),
            };
        }
    }

    fn write(&mut self, batch: Vec<(Change, Done)>) {
        let (batch, room) = self.fitting(batch);
        if batch.is_empty() {
            return;
        }
        let (changes, done): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let began = Instant::now();
        match self.commit(&changes, room) {
            Ok(stamps) => {
                let synced = Instant::now();
                self.acknowledged = stamps.last().map(|stamp| stamp.revision).or(self.acknowledged);
                for (done, stamp) in done.into_iter().zip(stamps) {
                    call(|| done(Ok(stamp)));
                }
                self.observe(changes.len(), synced - began, synced.elapsed());
            }
            Err(fault) => {
                for done in done {
                    call(|| done(Err(fault.clone())));
                }
                // It may be over at once: what did not fit may have been this batch alone.
                if self.database.is_none() && self.retry <= Instant::now() {
                    self.open();
                }
            }
        }
    }

    fn commit(&mut self, changes: &[Change], room: Room) -> Result<Vec<Stamp>, Fault> {
        let closed = self.closed();
        let database = self.database.as_mut().ok_or(closed)?;
        let committed = at_disk(&self.shared, || database.commit_within(changes, microseconds(), room));
        committed.inspect_err(|fault| self.fail(fault.clone(), Instant::now()))
    }

    fn open(&mut self) {
        let opened = at_disk(&self.shared, || {
            Database::open(self.storage.open()?, &self.group, microseconds())
                .and_then(|database| self.check(database))
        });
        match opened {
            Ok(database) => self.use_database(database),
            Err(fault) => {
                let pause = if fault == Fault::Locked { RETRY_LOCKED } else { RETRY };
                self.fail(fault, Instant::now() + pause);
            }
        }
    }

    /// What was acknowledged is in the file.
    fn check(&self, database: Database) -> Result<Database, Fault> {
        match self.acknowledged {
            Some(known) if database.revision() < known => Err(Fault::damaged(format!(
                "it has gone back from revision {known} to {}; restart the gateway to serve what it has",
                database.revision()
            ))),
            _ => Ok(database),
        }
    }

    fn use_database(&mut self, database: Database) {
        let revision = database.revision();
        self.database = Some(database);
        // A commit that failed may be in the file all the same.
        if (self.untold || self.acknowledged != Some(revision)) && !self.tell_all() {
            return;
        }
        self.acknowledged = Some(revision);
        self.shared.set_fault(None);
        info!(revision, "the database file is open");
    }

    /// Whether every reader was told.
    fn tell_all(&mut self) -> bool {
        let mut readers = std::mem::take(&mut self.readers);
        self.untold = !readers.iter_mut().all(|(resource, reader)| self.tell(resource, reader.as_mut()));
        self.readers = readers;
        !self.untold
    }

    fn tell(&mut self, resource: &str, reader: &mut dyn Reader) -> bool {
        let Some(database) = &self.database else { return false };
        let told = at_disk(&self.shared, || database.read(resource, self.limits, reader));
        told.map_err(|fault| self.fail(fault, Instant::now() + RETRY)).is_ok()
    }

    fn attach(&mut self, resource: Arc<str>, mut reader: Box<dyn Reader>) {
        self.untold |= !self.tell(&resource, reader.as_mut());
        self.readers.insert(resource, reader);
    }

    fn look(&self) -> Result<Moment, Fault> {
        let database = self.database.as_ref().ok_or_else(|| self.closed())?;
        Moment::of(database)
    }

    fn restore(&mut self, backup: &mut dyn BufRead) -> Result<Restored, BackupError> {
        if self.database.is_none() && matches!(self.closed(), Fault::Damaged(_)) {
            self.storage.set_aside()?;
            // What it had is not to be expected of the new one.
            self.acknowledged = None;
            self.open();
        }
        let Some(database) = self.database.as_mut() else { return Err(self.closed().into()) };
        let restored = at_disk(&self.shared, || database.restore(backup));
        match &restored {
            Ok(restored) => {
                self.acknowledged = Some(restored.revision);
                self.tell_all();
                info!(restored.objects, restored.revision, "a backup was restored");
            }
            // What is wrong with the backup is not wrong with the file.
            Err(BackupError::Fault(fault)) if !matches!(fault, Fault::Group(_)) => {
                self.fail(fault.clone(), Instant::now());
            }
            Err(_) => {}
        }
        restored
    }

    /// Why the file is not open.
    fn closed(&self) -> Fault {
        self.shared.fault().unwrap_or(Fault::Closed)
    }

    pub(super) fn fail(&mut self, fault: Fault, retry: Instant) {
        drop(self.database.take());
        self.retry = retry;
        match &fault {
            known if self.shared.fault().as_ref() == Some(known) => {}
            Fault::Locked => warn!(error = %fault, "the database file cannot be opened yet"),
            _ => error!(error = %fault, "the database file cannot be used; trying again"),
        }
        self.shared.set_fault(Some(fault));
    }

    fn observe(&self, changes: usize, took: Duration, told: Duration) {
        let Some(database) = &self.database else { return };
        let trim = database.totals().trim;
        let file = self.storage.size().unwrap_or_default();
        let synced = database.synced();
        let commit = Committed { changes, took, synced, told, file, log: trim.rows, log_bytes: trim.bytes };
        self.observer.committed(&commit);
    }
}

/// Notes the time at the disk. A file that is damaged may make its reader panic; it is closed afterwards.
pub(super) fn at_disk<T, E: From<Fault>>(
    shared: &Shared,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    shared.at_disk(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    shared.at_disk(false);
    result.unwrap_or_else(|_| Err(Fault::damaged("reading or writing it panicked").into()))
}

/// One who is told cannot keep the others from being told.
pub(super) fn call(done: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(done)).is_err() {
        error!("the writer of a change panicked when it was told");
    }
}
