//! The versions of a resource: each object is kept in one of them and shown in all.
//!
//! As with a CustomResourceDefinition whose conversion is `None`, versions differ in apiVersion and in what their
//! schemas prune. Defaults are those of the version in which an object was written: they are filled in when it is read
//! from storage, and conversion comes after that.

use std::sync::Arc;

use serde_json::{Map, Value};
use tributary_collection::{Encoded, Lens};
use tributary_definition as definition;
use tributary_sources::{Kept, microseconds};

use crate::numbers;
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

    /// What is stored of an object of this version, as it is read again.
    pub(crate) fn kept(&self, object: Map<String, Value>) -> Result<(Encoded, Row), Status> {
        let object = self.as_kept(object);
        Ok((self.encode(&object)?, self.kept_row(object)))
    }

    /// An object of this version in the one that is stored.
    pub(crate) fn as_kept(&self, mut object: Map<String, Value>) -> Map<String, Value> {
        let stored = self.definition.stored();
        if self.definition.storage.is_some() {
            convert(&mut object, stored);
            stored.schema.default(&mut object);
        }
        numbers::settle(&mut object);
        object
    }

    /// What is derived from an object of the version that is stored.
    pub(crate) fn kept_row(&self, object: Map<String, Value>) -> Row {
        Row::new(&Value::Object(object), self.definition.stored()).with_time(microseconds())
    }

    /// An object of the version that is stored as this one would show it.
    pub(crate) fn as_shown(&self, mut object: Map<String, Value>) -> Map<String, Value> {
        if self.definition.storage.is_some() {
            convert(&mut object, &self.definition);
        }
        object
    }
}

fn shown(object: &Arc<Version>, definition: &Arc<definition::Resource>) -> Arc<Version> {
    let make = || {
        let written = object.derived().written().filter(|written| !is_of(written, definition.stored()));
        let base = written.map_or(&**object, |written| written);
        read_by(base, object.revision(), definition)
    };
    object.derived().shown(object.revision(), definition, make)
}

/// An object of an older definition as the current one reads it; what it was written as is kept beside it, so that a
/// definition that knows more finds more.
pub(crate) fn represent(object: &Version, definition: &definition::Resource) -> Version {
    let base = object.derived().written().map_or(object, |written| written);
    let represented = read_by(base, object.revision(), definition);
    let written = object.derived().written().cloned().unwrap_or_else(|| Arc::new(copy(object)));
    if written.bytes() == represented.bytes() {
        return represented;
    }
    let derived = represented.derived().clone().with_written(written);
    represented.with_derived(derived)
}

/// An object of a durable log as the current definition reads it; none of what is no object.
pub(crate) fn restored(kept: &Kept, definition: &definition::Resource) -> Option<Version> {
    let fields: Map<String, Value> = serde_json::from_slice(&kept.bytes).ok()?;
    let written = Encoded::new(&fields).ok()?;
    let read = settled(fields, definition).filter(|(encoded, _)| encoded.bytes() == written.bytes());
    if let Some((encoded, fields)) = read {
        let row = Row::new(&Value::Object(fields), definition).with_time(kept.written);
        return Some(encoded.at(kept.revision, row));
    }
    let row = Row::new(&Value::Null, definition).with_time(kept.written);
    Some(represent(&written.at(kept.revision, row), definition))
}

/// An object as `definition` reads it, as a custom resource is read from storage: the version is that of the definition,
/// what its schema does not know is pruned, and defaults are filled in if the object is of this version. One that the schema
/// would refuse is shown all the same.
fn read_by(object: &Version, revision: u64, definition: &definition::Resource) -> Version {
    converted(object, revision, definition).unwrap_or_else(|| {
        // Whatever it is, it is not to be lost.
        tracing::error!(object = %object.key(), "an object cannot be read by the current definition");
        object.at_revision(revision)
    })
}

fn converted(object: &Version, revision: u64, definition: &definition::Resource) -> Option<Version> {
    let (encoded, fields) = settled(serde_json::from_slice(object.bytes()).ok()?, definition)?;
    let row = Row::new(&Value::Object(fields), definition);
    let derived = object.derived();
    Some(encoded.at(revision, row.with_guard(derived.guard().cloned()).with_time(derived.written_at())))
}

fn settled(
    mut fields: Map<String, Value>,
    definition: &definition::Resource,
) -> Option<(Encoded, Map<String, Value>)> {
    let written_in_it = fields.get("apiVersion") == Some(&Value::from(definition.api_version()));
    convert(&mut fields, definition);
    if written_in_it {
        definition.schema.default(&mut fields);
    }
    numbers::settle(&mut fields);
    Some((Encoded::new(&fields).ok()?, fields))
}

/// Conversion `None`: the object says the version, and has what this version knows.
fn convert(object: &mut Map<String, Value>, to: &definition::Resource) {
    object.insert("apiVersion".to_owned(), to.api_version().into());
    object.insert("kind".to_owned(), to.kind.clone().into());
    to.schema.prune(object);
}

fn is_of(object: &Version, definition: &definition::Resource) -> bool {
    let fields: Result<Map<String, Value>, _> = serde_json::from_slice(object.bytes());
    fields.is_ok_and(|fields| fields.get("apiVersion") == Some(&Value::from(definition.api_version())))
}

fn copy(object: &Version) -> Version {
    object.at_revision(object.revision())
}
