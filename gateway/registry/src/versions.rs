//! The versions of a resource: each object is kept in one of them and shown in all.
//!
//! As with a CustomResourceDefinition whose conversion is `None`, versions differ in apiVersion and in what their
//! schemas prune and fill in.

use std::sync::Arc;

use serde_json::{Map, Value};
use tributary_collection::{Encoded, Lens};
use tributary_definition as definition;

use crate::resource::{Resource, Version};
use crate::row::Row;
use crate::status::Status;

impl Resource {
    /// How this version sees objects: those of the version that is stored are as they are.
    pub(crate) fn lens(&self) -> Lens<Row> {
        self.definition.storage.as_ref()?;
        let definition = self.definition.clone();
        Some(Arc::new(move |object| shown(object, &definition)))
    }

    /// An object as this version shows it.
    pub(crate) fn shown(&self, object: Arc<Version>) -> Arc<Version> {
        if self.definition.storage.is_none() { object } else { shown(&object, &self.definition) }
    }

    /// What is stored of an object of this version.
    pub(crate) fn kept(&self, mut object: Map<String, Value>) -> Result<(Encoded, Row), Status> {
        let stored = self.definition.stored();
        if self.definition.storage.is_some() {
            object.insert("apiVersion".to_owned(), stored.api_version().into());
            stored.schema.prune(&mut object);
        }
        Ok((self.encode(&object)?, Row::new(&Value::Object(object), stored)))
    }
}

fn shown(object: &Arc<Version>, definition: &Arc<definition::Resource>) -> Arc<Version> {
    let make = || read_by(object, definition);
    object.derived().shown(object.revision(), definition, make)
}

/// An object of an older definition as the current one reads it; what it was written as is kept beside it, so that a
/// definition that knows more finds more.
pub(crate) fn represent(object: &Version, definition: &definition::Resource) -> Version {
    let represented = read_by(object, definition);
    let written = object.derived().written().cloned().unwrap_or_else(|| Arc::new(copy(object)));
    if written.bytes() == represented.bytes() {
        return represented;
    }
    let derived = represented.derived().clone().with_written(written);
    represented.with_derived(derived)
}

/// The object as it was written, read by `definition`, as a custom resource is when it is read from storage: the version
/// is that of the definition, what its schema does not know is pruned, defaults are filled in. One that the schema would refuse is
/// shown all the same.
fn read_by(object: &Version, definition: &definition::Resource) -> Version {
    let written = object.derived().written().map_or(object, |written| written);
    converted(written, object.revision(), definition).unwrap_or_else(|| {
        // Whatever it is, it is not to be lost.
        tracing::error!(object = %object.key(), "an object cannot be read by the current definition");
        copy(object)
    })
}

fn converted(written: &Version, revision: u64, definition: &definition::Resource) -> Option<Version> {
    let mut fields: Map<String, Value> = serde_json::from_slice(written.bytes()).ok()?;
    fields.insert("apiVersion".to_owned(), definition.api_version().into());
    fields.insert("kind".to_owned(), definition.kind.clone().into());
    definition.schema.prune(&mut fields);
    definition.schema.default(&mut fields);
    let encoded = Encoded::new(&fields).ok()?;
    Some(encoded.at(revision, Row::new(&Value::Object(fields), definition)))
}

fn copy(object: &Version) -> Version {
    object.at_revision(object.revision())
}
