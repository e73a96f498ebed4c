//! update and patch: one pure change of the stored object, done again when somebody else was faster.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_schema::field::{Error, Path};
use tributary_sources::{Expect, StoredError, Write};

use crate::admission::Operation;
use crate::create::{Written, WrittenObject, check_name_of_update};
use crate::duplicates::Duplicates;
use crate::metadata::{self, non_empty};
use crate::options::WriteOptions;
use crate::patch::Patch;
use crate::receive::Received;
use crate::resource::{Address, Resource, Version};
use crate::status::{Details, Reason, Status};

/// How often a patch is done anew on an object that others change (apiserver, `MaxRetryWhenPatchConflicts`).
const TRIES: usize = 5;
const STATUS: &str = "status";
pub(crate) const MODIFIED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

/// What is to become of an object.
#[derive(Clone, Debug)]
pub enum Change {
    /// This takes its place.
    Replace(Value),
    /// It is changed.
    Patch(Patch),
}

/// Which part of an object a request can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The object; without its status, where that is a subresource.
    Main,
    /// Its status and nothing else.
    Status,
}

/// A stored object, read to be changed.
pub(crate) struct Current {
    /// As it is kept.
    stored: Arc<Version>,
    /// As this version of the resource shows it.
    pub(crate) version: Arc<Version>,
    pub(crate) object: Map<String, Value>,
    metadata: ObjectMeta,
}

/// What a change makes of it.
struct Proposed {
    object: Map<String, Value>,
    metadata: ObjectMeta,
}

/// One request to change an object.
struct Asked<'a> {
    address: Address<'a>,
    part: Part,
    change: &'a Change,
    duplicates: &'a Duplicates,
    options: &'a WriteOptions,
}

impl Resource {
    /// Changes a part of the object at `address`.
    pub async fn update(
        &self,
        address: Address<'_>,
        part: Part,
        change: &Change,
        duplicates: &Duplicates,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let mut warnings = Vec::new();
        let asked = Asked { address, part, change, duplicates, options };
        let written = self.update_warning(&asked, &mut warnings).await;
        Written::new(written, warnings)
    }

    async fn update_warning(
        &self,
        asked: &Asked<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<WrittenObject, Status> {
        let Asked { address, part, change, options, .. } = *asked;
        // A replacement is read before it is known whether there is something to replace, a patch when there is.
        let replacement = match change {
            Change::Replace(body) => Some(self.replacement(asked, body, warnings)?),
            Change::Patch(_) => None,
        };
        for _ in 0..TRIES {
            let current = self.current(address)?;
            let proposed = match (&replacement, change) {
                (None, Change::Patch(patch)) => self.patched(asked, patch, &current, warnings)?,
                (received, _) => received.clone().unwrap_or_default(),
            };
            self.check_preconditions_of(change, &current, &proposed.metadata)?;
            let Proposed { object, metadata } = self.confine(proposed, &current, part);
            self.admit(address.namespace, address.name, Operation::Update).await?;
            let object = self.assemble(object, &metadata)?;
            self.check_update(&current, part, &object, &metadata)?;
            warnings.extend(metadata::finalizer_warnings(&metadata, Some(&current.metadata)));
            // None: somebody else was faster. Who named a version is told so when it is compared again.
            if let Some(object) = self.replace(&current, object, &metadata, options.dry_run).await? {
                return Ok(object);
            }
        }
        Err(Status::conflict(self.about(address.name), MODIFIED))
    }

    pub(crate) fn current(&self, address: Address<'_>) -> Result<Current, Status> {
        let stored = self.stored.snapshot().get(&address.key()).cloned();
        let stored = stored.ok_or_else(|| Status::not_found(self.about(address.name)))?;
        let version = self.shown(stored.clone());
        let unreadable = |error: serde_json::Error| Status::unknown(error.to_string());
        let object: Map<String, Value> = serde_json::from_slice(version.bytes()).map_err(unreadable)?;
        let metadata = metadata::read(&object, &mut Vec::new()).map_err(unreadable)?;
        Ok(Current { stored, version, object, metadata })
    }

    /// The object that is to take the place of what is there.
    fn replacement(
        &self,
        asked: &Asked<'_>,
        body: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Received, Status> {
        let validation = asked.options.field_validation;
        let mut received = self.receive(body.clone(), asked.duplicates, validation, warnings)?;
        self.place_in_namespace(asked.address, &mut received.metadata)?;
        check_name_of_update(asked.address.name, &received.metadata)?;
        warnings.extend(metadata::drop_duplicate_owners(&mut received.metadata, false));
        Ok(received)
    }

    /// The object after a patch.
    fn patched(
        &self,
        asked: &Asked<'_>,
        patch: &Patch,
        current: &Current,
        warnings: &mut Vec<String>,
    ) -> Result<Received, Status> {
        let patched = patch.apply(Value::Object(current.object.clone()))?;
        let validation = asked.options.field_validation;
        let received = self.decode(patched.clone(), asked.duplicates, validation, warnings);
        let mut received = received.map_err(|why| invalid_patch(&patched, &why))?;
        warnings.extend(metadata::drop_duplicate_owners(&mut received.metadata, true));
        self.place_in_namespace(asked.address, &mut received.metadata)?;
        check_name_of_update(asked.address.name, &received.metadata)?;
        Ok(received)
    }

    /// What the request may not change is as it was, and the generation counts what it did.
    fn confine(&self, received: Received, current: &Current, part: Part) -> Proposed {
        let Received { mut object, metadata } = received;
        let restore = |to: &mut Map<String, Value>, from: &Map<String, Value>| match from.get(STATUS) {
            Some(status) => to.insert(STATUS.to_owned(), status.clone()),
            None => to.remove(STATUS),
        };
        if part == Part::Status {
            let mut whole = current.object.clone();
            restore(&mut whole, &object);
            return Proposed { object: whole, metadata: current.metadata.clone() };
        }
        if self.definition.status {
            restore(&mut object, &current.object);
        }
        let changed = i64::from(content_differs(&object, &current.object));
        let generation = Some(current.metadata.generation.unwrap_or(1) + changed);
        let metadata = ObjectMeta { generation, ..with_system_fields(metadata, &current.metadata) };
        Proposed { object, metadata }
    }

    /// resourceVersion and uid in the object say which one is meant.
    fn check_preconditions_of(
        &self,
        change: &Change,
        current: &Current,
        proposed: &ObjectMeta,
    ) -> Result<(), Status> {
        let name = current.version.key().name();
        let uid = non_empty(proposed.uid.as_deref()).filter(|uid| *uid != current.version.uid());
        if let (Some(uid), Change::Replace(_)) = (uid, change) {
            let why = format!(
                "StorageError: invalid object, Code: 4, Key: /registry/{}/{}/{}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                self.definition.group,
                self.definition.plural,
                current.version.key(),
                current.version.uid()
            );
            return Err(Status::conflict(self.about(name), &why));
        }
        match non_empty(proposed.resource_version.as_deref()) {
            Some(version) if version == current.version.revision().to_string() => Ok(()),
            Some("0") | None => {
                let at = Path::new("metadata").child("resourceVersion");
                let error = Error::invalid(&at, &Value::from(0), "must be specified for an update");
                Err(Status::invalid(self.about(name), &[error]))
            }
            Some(version) if version.parse::<u64>().is_err() => {
                let at = Path::new("metadata").child("resourceVersion");
                let text = format!("strconv.ParseUint: parsing {version:?}: invalid syntax");
                let error = Error::invalid(&at, &Value::from(version), text);
                Err(Status::invalid(self.about(name), &[error]))
            }
            Some(_) => Err(Status::conflict(self.about(name), MODIFIED)),
        }
    }

    fn check_update(
        &self,
        current: &Current,
        part: Part,
        object: &Map<String, Value>,
        metadata: &ObjectMeta,
    ) -> Result<(), Status> {
        // A custom resource's server looks twice, and has two causes.
        let mut errors = metadata::validate_update(metadata, &current.metadata);
        errors.extend(errors.clone());
        errors.extend(match part {
            Part::Main => self.update_faults(object, metadata, &current.object),
            Part::Status => self.status_faults(object, &current.object),
        });
        errors.extend(self.scale_faults(part, object));
        if errors.is_empty() {
            return Ok(());
        }
        Err(self.invalid(object, current.version.key().name(), &errors))
    }

    /// Writes the changed object; None if there is another version by now. One that is being deleted and has no
    /// finalizer left goes instead.
    async fn replace(
        &self,
        current: &Current,
        object: Map<String, Value>,
        metadata: &ObjectMeta,
        dry_run: bool,
    ) -> Result<Option<WrittenObject>, Status> {
        let (encoded, row) = self.kept(object.clone())?;
        if encoded.same_as(&current.stored) {
            return Ok(Some(WrittenObject::Stored(current.version.clone())));
        }
        let revision = current.version.revision();
        let finished =
            metadata.deletion_timestamp.is_some() && metadata.finalizers.as_ref().is_none_or(Vec::is_empty);
        let last = |object: Map<String, Value>| {
            let mut object = self.through_storage(object);
            if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.insert("resourceVersion".to_owned(), revision.to_string().into());
            }
            WrittenObject::NotStored(Value::Object(object))
        };
        if dry_run {
            return Ok(Some(last(object)));
        }
        let write =
            if finished { Write::Delete(current.version.key().clone()) } else { Write::Put(encoded, row) };
        match self.stored.write(Expect::Revision(revision), write).await {
            Ok(_) if finished => Ok(Some(last(object))),
            Ok(version) => Ok(Some(WrittenObject::Stored(self.shown(version)))),
            Err(StoredError::Conflict(_) | StoredError::Missing) => Ok(None),
            Err(error) => Err(Status::unknown(error.to_string())),
        }
    }
}

/// What clients cannot change is silently as it was (apiserver, `BeforeUpdate`).
fn with_system_fields(metadata: ObjectMeta, current: &ObjectMeta) -> ObjectMeta {
    let uid = non_empty(metadata.uid.as_deref()).map(str::to_owned).or_else(|| current.uid.clone());
    ObjectMeta {
        uid,
        creation_timestamp: current.creation_timestamp.clone(),
        deletion_timestamp: current
            .deletion_timestamp
            .clone()
            .or_else(|| metadata.deletion_timestamp.clone()),
        deletion_grace_period_seconds: metadata
            .deletion_grace_period_seconds
            .or(current.deletion_grace_period_seconds),
        name: current.name.clone(),
        self_link: None,
        managed_fields: None,
        resource_version: None,
        ..metadata
    }
}

/// Whether anything but metadata is another: what the generation counts.
fn content_differs(object: &Map<String, Value>, current: &Map<String, Value>) -> bool {
    let is_content = |(field, _): &(&String, &Value)| *field != "metadata";
    object.iter().filter(is_content).ne(current.iter().filter(is_content))
}

/// 422: the patch makes something that is no object of this kind.
fn invalid_patch(patched: &Value, why: &str) -> Status {
    let error = Error::invalid(&Path::new("patch"), &Value::from(patched.to_string()), why);
    let details = Details { causes: vec![(&error).into()], ..Details::default() };
    Status::failure(Reason::Invalid, format!(" \"\" is invalid: {error}")).with(details)
}
