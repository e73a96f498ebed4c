//! The metadata of a manifest, of which the schema of a CustomResourceDefinition says nothing.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_definition::field::{Error, Path};
use tributary_schema::names;

use super::manifest::Manifest;
use super::problem::Problem;

/// Maps of text, in which Go reads null as the empty one.
const TEXTS: [&str; 2] = ["labels", "annotations"];

/// What is wrong with the metadata of `object`, a copy of the manifest's: each field for itself. What is below
/// finalizers, owners and managed fields is left to the API server.
pub(super) fn judge(manifest: &Manifest, object: &mut Map<String, Value>) -> Vec<Problem> {
    let Some(Value::Object(fields)) = object.get_mut("metadata") else {
        return vec![manifest.problem("metadata", "Required value: an object with a name")];
    };
    for name in TEXTS {
        let texts = fields.get_mut(name).and_then(Value::as_object_mut).into_iter().flatten();
        texts.filter(|(_, text)| text.is_null()).for_each(|(_, text)| *text = Value::from(""));
    }
    let metadata = Path::new("metadata");
    let mut errors = Vec::new();
    for (name, value) in fields {
        let at = metadata.child(name);
        let alone = Value::Object([(name.clone(), value.clone())].into_iter().collect());
        match serde_json::from_value::<ObjectMeta>(alone) {
            Err(error) => errors.push(Error::invalid(&at, &Value::from("object"), error)),
            Ok(read) if value.is_null() || read != ObjectMeta::default() => errors.extend(texts(&read, &at)),
            Ok(_) => errors.push(Error::forbidden(&at, "unknown field")),
        }
    }
    errors.into_iter().map(|error| manifest.problem(&error.field, error.message)).collect()
}

/// Labels and annotations that nothing can have, at their keys.
fn texts(metadata: &ObjectMeta, at: &Path) -> Vec<Error> {
    let invalid = |key: &str, text: &str, complaints: Vec<String>| {
        let (at, text) = (at.key(key), Value::from(text));
        complaints.into_iter().map(move |complaint| Error::invalid(&at, &text, complaint))
    };
    let labels = metadata.labels.iter().flatten().flat_map(|(key, value)| {
        let of_key = invalid(key, key, names::qualified_name(key));
        of_key.chain(invalid(key, value, names::label_value(value)))
    });
    let annotations = metadata.annotations.iter().flatten();
    // Annotations may have capitals in their domain.
    let annotations =
        annotations.flat_map(|(key, _)| invalid(key, key, names::qualified_name(&key.to_lowercase())));
    labels.chain(annotations).collect()
}
