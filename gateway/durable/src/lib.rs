//! The durable log of a gateway: what it keeps of stored objects in one database file.
//!
//! A [`Database`] is the file: objects as bytes that are never parsed, each with the revision of its last change, and the
//! changes of the last minutes. A [`Committer`] is the thread that owns it: it writes what has come together in one
//! transaction with one fsync, and opens the file anew when the disk has failed.

mod backup;
mod clock;
mod committer;
mod contents;
mod database;
mod fault;
mod file;
mod reading;
mod record;
mod restore;
mod trim;

pub use backup::{BackupError, Moment, copy};
pub use clock::microseconds;
pub use committer::{Committed, Committer, Observer, Storage};
pub use contents::{Contents, Past, Reader};
pub use database::{Change, Database, Stamp};
pub use fault::Fault;
pub use file::File;
pub use reading::Limits;
pub use record::Version;
pub use restore::Restored;

#[cfg(test)]
mod tests;
