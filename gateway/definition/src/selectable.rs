//! The fields of a version by which lists and watches can be selected.

use serde_json::Value;
use tributary_crds::{ResourceVersion, SelectableField};
use tributary_schema::Structural;
use tributary_schema::field::{Error, Path};

use crate::{JsonFieldPath, limits};

/// What may be compared: types whose text form is one.
const TYPES: [&str; 3] = ["string", "boolean", "integer"];

/// The selectable fields of the version at `at`, by the rules of `ValidateCustomResourceSelectableFields`.
pub(crate) fn fields(
    version: &ResourceVersion,
    schema: Option<&Structural>,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Vec<JsonFieldPath> {
    let at = at.child("selectableFields");
    let declared = &version.selectable_fields;
    if declared.is_empty() {
        return Vec::new();
    }
    if version.schema.as_ref().is_none_or(|schema| schema.open_api_v3_schema.is_none()) {
        errors.push(Error::invalid(&at, &Value::from(""), "may only be set with schema.openAPIV3Schema"));
        return Vec::new();
    }
    // A schema that does not stand has its own errors.
    let Some(schema) = schema else { return Vec::new() };
    let mut fields: Vec<JsonFieldPath> = Vec::new();
    for (index, field) in declared.iter().enumerate() {
        let at = at.index(index).child("jsonPath");
        match path(field, schema, &at) {
            Ok(path) if fields.contains(&path) => {
                errors.push(Error::duplicate(&at, &Value::from(field.json_path.as_str())));
            }
            Ok(path) => fields.push(path),
            Err(error) => errors.push(error),
        }
    }
    if fields.len() > limits::SELECTABLE_FIELDS {
        errors.push(Error::too_many(&at, fields.len(), limits::SELECTABLE_FIELDS as i64));
    }
    fields
}

fn path(field: &SelectableField, schema: &Structural, at: &Path) -> Result<JsonFieldPath, Error> {
    let text = field.json_path.as_str();
    let invalid = |detail: &str| Error::invalid(at, &Value::from(text), detail);
    if text.is_empty() {
        return Err(Error::required(at, ""));
    }
    if text.len() > limits::FIELD_PATH {
        return Err(Error::too_long(at, limits::FIELD_PATH as i64));
    }
    let Some(path) = JsonFieldPath::parse(text) else {
        return Err(invalid(&format!("is an invalid path: {}", malformed(text))));
    };
    if path.segments().first().is_some_and(|root| root == "metadata") {
        return Err(invalid("must not point to fields in metadata"));
    }
    match schema.type_at(path.segments()) {
        Some(kind) if TYPES.contains(&kind) => Ok(path),
        Some(_) => Err(invalid(
            "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.",
        )),
        None => Err(invalid("is an invalid path: does not refer to a valid field")),
    }
}

fn malformed(text: &str) -> String {
    match text {
        text if text.contains('[') => "array notation is not allowed".to_owned(),
        text if text.starts_with('.') => "unexpected end of JSON path".to_owned(),
        text => {
            let first = text.split(['.', ']']).next().unwrap_or_default();
            format!("expected [ or . but got: {first}")
        }
    }
}
