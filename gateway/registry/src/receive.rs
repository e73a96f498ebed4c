//! From the JSON of a request to an object of the resource's kind.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_collection::Encoded;
use tributary_schema::Structural;
use tributary_schema::gotext;

use crate::duplicates::Duplicates;
use crate::embedded::coerce_embedded;
use crate::metadata;
use crate::options::FieldValidation;
use crate::resource::Resource;
use crate::status::Status;
use crate::type_meta::check_type_meta;

/// How many bytes of a body an error shows (apiserver, `transformDecodeError`).
const SHOWN: usize = 30;

/// An object as it was sent: of the right version, pruned and defaulted.
#[derive(Clone, Default)]
pub(crate) struct Received {
    pub(crate) object: Map<String, Value>,
    pub(crate) metadata: ObjectMeta,
}

/// Why JSON is no object of a kind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undecodable {
    /// It cannot be read.
    #[error("{0}")]
    Wrong(String),
    /// It has what a strict decoder does not take.
    #[error("strict decoding error: {0}")]
    Strictly(String),
}

/// What is known of an object that was sent.
#[derive(Clone, Copy)]
enum Known<'a> {
    /// The schema of its version, served or not.
    Declared(&'a Structural),
    /// Its kind; its version is not declared, and has no fields.
    Kind,
    Nothing,
}

impl From<String> for Undecodable {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}

impl Resource {
    /// Reads an object. What a strict decoder does not take is refused or added to `warnings`.
    pub(crate) fn receive(
        &self,
        body: Value,
        duplicates: &Duplicates,
        validation: FieldValidation,
        warnings: &mut Vec<String>,
    ) -> Result<Received, Status> {
        let said = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, api_version) = (said("kind"), said("apiVersion"));
        let received = self.decode(body, duplicates, validation, warnings);
        let version = api_version.rsplit('/').next().unwrap_or_default();
        let received = received.map_err(|why| self.refuse(&kind, version, &why))?;
        self.check_version(&api_version)?;
        Ok(received)
    }

    /// The same of an object that a patch made; whether its version is another is judged with the rest. The error says why it is
    /// no object.
    pub(crate) fn decode(
        &self,
        body: Value,
        duplicates: &Duplicates,
        validation: FieldValidation,
        warnings: &mut Vec<String>,
    ) -> Result<Received, Undecodable> {
        check_type_meta(&body)?;
        let mut object = match body {
            Value::Object(object) if !text(&object, "kind").is_empty() => object,
            body => return Err(format!("Object 'Kind' is missing in '{}'", gotext::json(&body)).into()),
        };
        if object.get("apiVersion").is_some_and(Value::is_null) {
            let why = ".apiVersion accessor error: <nil> is of the type <nil>, expected string";
            return Err(why.to_owned().into());
        }
        let mut unknown = Vec::new();
        let metadata = metadata::read(&object, &mut unknown).map_err(|error| error.to_string())?;
        let known = self.known_version(&object);
        match known {
            Known::Declared(schema) => {
                unknown.extend(schema.prune(&mut object));
                unknown.extend(coerce_embedded(schema, &mut object)?);
            }
            Known::Kind => unknown.extend(without_fields(&mut object)),
            Known::Nothing => {}
        }
        let unknown = unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
        judge(duplicates, unknown, validation, warnings)?;
        if let Known::Declared(schema) = known {
            schema.default(&mut object);
        }
        Ok(Received { object, metadata })
    }

    /// What is known of an object by the kind and version that it says: of another kind nothing.
    fn known_version(&self, object: &Map<String, Value>) -> Known<'_> {
        let own =
            text(object, "apiVersion").split_once('/').filter(|(group, _)| *group == self.definition.group);
        match own.filter(|_| text(object, "kind") == self.definition.kind) {
            Some((_, version)) => self.definition.schema_of(version).map_or(Known::Kind, Known::Declared),
            None => Known::Nothing,
        }
    }

    /// What a body that is no object of this kind is answered with. One that only a strict decoder does not take was decoded
    /// as what it says it is.
    fn refuse(&self, kind: &str, version: &str, why: &Undecodable) -> Status {
        let expected = self.definition.kind.as_str();
        let (kind, version) = match (kind, version) {
            ("", "") => (expected, &*self.definition.version),
            ("", version) => (expected, version),
            said => said,
        };
        let expected = if matches!(why, Undecodable::Strictly(_)) { kind } else { expected };
        Status::bad_request(unhandled(kind, version, expected, &why.to_string()))
    }

    /// What a body is answered with whose kind cannot be told; its beginning is shown.
    pub fn unrecognized(&self, why: &str, body: &[u8]) -> Status {
        unrecognized(&self.definition.kind, why, body)
    }

    /// The same where fields are ignored, and the kind is missing in what is `shown`.
    pub fn without_kind(&self, body: &Value, shown: &str) -> Status {
        let said = body.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        let version = said.rsplit('/').next().unwrap_or_default();
        self.refuse("", version, &format!("Object 'Kind' is missing in '{shown}'").into())
    }

    fn check_version(&self, found: &str) -> Result<(), Status> {
        let expected = self.definition.api_version();
        if found == expected {
            return Ok(());
        }
        Err(Status::bad_request(format!(
            "the API version in the data ({found}) does not match the expected API version ({expected})"
        )))
    }

    /// The whole object with its metadata.
    pub(crate) fn assemble(
        &self,
        mut object: Map<String, Value>,
        metadata: &ObjectMeta,
    ) -> Result<Map<String, Value>, Status> {
        let written = metadata::write(metadata).map_err(|error| Status::unknown(error.to_string()))?;
        object.insert("metadata".to_owned(), written);
        Ok(object)
    }

    /// Canonical bytes.
    pub(crate) fn encode(&self, object: &Map<String, Value>) -> Result<Encoded, Status> {
        Encoded::new(object).map_err(|error| Status::unknown(error.to_string()))
    }
}

/// Why an object of a kind is none of another.
pub(crate) fn unhandled(kind: &str, version: &str, expected: &str, why: &str) -> String {
    let version = gotext::quoted(version);
    format!("{kind} in version {version} cannot be handled as a {expected}: {why}")
}

/// What a body is answered with that is to be of this kind, and whose own cannot be told.
pub(crate) fn unrecognized(kind: &str, why: &str, body: &[u8]) -> Status {
    let summary = summary(body);
    Status::bad_request(format!(
        "the object provided is unrecognized (must be of type {kind}): {why} ({summary})"
    ))
}

/// Drops all fields but those that every object has, and returns their paths.
fn without_fields(object: &mut Map<String, Value>) -> Vec<String> {
    let mut dropped = Vec::new();
    object.retain(|field, _| {
        let kept = ["apiVersion", "kind", "metadata"].contains(&field.as_str());
        if !kept {
            dropped.push(field.clone());
        }
        kept
    });
    dropped.sort();
    dropped
}

pub(crate) fn text<'a>(object: &'a Map<String, Value>, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The first bytes of a body: as text where it may be JSON, else in hex.
fn summary(body: &[u8]) -> String {
    let shown = &body[..body.len().min(SHOWN)];
    let text = match shown.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => String::from_utf8_lossy(shown).into_owned(),
        Some(_) => shown.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    if body.len() > SHOWN { text + " ..." } else { text }
}

/// Warns of what a strict decoder does not take; an error where it is to be refused.
pub(crate) fn judge(
    duplicates: &Duplicates,
    unknown: Vec<String>,
    validation: FieldValidation,
    warnings: &mut Vec<String>,
) -> Result<(), Undecodable> {
    match validation {
        FieldValidation::Ignore => {}
        FieldValidation::Warn => warnings.extend([duplicates.texts(), &unknown].concat()),
        FieldValidation::Strict => {
            let errors = [duplicates.errors(), unknown].concat();
            if !errors.is_empty() {
                return Err(Undecodable::Strictly(errors.join(", ")));
            }
        }
    }
    Ok(())
}
