//! A folder of manifests that is looked at again and again.
//!
//! Looked at, and not told of: notifications see badly what happens behind symbolic links, as in a mounted ConfigMap,
//! and on file systems of other machines.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::manifest::files;

/// What changes when a file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
}

/// The files of a folder, as they were told last.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Whether the files of the first look are still to be told: nobody waits for what was there before.
    first: bool,
    told: BTreeMap<PathBuf, Stamp>,
    /// What the last look saw: a change is told when two looks agree on it, since editors write in several steps.
    seen: BTreeMap<PathBuf, Stamp>,
    /// Whether the last look failed, which is told once.
    failed: bool,
}

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is new or another now; what it holds.
    Read(PathBuf, Vec<u8>),
    /// It is gone.
    Gone(PathBuf),
    /// It, or the folder itself, cannot be read; nothing is known to have changed.
    Failed(PathBuf, String),
}

// === impl Folder ===

impl Folder {
    /// The folder at `path`, of which nothing has been told.
    ///
    /// # Errors
    /// There is no such folder, or it cannot be read.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        fs::read_dir(path)?;
        let (told, seen) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { path: path.to_owned(), first: true, told, seen, failed: false })
    }

    /// Looks once: what is gone first, then files by name.
    pub(super) fn look(&mut self) -> Vec<Change> {
        let now = match self.stamps() {
            Ok(now) => now,
            Err(_) if self.failed => return Vec::new(),
            Err(error) => {
                self.failed = true;
                return vec![Change::Failed(self.path.clone(), error.to_string())];
            }
        };
        self.failed = false;
        let first = std::mem::take(&mut self.first);
        let settled = |path: &PathBuf| first || self.seen.get(path) == now.get(path);
        let gone: Vec<_> =
            self.told.keys().filter(|path| !now.contains_key(*path) && settled(path)).cloned().collect();
        let changed =
            now.iter().filter(|(path, stamp)| self.told.get(*path) != Some(*stamp) && settled(path));
        let changed: Vec<_> = changed.map(|(path, stamp)| (path.clone(), *stamp)).collect();
        self.seen = now;
        let mut changes = Vec::new();
        for path in gone {
            self.told.remove(&path);
            changes.push(Change::Gone(path));
        }
        for (path, stamp) in changed {
            self.told.insert(path.clone(), stamp);
            changes.push(match fs::read(&path) {
                Ok(bytes) => Change::Read(path, bytes),
                Err(error) => Change::Failed(path, error.to_string()),
            });
        }
        changes
    }

    /// Tells of the file again at the next look.
    pub(super) fn again(&mut self, path: &Path) {
        self.told.remove(path);
    }

    fn stamps(&self) -> io::Result<BTreeMap<PathBuf, Stamp>> {
        let stamp = |path: PathBuf| {
            // One that has just gone is not there.
            let metadata = fs::metadata(&path).ok()?;
            let (modified, size, inode) = (metadata.modified().ok(), metadata.len(), metadata.ino());
            Some((path, Stamp { modified, size, inode }))
        };
        Ok(files(&self.path)?.into_iter().filter_map(stamp).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Temporary(PathBuf);

    impl Drop for Temporary {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    /// A change in words: the file's name, and what it holds.
    fn look(folder: &mut Folder) -> Vec<String> {
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let words = |change| match change {
            Change::Read(path, bytes) => format!("{}: {}", name(path), String::from_utf8(bytes).unwrap()),
            Change::Gone(path) => format!("{} gone", name(path)),
            Change::Failed(..) => "failed".to_owned(),
        };
        folder.look().into_iter().map(words).collect()
    }

    #[test]
    fn changes_are_told_when_they_have_settled() {
        let temporary =
            Temporary(std::env::temp_dir().join(format!("tributary-folder-{}", std::process::id())));
        let path = temporary.0.join("manifests");
        assert!(Folder::open(&path).is_err());
        fs::create_dir_all(path.join("below.yaml")).unwrap();
        let write = |name: &str, content: &str| fs::write(path.join(name), content).unwrap();
        write("b.yaml", "1");
        write("a.json", "2");
        write("notes.txt", "3");
        let mut folder = Folder::open(&path).unwrap();
        assert_eq!(look(&mut folder), ["a.json: 2", "b.yaml: 1"]);
        assert_eq!(look(&mut folder), [""; 0]);
        write("b.yaml", "half");
        write("c.yml", "4");
        assert_eq!(look(&mut folder), [""; 0]);
        write("b.yaml", "whole!");
        assert_eq!(look(&mut folder), ["c.yml: 4"]);
        assert_eq!(look(&mut folder), ["b.yaml: whole!"]);
        fs::remove_file(path.join("a.json")).unwrap();
        assert_eq!(look(&mut folder), [""; 0]);
        assert_eq!(look(&mut folder), ["a.json gone"]);
        folder.again(&path.join("c.yml"));
        assert_eq!(look(&mut folder), ["c.yml: 4"]);
        fs::rename(&path, temporary.0.join("away")).unwrap();
        assert_eq!(look(&mut folder), ["failed"]);
        assert_eq!(look(&mut folder), [""; 0], "once");
        fs::rename(temporary.0.join("away"), &path).unwrap();
        assert_eq!(look(&mut folder), [""; 0], "nothing has changed");
    }
}
