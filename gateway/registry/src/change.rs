//! A change of a stored object: what it may not touch stays, what it makes is judged, and it is written if it is another.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_schema::field::{Error, Path};
use tributary_schema::gotext;
use tributary_sources::{Expect, StoredError, Write};

use crate::admission::Operation;
use crate::create::WrittenObject;
use crate::metadata::{self, non_empty};
use crate::receive::Received;
use crate::resource::{Address, Resource, Version};
use crate::status::Status;
use crate::update::Part;
use crate::validation::Changed;

/// How often a patch is done anew on an object that others change (apiserver, `MaxRetryWhenPatchConflicts`).
const TRIES: usize = 5;
const STATUS: &str = "status";
pub(crate) const MODIFIED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

/// Which object is to change.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) address: Address<'a>,
    pub(crate) part: Part,
    /// The uid that the object has to have.
    pub(crate) uid: Option<String>,
    pub(crate) dry_run: bool,
}

/// A stored object, read to be changed.
pub(crate) struct Current {
    /// As it is kept.
    stored: Arc<Version>,
    /// As this version of the resource shows it.
    pub(crate) version: Arc<Version>,
    pub(crate) object: Map<String, Value>,
    pub(crate) metadata: ObjectMeta,
}

/// What a change makes of it.
struct Proposed {
    object: Map<String, Value>,
    metadata: ObjectMeta,
}

impl Resource {
    /// Makes something else of an object, anew as long as somebody else is faster.
    pub(crate) async fn change(
        &self,
        request: &Request<'_>,
        warnings: &mut Vec<String>,
        make: impl Fn(&Current, &mut Vec<String>) -> Result<Received, Status>,
    ) -> Result<WrittenObject, Status> {
        let Request { address, part, dry_run, .. } = *request;
        for _ in 0..TRIES {
            let current = self.current(address)?;
            self.check_uid(request, &current)?;
            let received = make(&current, warnings)?;
            self.check_revision(&current, &received.metadata)?;
            let Proposed { object, metadata } = self.confine(received, &current, part);
            self.admit(address.namespace, address.name, Operation::Update).await?;
            let object = self.assemble(object, &metadata)?;
            self.check_change(&current, part, &object, &metadata)?;
            warnings.extend(metadata::finalizer_warnings(&metadata, Some(&current.metadata)));
            // None: somebody else was faster. Who named a version is told so when it is compared again.
            if let Some(object) = self.replace(&current, object, &metadata, dry_run).await? {
                return Ok(object);
            }
        }
        Err(Status::conflict(self.about(address.name), MODIFIED))
    }

    pub(crate) fn current(&self, address: Address<'_>) -> Result<Current, Status> {
        self.check_ready()?;
        let stored = self.stored.snapshot().get(&address.key()).cloned();
        let stored = stored.ok_or_else(|| Status::not_found(self.about(address.name)))?;
        let version = self.shown(stored.clone());
        let unreadable = |error: serde_json::Error| Status::unknown(error.to_string());
        let object: Map<String, Value> = serde_json::from_slice(version.bytes()).map_err(unreadable)?;
        let metadata = metadata::read(&object, &mut Vec::new()).map_err(unreadable)?;
        Ok(Current { stored, version, object, metadata })
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

    /// A uid that the request names says which object is meant.
    fn check_uid(&self, request: &Request<'_>, current: &Current) -> Result<(), Status> {
        let (key, uid) = (current.version.key(), current.version.uid());
        let Some(wanted) = request.uid.as_deref().filter(|wanted| *wanted != uid) else { return Ok(()) };
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{}/{}/{key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}",
            self.definition.group, self.definition.plural,
        );
        Err(Status::conflict(self.about(key.name()), &why))
    }

    /// The resourceVersion says which state of it.
    fn check_revision(&self, current: &Current, proposed: &ObjectMeta) -> Result<(), Status> {
        let about = self.about(current.version.key().name());
        let invalid = |given: Value, why: String| {
            let at = Path::new("metadata").child("resourceVersion");
            Err(Status::invalid(about, &[Error::invalid(&at, &given, why)]))
        };
        let given = non_empty(proposed.resource_version.as_deref()).unwrap_or("0");
        match given.parse::<u64>() {
            Ok(0) => invalid(Value::from(0), "must be specified for an update".to_owned()),
            Ok(given) if given == current.version.revision() => Ok(()),
            Ok(_) => Err(Status::conflict(about, MODIFIED)),
            Err(_) => {
                let why = format!("strconv.ParseUint: parsing {}: invalid syntax", gotext::quoted(given));
                invalid(Value::from(given), why)
            }
        }
    }

    fn check_change(
        &self,
        current: &Current,
        part: Part,
        object: &Map<String, Value>,
        metadata: &ObjectMeta,
    ) -> Result<(), Status> {
        let changed =
            Changed { before: &current.object, metadata_before: &current.metadata, object, metadata };
        let errors = self.update_faults(part, &changed);
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
        let mut object = self.as_kept(object);
        let revision = current.version.revision();
        let last = |object| {
            let mut object = self.as_shown(object);
            if let Some(metadata) = metadata_of(&mut object) {
                metadata.insert("resourceVersion".to_owned(), revision.to_string().into());
            }
            WrittenObject::NotStored(Value::Object(object))
        };
        if dry_run {
            return Ok(Some(last(object)));
        }
        // It is not stored (`PrepareObjectForStorage`).
        metadata_of(&mut object).and_then(|metadata| metadata.remove("selfLink"));
        let encoded = self.encode(&object)?;
        if encoded.same_as(&current.stored) {
            return Ok(Some(WrittenObject::Stored(current.version.clone())));
        }
        let finished =
            metadata.deletion_timestamp.is_some() && metadata.finalizers.as_ref().is_none_or(Vec::is_empty);
        let (write, last) = match finished {
            true => (Write::Delete(current.version.key().clone()), Some(last(object))),
            false => (Write::Put(encoded, self.kept_row(object)), None),
        };
        match self.stored.write(Expect::Revision(revision), write).await {
            Ok(version) => Ok(Some(last.unwrap_or_else(|| WrittenObject::Stored(self.shown(version))))),
            Err(StoredError::Conflict(_) | StoredError::Missing) => Ok(None),
            Err(error) => Err(Status::unwritten(&error)),
        }
    }
}

fn metadata_of(object: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    object.get_mut("metadata").and_then(Value::as_object_mut)
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
