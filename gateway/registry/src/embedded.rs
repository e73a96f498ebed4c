//! Resources embedded in an object: their metadata is read and judged by the rules of any object's.

use serde_json::{Map, Value};
use tributary_schema::Structural;
use tributary_schema::embedded::type_faults;
use tributary_schema::field::{Error, Path};

use crate::metadata;
use crate::resource::Resource;

/// Validation wants a name, which an embedded resource need not have.
const NAMED: &str = "fakename";

impl Resource {
    /// What is wrong with the embedded resources of an object.
    pub(crate) fn embedded_faults(&self, object: &Map<String, Value>) -> Vec<Error> {
        let mut errors = Vec::new();
        self.definition.schema.embedded(object, |at, resource| {
            errors.extend(type_faults(at, resource));
            errors.extend(metadata_faults(at, resource));
        });
        errors
    }
}

/// Puts the metadata of embedded resources in the form of its type; the paths of unknown fields.
pub(crate) fn coerce_embedded(
    schema: &Structural,
    object: &mut Map<String, Value>,
) -> Result<Vec<String>, String> {
    let mut unknown = Vec::new();
    let coerced = schema.embedded_mut(object, |at, resource| coerce(at, resource, &mut unknown));
    coerced.map_err(|error| error.to_string())?;
    unknown.sort();
    Ok(unknown)
}

fn coerce(at: &Path, resource: &mut Map<String, Value>, unknown: &mut Vec<String>) -> Result<(), Error> {
    for name in ["apiVersion", "kind"] {
        if let Some(value) = resource.get(name).filter(|value| !value.is_string()) {
            return Err(Error::invalid(&at.child(name), value, "must be a string"));
        }
    }
    let Some(given) = resource.get("metadata") else { return Ok(()) };
    let invalid = |error: serde_json::Error| Error::invalid(&at.child("metadata"), given, error);
    let mut own = Vec::new();
    let metadata = metadata::read(resource, &mut own).map_err(invalid)?;
    let written = metadata::write(&metadata).map_err(invalid)?;
    unknown.extend(own.into_iter().map(|path| at.child(path).to_string()));
    resource.insert("metadata".to_owned(), written);
    Ok(())
}

fn metadata_faults(at: &Path, resource: &Map<String, Value>) -> Vec<Error> {
    let Some(given) = resource.get("metadata") else { return Vec::new() };
    let mut metadata = match metadata::read(resource, &mut Vec::new()) {
        Ok(metadata) => metadata,
        Err(error) => return vec![Error::invalid(&at.child("metadata"), given, error)],
    };
    if metadata::non_empty(metadata.name.as_deref()).is_none() {
        metadata.name = Some(NAMED.to_owned());
    }
    let namespaced = metadata::non_empty(metadata.namespace.as_deref()).is_some();
    let found = metadata::validate_by_any_kind(&metadata, namespaced);
    found.into_iter().map(|error| Error { field: at.child(&error.field).to_string(), ..error }).collect()
}
