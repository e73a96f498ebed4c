//! What fills Collections: `stored`, the objects that the gateway itself keeps, in memory or behind a durable log; and the
//! pure part of `view`.

mod clock;
mod journal;
mod stored;
pub mod view;

pub use journal::Restore;
pub use stored::{Expect, Stored, StoredError, Write, durable_limits};
pub use tributary_durable::{
    BackupError, Committed, Committer, Fault, File as DatabaseFile, Observer, Version as Kept,
    copy as copy_backup, microseconds,
};
