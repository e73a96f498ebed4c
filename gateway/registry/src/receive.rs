//! From the JSON of a request to an object of the resource's kind.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_collection::Encoded;
use tributary_schema::field::{Error, Path};

use crate::duplicates::Duplicates;
use crate::metadata;
use crate::mismatch;
use crate::options::FieldValidation;
use crate::resource::{Resource, Version};
use crate::row::Row;
use crate::status::{About, Status};

/// How many bytes of a body an error shows (apiserver, `transformDecodeError`).
const SHOWN: usize = 30;

/// An object as it was sent: of the right version, pruned and defaulted.
#[derive(Clone, Default)]
pub(crate) struct Received {
    pub(crate) object: Map<String, Value>,
    pub(crate) metadata: ObjectMeta,
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
        let received = received.map_err(|why| self.undecodable(&kind, version, &why))?;
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
    ) -> Result<Received, String> {
        let Value::Object(mut object) = body else {
            return Err("the body is not a JSON object".to_owned());
        };
        if text(&object, "kind").is_empty() {
            return Err(format!("Object 'Kind' is missing in '{}'", Value::Object(object)));
        }
        let mut unknown = self.prune(&mut object);
        let metadata = metadata::read(&object, &mut unknown).map_err(|error| {
            let mismatch = object.get("metadata").and_then(mismatch::of);
            mismatch.unwrap_or_else(|| error.to_string())
        })?;
        self.coerce_embedded(&mut object, &mut unknown)?;
        unknown.sort();
        let unknown = unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
        judge(duplicates, unknown, validation, warnings)?;
        self.definition.schema.default(&mut object);
        Ok(Received { object, metadata })
    }

    /// Drops what the schema does not know, and returns the paths. Those of an object of another kind are not told: its schema
    /// is not this one.
    fn prune(&self, object: &mut Map<String, Value>) -> Vec<String> {
        let api_version = text(object, "apiVersion");
        let versions = [&*self.definition, self.definition.stored()];
        let said = versions.into_iter().find(|version| version.api_version() == api_version);
        let said = said.filter(|version| version.kind == text(object, "kind"));
        let unknown = said.map(|version| version.schema.prune(object)).unwrap_or_default();
        self.definition.schema.prune(object);
        unknown
    }

    /// What a body that is no object of this kind is answered with.
    fn undecodable(&self, kind: &str, version: &str, why: &str) -> Status {
        let expected = &self.definition.kind;
        let (kind, version) =
            if kind.is_empty() { (expected.as_str(), &*self.definition.version) } else { (kind, version) };
        Status::bad_request(format!("{kind} in version {version:?} cannot be handled as a {expected}: {why}"))
    }

    /// What a body is answered with whose kind cannot be told; its beginning is shown.
    pub fn unrecognized(&self, why: &str, body: &[u8]) -> Status {
        let kind = &self.definition.kind;
        let text = format!(
            "the object provided is unrecognized (must be of type {kind}): {why} ({})",
            summary(body)
        );
        Status::bad_request(text)
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

    /// 422, of an object by the kind and group that it says.
    pub(crate) fn invalid(&self, object: &Map<String, Value>, name: &str, errors: &[Error]) -> Status {
        let group = text(object, "apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        Status::invalid(About { group, kind: text(object, "kind"), name }, errors)
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

    /// What is wrong with a new object.
    pub(crate) fn faults(&self, object: &Map<String, Value>, metadata: &ObjectMeta) -> Vec<Error> {
        let schema = &self.definition.schema;
        let mut errors = self.type_faults(object);
        if !errors.is_empty() {
            return errors;
        }
        errors.extend(metadata::validate(metadata, self.definition.namespaced()));
        errors.extend(schema.validate(object));
        errors.extend(self.embedded_faults(object));
        errors.extend(schema.duplicates(object));
        errors
    }

    /// What is wrong with an object that changes, but for what was wrong with it before.
    pub(crate) fn update_faults(
        &self,
        object: &Map<String, Value>,
        metadata: &ObjectMeta,
        before: &Map<String, Value>,
    ) -> Vec<Error> {
        let schema = &self.definition.schema;
        let mut errors = self.type_faults(object);
        if !errors.is_empty() {
            return errors;
        }
        errors.extend(metadata::validate(metadata, self.definition.namespaced()));
        errors.extend(schema.validate_update(object, before));
        errors.extend(self.embedded_faults(object));
        errors.extend(self.new_duplicates(object, before));
        errors
    }

    /// What is wrong with an object whose status changes: the rest is not its writer's to mend.
    pub(crate) fn status_faults(
        &self,
        object: &Map<String, Value>,
        before: &Map<String, Value>,
    ) -> Vec<Error> {
        let schema = &self.definition.schema;
        let status = object.get("status");
        let mut errors =
            status.map(|status| schema.validate_status(status, before.get("status"))).unwrap_or_default();
        errors.extend(self.new_duplicates(object, before));
        errors
    }

    /// Duplicates in sets and maps, unless there were some already.
    fn new_duplicates(&self, object: &Map<String, Value>, before: &Map<String, Value>) -> Vec<Error> {
        let found = self.definition.schema.duplicates(object);
        if found.is_empty() || !self.definition.schema.duplicates(before).is_empty() {
            return Vec::new();
        }
        found
    }

    fn type_faults(&self, object: &Map<String, Value>) -> Vec<Error> {
        let api_version = self.definition.api_version();
        let expected = [("kind", &self.definition.kind), ("apiVersion", &api_version)];
        let wrong = expected.into_iter().filter(|(field, expected)| text(object, field) != **expected);
        let fault = |(field, expected): (&str, &String)| {
            let found = object.get(field).cloned().unwrap_or_default();
            Error::invalid(&Path::new(field), &found, format!("must be {expected}"))
        };
        wrong.map(fault).collect()
    }

    /// Canonical bytes.
    pub(crate) fn encode(&self, object: &Map<String, Value>) -> Result<Encoded, Status> {
        Encoded::new(object).map_err(|error| Status::unknown(error.to_string()))
    }

    /// An object that is not stored as a version, for forms other than the object itself.
    pub fn unstored(&self, object: &Value) -> Result<Version, Status> {
        let fields = object.as_object().ok_or_else(|| Status::unknown("the object is no JSON object"))?;
        Ok(self.encode(fields)?.at(0, self.row(object)))
    }

    /// What is derived from an object of this version.
    pub(crate) fn row(&self, object: &Value) -> Row {
        Row::new(object, &self.definition)
    }
}

fn text<'a>(object: &'a Map<String, Value>, field: &str) -> &'a str {
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
fn judge(
    duplicates: &Duplicates,
    unknown: Vec<String>,
    validation: FieldValidation,
    warnings: &mut Vec<String>,
) -> Result<(), String> {
    match validation {
        FieldValidation::Ignore => {}
        FieldValidation::Warn => warnings.extend([duplicates.texts(), &unknown].concat()),
        FieldValidation::Strict => {
            let errors = [duplicates.errors(), unknown].concat();
            if !errors.is_empty() {
                return Err(format!("strict decoding error: {}", errors.join(", ")));
            }
        }
    }
    Ok(())
}
