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
}
