//! What is wrong with an object that is to be written, by the rules of its kind and of all kinds.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_schema::field::{Error, Path};

use crate::metadata;
use crate::receive::text;
use crate::resource::Resource;
use crate::status::{About, Status};
use crate::update::Part;

/// An object before and after a change.
pub(crate) struct Changed<'a> {
    pub(crate) before: &'a Map<String, Value>,
    pub(crate) metadata_before: &'a ObjectMeta,
    pub(crate) object: &'a Map<String, Value>,
    pub(crate) metadata: &'a ObjectMeta,
}

impl Resource {
    /// 422, of an object by the kind and group that it says.
    pub(crate) fn invalid(&self, object: &Map<String, Value>, name: &str, errors: &[Error]) -> Status {
        let group = text(object, "apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        Status::invalid(About { group, kind: text(object, "kind"), name }, errors)
    }

    /// What is wrong with a new object. One of another kind is not looked at by this one's schema, but for what is embedded in
    /// it and for lists.
    pub(crate) fn faults(&self, object: &Map<String, Value>, metadata: &ObjectMeta) -> Vec<Error> {
        let schema = &self.definition.schema;
        let mut errors = self.type_faults(object);
        if errors.is_empty() {
            errors.extend(metadata::validate(metadata, self.definition.namespaced()));
            errors.extend(schema.validate(object));
            errors.extend(self.scale_spec_faults(object));
            errors.extend(self.scale_status_faults(object));
        }
        errors.extend(self.embedded_faults(object));
        errors.extend(schema.duplicates(object));
        errors
    }

    /// What is wrong with a part of an object that changes, but for what was wrong with it before. Metadata is judged as that
    /// of any kind (`BeforeUpdate`), and once more with its own (`ValidateUpdate`), so its causes are there twice.
    pub(crate) fn update_faults(&self, part: Part, changed: &Changed<'_>) -> Vec<Error> {
        let Changed { before, metadata_before, object, metadata } = *changed;
        let mut errors = metadata::validate_by_any_kind(metadata, self.definition.namespaced());
        let of_metadata = metadata::validate_update(metadata, metadata_before);
        errors.extend(of_metadata.clone());
        let type_faults = self.type_faults(object);
        if type_faults.is_empty() {
            errors.extend(of_metadata);
            errors.extend(self.part_faults(part, object, before));
        }
        errors.extend(type_faults);
        if part == Part::Main {
            errors.extend(self.embedded_faults(object));
        }
        errors.extend(self.new_duplicates(object, before));
        errors
    }

    /// By the schema. The rest of an object whose status changes is not its writer's to mend.
    fn part_faults(
        &self,
        part: Part,
        object: &Map<String, Value>,
        before: &Map<String, Value>,
    ) -> Vec<Error> {
        let schema = &self.definition.schema;
        let mut errors = match (part, object.get("status")) {
            (Part::Main, _) => schema.validate_update(object, before),
            (Part::Status, Some(status)) => schema.validate_status(status, before.get("status")),
            (Part::Status, None) => Vec::new(),
        };
        if part == Part::Main {
            errors.extend(self.scale_spec_faults(object));
        }
        errors.extend(self.scale_status_faults(object));
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
}
