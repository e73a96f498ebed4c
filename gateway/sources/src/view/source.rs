//! What is told of a source.

use std::sync::Arc;

use imbl::OrdMap;

use super::object_id::ObjectId;

/// An object of a source, as JSON; as much of it as is read.
pub type Slim = Arc<[u8]>;

/// An object of a source as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What of it is read.
    pub json: Slim,
    /// Its resourceVersion; 0: none that is a number.
    pub revision: u64,
}

/// All objects of a source.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The objects.
    pub objects: OrdMap<ObjectId, Kept>,
    /// The revision of all together; 0: none that is a number.
    pub revision: u64,
}

/// What became of an object of a source.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What of it is read; none: it is gone.
    pub object: Option<Slim>,
    /// The revision of the change; 0: none that is a number.
    pub revision: u64,
    /// The revision of the first change that this one stands for: that of the change itself, unless others came before it
    /// that nobody took.
    pub first: u64,
}

impl Changed {
    /// A change that stands for itself.
    #[must_use]
    pub fn new(object: Option<Slim>, revision: u64) -> Self {
        Self { object, revision, first: revision }
    }

    /// The same in the place of one that came before it and was not taken.
    #[must_use]
    pub fn after(self, before: &Self) -> Self {
        Self { first: before.first, ..self }
    }
}
