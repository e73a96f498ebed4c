//! From the JSON of a request to an object of the resource's kind.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_collection::Encoded;
use tributary_schema::field::{Error, Path};

use crate::metadata;
use crate::options::FieldValidation;
use crate::resource::{Resource, Row, Version};
use crate::status::Status;

/// An object as it was sent: of the right version, pruned and defaulted.
pub(crate) struct Received {
    pub(crate) object: Map<String, Value>,
    pub(crate) metadata: ObjectMeta,
    /// Unknown and duplicate fields, as a strict decoder names them.
    pub(crate) problems: Vec<String>,
}

impl Resource {
    /// Reads an object. `duplicates` are the paths of fields that the request gives more than once.
    pub(crate) fn receive(&self, body: Value, duplicates: &[String]) -> Result<Received, Status> {
        let Value::Object(mut object) = body else {
            return Err(self.undecodable("the body is not a JSON object"));
        };
        self.check_type(&object)?;
        let mut problems: Vec<_> =
            duplicates.iter().map(|path| format!("duplicate field {path:?}")).collect();
        let mut unknown = self.definition.schema.prune(&mut object);
        let metadata =
            metadata::read(&object, &mut unknown).map_err(|error| self.undecodable(&error.to_string()))?;
        unknown.sort();
        problems.extend(unknown.iter().map(|path| format!("unknown field {path:?}")));
        self.definition.schema.default(&mut object);
        Ok(Received { object, metadata, problems })
    }

    /// What a body that is no object of this kind is answered with.
    pub(crate) fn undecodable(&self, why: &str) -> Status {
        let (kind, version) = (&self.definition.kind, &self.definition.version);
        Status::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}"))
    }

    fn check_type(&self, object: &Map<String, Value>) -> Result<(), Status> {
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
        if text("kind").is_empty() {
            return Err(self.undecodable("Object 'Kind' is missing"));
        }
        let expected = self.definition.api_version();
        let found = text("apiVersion");
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

    /// What is wrong with an object, whatever was there before it.
    pub(crate) fn faults(&self, object: &Map<String, Value>, metadata: &ObjectMeta) -> Vec<Error> {
        let mut errors = Vec::new();
        let kind = object.get("kind").cloned().unwrap_or_default();
        if kind.as_str() != Some(&self.definition.kind) {
            let text = format!("must be {}", self.definition.kind);
            errors.push(Error::invalid(&Path::new("kind"), &kind, text));
        }
        errors.extend(metadata::validate(metadata, self.definition.namespaced()));
        errors.extend(self.definition.schema.validate(object));
        errors
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

    /// The cells of an object's table row.
    pub(crate) fn row(&self, object: &Value) -> Row {
        self.definition.columns.cells(object).into()
    }
}

/// The texts to warn of; an error where they are to be refused.
pub(crate) fn warnings(
    problems: Vec<String>,
    validation: FieldValidation,
    refuse: impl FnOnce(&str) -> Status,
) -> Result<Vec<String>, Status> {
    match validation {
        FieldValidation::Ignore => Ok(Vec::new()),
        FieldValidation::Strict if !problems.is_empty() => {
            Err(refuse(&format!("strict decoding error: {}", problems.join(", "))))
        }
        FieldValidation::Strict | FieldValidation::Warn => Ok(problems),
    }
}
