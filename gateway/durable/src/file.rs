//! The file as redb sees it.

use std::fs::OpenOptions;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;

use crate::committer::Storage;
use crate::fault::Fault;

/// What file systems count by, bytes (stat(2)).
const BLOCK: u64 = 512;

/// A database file by its path.
#[derive(Clone, Debug)]
pub struct File(PathBuf);

impl File {
    /// The file of this path; it need not be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Storage for File {
    type Backend = FileBackend;

    fn open(&self) -> Result<FileBackend, Fault> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.0)?;
        Ok(FileBackend::new(file)?)
    }

    fn set_aside(&self) -> Result<(), Fault> {
        std::fs::rename(&self.0, self.0.with_extension("damaged"))?;
        Ok(())
    }

    fn available(&self) -> Option<u64> {
        let volume = rustix::fs::statvfs(self.0.parent()?).ok()?;
        Some(volume.f_bavail.saturating_mul(volume.f_frsize))
    }

    fn size(&self) -> Option<u64> {
        std::fs::metadata(&self.0).ok().map(|file| file.blocks() * BLOCK)
    }
}
