//! What the file has of one resource.

use std::collections::HashMap;

use crate::fault::Fault;
use crate::record::{Undo, Version};

/// Who is told the contents: the objects in parts, in the order of their keys, then the rest.
pub trait Reader: Send {
    /// The objects follow, from the first: what was told before counts no more.
    fn begin(&mut self);
    /// Some of the objects, with their keys.
    fn objects(&mut self, part: Vec<(String, Version)>);
    /// There are no more objects.
    fn finish(&mut self, contents: Contents);
}

/// What there is beside the objects of a resource.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The revision of the file: that of the last change, of any resource.
    pub revision: u64,
    /// Every change after this revision is in `history`.
    pub floor: u64,
    /// The changes, oldest first.
    pub history: Vec<Past>,
}

/// One change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its revision.
    pub revision: u64,
    /// When it was, in microseconds since the epoch.
    pub written: u64,
    /// The object's key.
    pub key: String,
    /// The version before it; none of a creation.
    pub before: Option<Version>,
    /// The version after it; none of a deletion. One that is still there is not repeated here: it has this revision.
    pub after: Option<Version>,
}

/// Changes that are read from the newest to the oldest: what one finds before it is what the one before it left.
#[derive(Debug, Default)]
pub(crate) struct Backwards {
    /// What the changes that were read found.
    found: HashMap<String, Option<Version>>,
    /// Newest first.
    history: Vec<Past>,
}

impl Backwards {
    /// Takes the next older change.
    pub(crate) fn push(&mut self, revision: u64, undo: Undo) -> Result<(), Fault> {
        let Undo { written, key, put, before, .. } = undo;
        let later = self.found.insert(key.clone(), before.clone());
        let after = later.flatten().filter(|_| put);
        if after.as_ref().is_some_and(|after| after.revision != revision) {
            return Err(Fault::damaged(format!(
                "the change {revision} of {key} is not what came after it found"
            )));
        }
        self.history.push(Past { revision, written, key, before, after });
        Ok(())
    }

    /// All of them, oldest first.
    pub(crate) fn finish(mut self) -> Vec<Past> {
        self.history.reverse();
        self.history
    }
}
