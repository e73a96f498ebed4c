//! The scale subresource: three values of an object as an `autoscaling/v1` Scale.

mod accessor;
mod form;

use serde_json::{Map, Value};
use tributary_definition as definition;
use tributary_schema::field::{Error, Path};

use crate::change::{Current, Request};
use crate::create::check_name_of_update;
use crate::duplicates::Duplicates;
use crate::metadata::{self, non_empty};
use crate::options::{GetOptions, WriteOptions};
use crate::receive::{Received, text, unhandled, unrecognized};
use crate::resource::{Address, Resource, Version};
use crate::status::{Cause, Details, Reason, Status};
use crate::update::{Change, Part, invalid_patch};
use crate::{Patch, WrittenObject};
use accessor::{integer, place, string};
use form::{KIND, Scale, UNSET};

/// The answer to a write of a Scale.
#[derive(Debug)]
pub struct WrittenScale {
    /// The Scale of what was written.
    pub scale: Value,
    /// Texts for `Warning` headers.
    pub warnings: Vec<String>,
}

/// One request to change a Scale.
struct Asked<'a> {
    address: Address<'a>,
    change: &'a Change,
    duplicates: &'a Duplicates,
    options: &'a WriteOptions,
}

impl Resource {
    /// The Scale of the object at `address`.
    pub fn get_scale(&self, address: Address<'_>, options: &GetOptions) -> Result<Value, Status> {
        let declared = self.declared_scale()?;
        let object = read(&*self.get(address, options)?)?;
        if integer(&declared.spec_replicas, &object).map_err(Status::unknown)?.is_none() {
            let why =
                format!("the spec replicas field {:?} does not exist", declared.spec_replicas.to_string());
            let cause = Cause { message: why.clone(), ..Cause::default() };
            let status = Status::failure(Reason::InternalError, format!("Internal error occurred: {why}"));
            return Err(status.with(Details { causes: vec![cause], ..Details::default() }));
        }
        Ok(Scale::of(declared, &object).map_err(Status::unknown)?.to_json())
    }

    /// Changes the number of replicas of the object at `address` by changing its Scale. A resourceVersion is
    /// optional here: without one the change is to whatever there is.
    pub async fn update_scale(
        &self,
        address: Address<'_>,
        change: &Change,
        duplicates: &Duplicates,
        options: &WriteOptions,
    ) -> Result<WrittenScale, Status> {
        let declared = self.declared_scale()?;
        let mut warnings = Vec::new();
        let asked = Asked { address, change, duplicates, options };
        let written = match self.scale_warning(declared, &asked, &mut warnings).await {
            Ok(WrittenObject::Stored(version)) => read(&version)?,
            Ok(WrittenObject::NotStored(Value::Object(object))) => object,
            Ok(WrittenObject::NotStored(_)) => Map::new(),
            Err(status) => return Err(status.with_warnings(warnings)),
        };
        let scale = Scale::of(declared, &written).map_err(Status::bad_request)?;
        Ok(WrittenScale { scale: scale.to_json(), warnings })
    }

    async fn scale_warning(
        &self,
        declared: &definition::Scale,
        asked: &Asked<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<WrittenObject, Status> {
        let request =
            Request { address: asked.address, part: Part::Main, uid: None, dry_run: asked.options.dry_run };
        match asked.change {
            Change::Replace(body) => {
                let wanted = self.scale_of(asked, body, warnings)?;
                let uid = non_empty(wanted.metadata.uid.as_deref()).map(str::to_owned);
                let make = |current: &Current, _: &mut Vec<String>| {
                    Scale::of(declared, &current.object).map_err(Status::unknown)?;
                    scaled(declared, current, &wanted)
                };
                self.change(&Request { uid, ..request }, warnings, make).await
            }
            Change::Patch(patch) => {
                let make = |current: &Current, warnings: &mut Vec<String>| {
                    let wanted = self.patched_scale(declared, asked, patch, current, warnings)?;
                    scaled(declared, current, &wanted)
                };
                self.change(&request, warnings, make).await
            }
        }
    }

    /// The Scale that a request gives.
    fn scale_of(&self, asked: &Asked<'_>, body: &Value, warnings: &mut Vec<String>) -> Result<Scale, Status> {
        let validation = asked.options.field_validation;
        let wanted = Scale::read(body.clone(), asked.duplicates, validation, warnings);
        let mut wanted = wanted.map_err(|why| refuse(body, &why.to_string()))?;
        self.check_scale(asked.address, &mut wanted)?;
        warnings.extend(metadata::drop_duplicate_owners(&mut wanted.metadata, false));
        Ok(wanted)
    }

    /// The Scale of an object after a patch. One that sets no number shows the least of its type, so that it can be told from
    /// one that is set to 0.
    fn patched_scale(
        &self,
        declared: &definition::Scale,
        asked: &Asked<'_>,
        patch: &Patch,
        current: &Current,
        warnings: &mut Vec<String>,
    ) -> Result<Scale, Status> {
        let mut before = Scale::of(declared, &current.object).map_err(Status::unknown)?;
        if integer(&declared.spec_replicas, &current.object).map_err(Status::unknown)?.is_none() {
            before.replicas = UNSET;
        }
        let patched = patch.apply(before.to_json())?;
        let validation = asked.options.field_validation;
        let wanted = Scale::read(patched.clone(), asked.duplicates, validation, warnings);
        let mut wanted = wanted.map_err(|why| invalid_patch(&patched, &why.to_string()))?;
        self.check_scale(asked.address, &mut wanted)?;
        warnings.extend(metadata::drop_duplicate_owners(&mut wanted.metadata, true));
        Ok(wanted)
    }

    /// A Scale is that of the object of the path.
    fn check_scale(&self, address: Address<'_>, scale: &mut Scale) -> Result<(), Status> {
        self.place_in_namespace(address, &mut scale.metadata)?;
        check_name_of_update(address.name, &scale.metadata)
    }

    /// What is wrong with the number of replicas that is wanted (apiextensions, `ValidateScaleSpec`).
    pub(crate) fn scale_spec_faults(&self, object: &Map<String, Value>) -> Vec<Error> {
        let declared = self.definition.scale.as_ref();
        declared.and_then(|declared| number_fault(&declared.spec_replicas, object)).into_iter().collect()
    }

    /// What is wrong with the number of replicas that there are, and with the selector (`ValidateScaleStatus`).
    pub(crate) fn scale_status_faults(&self, object: &Map<String, Value>) -> Vec<Error> {
        let Some(declared) = &self.definition.scale else { return Vec::new() };
        let selector = declared.label_selector.as_ref().and_then(|path| {
            let why = string(path, object).err()?;
            Some(Error::invalid(&Path::new(path.to_string()), &Value::from(""), why))
        });
        number_fault(&declared.status_replicas, object).into_iter().chain(selector).collect()
    }

    /// What a body is answered with whose kind cannot be told.
    pub fn unrecognized_scale(&self, why: &str, body: &[u8]) -> Status {
        unrecognized(KIND, why, body)
    }

    fn declared_scale(&self) -> Result<&definition::Scale, Status> {
        self.definition.scale.as_ref().ok_or_else(Status::no_such_resource)
    }
}

/// 400: a body that is no Scale.
fn refuse(body: &Value, why: &str) -> Status {
    let said = |field: &str| body.as_object().map(|fields| text(fields, field)).unwrap_or_default();
    let kind = non_empty(Some(said("kind"))).unwrap_or(KIND);
    let version = said("apiVersion").rsplit('/').next().filter(|version| !version.is_empty());
    let version = version.unwrap_or("v1");
    Status::bad_request(unhandled(kind, version, KIND, why))
}

/// The object with the number of replicas that is wanted.
fn scaled(declared: &definition::Scale, current: &Current, wanted: &Scale) -> Result<Received, Status> {
    if wanted.replicas == UNSET {
        let path = declared.spec_replicas.to_string();
        return Err(Status::bad_request(format!("the spec replicas field {path:?} cannot be empty")));
    }
    let mut object = current.object.clone();
    place(&declared.spec_replicas, &mut object, wanted.replicas.into()).map_err(Status::unknown)?;
    let mut metadata = current.metadata.clone();
    if let Some(version) = non_empty(wanted.metadata.resource_version.as_deref()) {
        metadata.resource_version = Some(version.to_owned());
    }
    Ok(Received { object, metadata })
}

fn number_fault(path: &definition::JsonFieldPath, object: &Map<String, Value>) -> Option<Error> {
    let (number, why) = match integer(path, object) {
        Err(why) => (0, why),
        Ok(Some(number @ ..=-1)) => (number, "should be a non-negative integer".to_owned()),
        Ok(Some(number)) if number > i64::from(i32::MAX) => {
            (number, format!("should be less than or equal to {}", i32::MAX))
        }
        Ok(_) => return None,
    };
    Some(Error::invalid(&Path::new(path.to_string()), &Value::from(number), why))
}

fn read(version: &Version) -> Result<Map<String, Value>, Status> {
    serde_json::from_slice(version.bytes()).map_err(|error| Status::unknown(error.to_string()))
}
