//! The thread that owns the file.

mod thread;
mod upkeep;

use std::io::BufRead;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use redb::StorageBackend;

use crate::backup::{BackupError, Moment};
use crate::contents::Reader;
use crate::database::{Change, Stamp};
use crate::fault::Fault;
use crate::reading::Limits;
use crate::restore::Restored;
use thread::Thread;

/// The most bytes that wait to be written. A disk that hangs is not to take the memory too.
const WAITING: usize = 64 << 20;
/// What a change that waits takes beside its object, bytes.
const OVERHEAD: usize = 512;

/// Where the file comes from, each time that it is opened.
pub trait Storage: Send + 'static {
    /// What reads and writes it.
    type Backend: StorageBackend;

    /// Opens it; an empty one is made if there is none.
    fn open(&self) -> Result<Self::Backend, Fault>;

    /// Moves a file that is damaged out of the way, so that the next one is new.
    fn set_aside(&self) -> Result<(), Fault>;

    /// How many bytes there is room for beside it, if that can be told.
    fn available(&self) -> Option<u64>;

    /// How many bytes it takes on the disk, if that can be told.
    fn size(&self) -> Option<u64>;
}

/// Who is told of each commit.
pub trait Observer: Send + Sync {
    /// One transaction is on the disk, and told to all who wrote.
    fn committed(&self, commit: &Committed);
}

/// One commit.
#[derive(Clone, Copy, Debug)]
pub struct Committed {
    /// How many changes it had.
    pub changes: usize,
    /// From the first change to the disk's word.
    pub took: Duration,
    /// The part of that in which it was written and synced.
    pub synced: Duration,
    /// From the disk's word until the last who wrote was told.
    pub told: Duration,
    /// Bytes that the file takes on the disk.
    pub file: u64,
    /// Changes that are kept.
    pub log: u64,
    /// Bytes of them.
    pub log_bytes: u64,
}

/// Hands changes to the thread that writes them; the file is closed when the last copy of this has gone, or by [`Committer::close`].
#[derive(Clone)]
pub struct Committer {
    queue: Sender<Message>,
    shared: Arc<Shared>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// What both sides know.
pub(crate) struct Shared {
    /// Why the file cannot be written.
    fault: Mutex<Option<Fault>>,
    /// Since when the thread has been at the disk.
    at_disk: Mutex<Option<Instant>>,
    /// Bytes that wait.
    waiting: AtomicUsize,
}

/// Is called with what became of a change.
pub(crate) type Done = Box<dyn FnOnce(Result<Stamp, Fault>) + Send>;

pub(crate) enum Message {
    Write(Change, Done),
    Attach(Arc<str>, Box<dyn Reader>),
    Look(Sender<Result<Moment, Fault>>),
    Restore(Box<dyn BufRead + Send>, Sender<Result<Restored, BackupError>>),
    Close,
}

// === impl Committer ===

impl Committer {
    /// Begins to open the file of a group. Changes and readers wait until it is known how that went.
    pub fn start(
        storage: impl Storage,
        group: &str,
        limits: Limits,
        observer: Arc<dyn Observer>,
    ) -> std::io::Result<Self> {
        let (queue, messages) = mpsc::channel();
        let shared = Arc::new(Shared {
            fault: Mutex::default(),
            at_disk: Mutex::new(Some(Instant::now())),
            waiting: AtomicUsize::new(0),
        });
        let thread = Thread::new(storage, group.to_owned(), limits, observer, shared.clone());
        let thread =
            std::thread::Builder::new().name("storage".to_owned()).spawn(move || thread.run(&messages))?;
        Ok(Self { queue, shared, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Writes a change with all others that come at the same time. `done` is called when it is on the disk, in the order of
    /// revisions, or when it is not to be; it holds up all that come after.
    pub fn write(&self, change: Change, done: impl FnOnce(Result<Stamp, Fault>) + Send + 'static) {
        let size = size(&change);
        if self.shared.waiting.fetch_add(size, Ordering::Relaxed) > WAITING {
            self.shared.waiting.fetch_sub(size, Ordering::Relaxed);
            return done(Err(Fault::Busy));
        }
        self.send(Message::Write(change, Box::new(done)));
    }

    /// Tells what there is of a resource, as soon as the file is open, and again where it is another than was told.
    pub fn attach(&self, resource: Arc<str>, reader: impl Reader + 'static) {
        self.send(Message::Attach(resource, Box::new(reader)));
    }

    /// What there is now, to be read beside what is written. It waits for the thread.
    pub fn look(&self) -> Result<Moment, Fault> {
        let (tell, told) = mpsc::channel();
        self.send(Message::Look(tell));
        told.recv().unwrap_or(Err(Fault::Closed))
    }

    /// Puts the objects of a backup in the place of all that there are, and tells all readers. It waits for the thread, and
    /// holds up all who write; a file that is damaged is moved out of the way.
    pub fn restore(&self, backup: impl BufRead + Send + 'static) -> Result<Restored, BackupError> {
        let (tell, told) = mpsc::channel();
        self.send(Message::Restore(Box::new(backup), tell));
        told.recv().unwrap_or(Err(BackupError::Fault(Fault::Closed)))
    }

    /// Why the file cannot be written; none if it can, or is being opened.
    pub fn fault(&self) -> Option<Fault> {
        self.shared.fault()
    }

    /// For how long the disk has not answered.
    pub fn waiting(&self) -> Duration {
        lock(&self.shared.at_disk).map(|since| since.elapsed()).unwrap_or_default()
    }

    /// Writes what waits, closes the file, and returns when that is done. What comes later is refused.
    pub fn close(&self) {
        let thread = lock(&self.thread).take();
        self.send(Message::Close);
        if let Some(thread) = thread {
            // It catches what panics.
            let _ = thread.join();
        }
    }

    fn send(&self, message: Message) {
        if let Err(mpsc::SendError(Message::Write(_, done))) = self.queue.send(message) {
            done(Err(Fault::Closed));
        }
    }
}

// === impl Shared ===

impl Shared {
    pub(crate) fn fault(&self) -> Option<Fault> {
        lock(&self.fault).clone()
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        *lock(&self.fault) = fault;
    }

    pub(crate) fn at_disk(&self, at: bool) {
        *lock(&self.at_disk) = at.then(Instant::now);
    }

    pub(crate) fn taken(&self, change: &Change) {
        self.waiting.fetch_sub(size(change), Ordering::Relaxed);
    }
}

fn size(change: &Change) -> usize {
    OVERHEAD + change.put.as_ref().map_or(0, Vec::len)
}

/// What is behind these locks is replaced in one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
