//! Stored objects as a durable log has them, read by the definition in force.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tributary_collection::Collection;
use tributary_definition::Resource as Definition;
use tributary_sources::{Kept, Restore};

use crate::resource::Version;
use crate::row::Row;
use crate::versions::{represent, restored};

/// Reads what is kept. The definition may change meanwhile.
pub(crate) struct Restored {
    definition: Arc<ArcSwap<Definition>>,
    /// That of when reading began.
    began: Arc<Definition>,
}

impl Restored {
    pub(crate) fn new(definition: Arc<ArcSwap<Definition>>) -> Self {
        let began = definition.load_full();
        Self { definition, began }
    }
}

impl Restore<Row> for Restored {
    fn begin(&mut self) {
        self.began = self.definition.load_full();
    }

    fn object(&self, kept: &Kept) -> Option<Version> {
        let object = restored(kept, &self.began);
        if object.is_none() {
            let (plural, revision) = (&self.began.plural, kept.revision);
            // It stays in the file.
            tracing::error!(plural, revision, "what is kept cannot be read as an object");
        }
        object
    }

    fn end(&mut self, collection: &Collection<Row>) {
        let now = self.definition.load_full();
        if !Arc::ptr_eq(&self.began, &now) {
            collection.represent(|object| represent(object, &now));
        }
    }
}
