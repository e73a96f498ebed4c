//! From the JSON of a request to an object of the resource's kind.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_collection::Encoded;
use tributary_schema::field::{Error, Path};

use crate::metadata;
use crate::options::FieldValidation;
use crate::resource::{Resource, Version};
use crate::row::Row;
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
        self.coerce_embedded(&mut object, &mut unknown)?;
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

    /// What is wrong with a new object.
    pub(crate) fn faults(&self, object: &Map<String, Value>, metadata: &ObjectMeta) -> Vec<Error> {
        let schema = &self.definition.schema;
        let mut errors = self.type_faults(object);
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
        let kind = object.get("kind").cloned().unwrap_or_default();
        if kind.as_str() == Some(&self.definition.kind) {
            return Vec::new();
        }
        vec![Error::invalid(&Path::new("kind"), &kind, format!("must be {}", self.definition.kind))]
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
