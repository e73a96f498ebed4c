//! Why the file cannot be read or written.

use std::io::ErrorKind;

use redb::{CommitError, CompactionError, DatabaseError, StorageError, TableError, TransactionError};
use thiserror::Error;

/// Why the file cannot be read or written, with what to do about it. Whoever wrote knows that nothing is acknowledged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// Another process has the file open: the gateway before this one, most likely.
    #[error("another process has the database file open; waiting until it ends")]
    Locked,
    /// There is no room.
    #[error("the volume is full: delete objects or enlarge the volume ({0})")]
    Full(String),
    /// The volume cannot be written.
    #[error("the volume is read-only: {0}")]
    ReadOnly(String),
    /// Something else that the disk says.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// The file is not what was written.
    #[error("the database file is damaged; restore a backup: {0}")]
    Damaged(String),
    /// The file is of a version that comes after this one.
    #[error(
        "the database file has format {found}, this version reads up to {known}: use the newer gateway again"
    )]
    Format {
        /// That of the file.
        found: u64,
        /// The newest that is known here.
        known: u64,
    },
    /// The file, or the backup, is of another group.
    #[error("the data belongs to the group {0}")]
    Group(String),
    /// More is waiting to be written than may wait.
    #[error("too many writes wait for the disk; try again later")]
    Busy,
    /// The process is about to end.
    #[error("the gateway is shutting down")]
    Closed,
}

impl Fault {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full(error.to_string())
            }
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly(error.to_string()),
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::Damaged(error.to_string()),
            _ => Self::Disk(error.to_string()),
        }
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Corrupted(what) => Self::Damaged(what),
            StorageError::Io(error) => error.into(),
            other => Self::Disk(other.to_string()),
        }
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::Locked,
            DatabaseError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TableError> for Fault {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TransactionError> for Fault {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Storage(error) => error.into(),
            other => Self::Disk(other.to_string()),
        }
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Storage(error) => error.into(),
            other => Self::Disk(other.to_string()),
        }
    }
}

impl From<CompactionError> for Fault {
    fn from(error: CompactionError) -> Self {
        match error {
            CompactionError::Storage(error) => error.into(),
            other => Self::Disk(other.to_string()),
        }
    }
}
