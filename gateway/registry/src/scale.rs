//! The scale subresource: three numbers of an object as an `autoscaling/v1` Scale.

use serde_json::{Map, Value, json};
use tributary_definition::{JsonFieldPath, Scale};
use tributary_schema::field::{Error, Path};

use crate::duplicates::Duplicates;
use crate::options::{GetOptions, WriteOptions};
use crate::resource::{Address, Resource, Version};
use crate::status::{Details, Reason, Status};
use crate::update::{Change, Current, Part};
use crate::{Patch, Written, WrittenObject};

impl Resource {
    /// The Scale of the object at `address`.
    pub fn get_scale(&self, address: Address<'_>, options: &GetOptions) -> Result<Value, Status> {
        let scale = self.scale()?;
        let object = read(&*self.get(address, options)?)?;
        if replicas(scale, &object)?.is_none() {
            let text =
                format!("Internal error occurred: the spec replicas field {:?} does not exist", path(scale));
            return Err(Status::failure(Reason::InternalError, text).with(Details::default()));
        }
        of(scale, &object)
    }

    /// Changes the number of replicas of the object at `address` by changing its Scale. A resourceVersion is
    /// optional here: without one the change is to whatever there is.
    pub async fn update_scale(
        &self,
        address: Address<'_>,
        change: &Change,
        options: &WriteOptions,
    ) -> Result<Value, Status> {
        let scale = self.scale()?;
        let Current { version, object, .. } = self.current(address)?;
        let wanted = wanted(scale, &Value::Object(object), change)?;
        self.check_wanted(&version, &wanted)?;
        let number = wanted.pointer("/spec/replicas").and_then(Value::as_i64);
        let number = number.ok_or_else(|| {
            Status::bad_request(format!("the spec replicas field {:?} cannot be empty", path(scale)))
        })?;
        let mut patch = nested(scale.spec_replicas.segments(), json!(number));
        if let Some(given) = wanted.pointer("/metadata/resourceVersion").filter(|given| **given != "") {
            patch["metadata"] = json!({"resourceVersion": given});
        }
        let patch = Change::Patch(Patch::merge(patch)?);
        let Written { object, .. } =
            self.update(address, Part::Main, &patch, &Duplicates::default(), options).await?;
        match object {
            WrittenObject::Stored(version) => of(scale, &read(&version)?),
            WrittenObject::NotStored(object) => of(scale, &object),
        }
    }

    /// What is wrong with the numbers that the Scale shows (apiextensions, `ValidateScaleSpec` and `ValidateScaleStatus`).
    pub(crate) fn scale_faults(&self, part: Part, object: &Map<String, Value>) -> Vec<Error> {
        let Some(scale) = &self.definition.scale else { return Vec::new() };
        let path = match part {
            Part::Main => &scale.spec_replicas,
            Part::Status => &scale.status_replicas,
        };
        let object = Value::Object(object.clone());
        let Some(number) = path.get(&object).and_then(Value::as_i64) else { return Vec::new() };
        let text = match number {
            ..=-1 => "should be a non-negative integer".to_owned(),
            number if number > i64::from(i32::MAX) => format!("should be less than or equal to {}", i32::MAX),
            _ => return Vec::new(),
        };
        vec![Error::invalid(&Path::new(path.to_string()), &Value::from(number), text)]
    }

    fn scale(&self) -> Result<&Scale, Status> {
        self.definition.scale.as_ref().ok_or_else(Status::no_such_resource)
    }

    /// The Scale that a request gives is a Scale, and of this object.
    fn check_wanted(&self, version: &Version, wanted: &Value) -> Result<(), Status> {
        let text = |pointer: &str| wanted.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        if (text("/apiVersion"), text("/kind")) != ("autoscaling/v1", "Scale") {
            let why = "the object provided is unrecognized (must be of type Scale)";
            return Err(Status::bad_request(format!(
                "Scale in version \"v1\" cannot be handled as a Scale: {why}"
            )));
        }
        let (given, name) = (text("/metadata/name"), version.key().name());
        if !given.is_empty() && given != name {
            return Err(Status::bad_request(format!(
                "the name of the object ({given}) does not match the name on the URL ({name})"
            )));
        }
        Ok(())
    }
}

/// The Scale after the change. A replacement that says no number says 0, a patch leaves the one that is there.
fn wanted(scale: &Scale, object: &Value, change: &Change) -> Result<Value, Status> {
    match change {
        Change::Patch(patch) => {
            let mut before = of(scale, object)?;
            if replicas(scale, object)?.is_none() {
                before["spec"] = json!({});
            }
            patch.apply(before)
        }
        Change::Replace(body) => {
            let mut body = body.clone();
            if body.is_object() && body.pointer("/spec/replicas").is_none() {
                body["spec"] = json!({"replicas": 0});
            }
            Ok(body)
        }
    }
}

fn of(scale: &Scale, object: &Value) -> Result<Value, Status> {
    let metadata = &object["metadata"];
    let kept = ["creationTimestamp", "name", "namespace", "resourceVersion", "uid"];
    let metadata: Map<String, Value> =
        kept.iter().filter_map(|field| Some(((*field).to_owned(), metadata.get(field)?.clone()))).collect();
    let mut status = json!({"replicas": integer(&scale.status_replicas, object)?.unwrap_or(0)});
    if let Some(selector) = scale.label_selector.as_ref().and_then(|path| path.get(object)) {
        status["selector"] = selector.clone();
    }
    Ok(json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {"replicas": replicas(scale, object)?.unwrap_or(0)},
        "status": status,
    }))
}

fn replicas(scale: &Scale, object: &Value) -> Result<Option<i64>, Status> {
    integer(&scale.spec_replicas, object)
}

fn integer(path: &JsonFieldPath, object: &Value) -> Result<Option<i64>, Status> {
    match path.get(object) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| {
            Status::unknown(format!("{path} accessor error: {value} is of a wrong type, expected int64"))
        }),
    }
}

/// `value` at a path of fields.
fn nested(segments: &[String], value: Value) -> Value {
    segments.iter().rev().fold(value, |inner, segment| json!({ segment: inner }))
}

fn path(scale: &Scale) -> String {
    scale.spec_replicas.to_string()
}

fn read(version: &Version) -> Result<Value, Status> {
    serde_json::from_slice(version.bytes()).map_err(|error| Status::unknown(error.to_string()))
}
