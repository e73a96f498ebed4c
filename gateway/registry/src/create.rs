//! create.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use rand::Rng;
use serde_json::{Map, Value};
use tributary_sources::{Expect, StoredError, Write};
use uuid::Uuid;

use crate::admission::Operation;
use crate::duplicates::Duplicates;
use crate::metadata::{self, non_empty};
use crate::options::WriteOptions;
use crate::receive::Received;
use crate::resource::{Address, Resource, Version};
use crate::status::Status;

/// How often a generated name is tried (apiserver, generic registry `Create`).
const NAME_TRIES: usize = 8;
/// The longest prefix that a generated name keeps, so that it stays a DNS label.
const PREFIX_MOST: usize = 58;
/// Letters of generated names: no vowels, so no words, and nothing that looks like something else.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX: usize = 5;

/// The answer to a create, an update or a patch.
#[derive(Debug)]
pub struct Written {
    /// The object.
    pub object: WrittenObject,
    /// Texts for `Warning` headers.
    pub warnings: Vec<String>,
}

/// The object of a write.
#[derive(Debug)]
pub enum WrittenObject {
    /// As it is stored.
    Stored(Arc<Version>),
    /// As it would be: a dry run, or the last state of an object that the write let go.
    NotStored(Value),
}

/// An object ready to be stored but for its name, where that is generated.
struct Prepared {
    object: Map<String, Value>,
    metadata: ObjectMeta,
    /// The prefix of a name to be generated.
    prefix: Option<String>,
}

impl Written {
    /// The answer to a write that warned of something, refused or not.
    pub(crate) fn new(written: Result<WrittenObject, Status>, warnings: Vec<String>) -> Result<Self, Status> {
        match written {
            Ok(object) => Ok(Self { object, warnings }),
            Err(status) => Err(status.with_warnings(warnings)),
        }
    }
}

impl Resource {
    /// Creates the object of `body`, the decoded request. A name in the address is that of a POST to a named path.
    pub async fn create(
        &self,
        address: Address<'_>,
        body: Value,
        duplicates: &Duplicates,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let mut warnings = Vec::new();
        let created = self.create_warning(address, body, duplicates, options, &mut warnings).await;
        Written::new(created, warnings)
    }

    async fn create_warning(
        &self,
        address: Address<'_>,
        body: Value,
        duplicates: &Duplicates,
        options: &WriteOptions,
        warnings: &mut Vec<String>,
    ) -> Result<WrittenObject, Status> {
        self.check_ready()?;
        let received = self.receive(body, duplicates, options.field_validation, warnings)?;
        let Received { mut object, mut metadata } = received;
        if self.definition.status {
            // Where status is a subresource, it is written there alone.
            object.remove("status");
        }
        warnings.extend(metadata::drop_duplicate_owners(&mut metadata, false));
        let mut prepared = self.prepare_create(address, object, metadata)?;
        let name = prepared.metadata.name.as_deref().unwrap_or_default();
        self.admit(address.namespace, name, Operation::Create).await?;
        let tries = if prepared.prefix.is_some() { NAME_TRIES } else { 1 };
        for _ in 0..tries {
            if let Some(prefix) = &prepared.prefix {
                prepared.metadata.name = Some(generate(prefix));
            }
            let object = self.assemble(prepared.object.clone(), &prepared.metadata)?;
            let errors = self.faults(&object, &prepared.metadata);
            if !errors.is_empty() {
                let name = prepared.metadata.name.as_deref().unwrap_or_default();
                return Err(self.invalid(&object, name, &errors));
            }
            warnings.extend(metadata::finalizer_warnings(&prepared.metadata, None));
            if let Some(object) = self.store(object, options.dry_run).await? {
                return Ok(object);
            }
        }
        Err(self.taken(address, &prepared.metadata))
    }

    /// 409. Where a name could have been generated, even if it was given, another try may help (`CheckGeneratedNameError`).
    fn taken(&self, address: Address<'_>, metadata: &ObjectMeta) -> Status {
        let name = metadata.name.as_deref().unwrap_or_default();
        let mut taken = Status::already_exists(self.about(name));
        if non_empty(metadata.generate_name.as_deref()).is_some() {
            taken.message += ", the server was not able to generate a unique name for the object";
            taken = taken.with_retry_after(1);
        }
        let current = self.current(Address { name, ..address });
        if current.is_ok_and(|current| current.metadata.deletion_timestamp.is_some()) {
            taken.message.insert_str(0, "object is being deleted: ");
        }
        taken
    }

    /// Fills in what the path and the server know.
    fn prepare_create(
        &self,
        address: Address<'_>,
        object: Map<String, Value>,
        mut metadata: ObjectMeta,
    ) -> Result<Prepared, Status> {
        self.place_in_namespace(address, &mut metadata)?;
        name_from_path(address.name, &mut metadata)?;
        let prefix = match non_empty(metadata.name.as_deref()) {
            None => non_empty(metadata.generate_name.as_deref()).map(str::to_owned),
            Some(_) => None,
        };
        metadata.uid = Some(Uuid::new_v4().to_string());
        metadata.creation_timestamp = Some(now());
        metadata.generation = Some(1);
        metadata.deletion_timestamp = None;
        metadata.deletion_grace_period_seconds = None;
        metadata.self_link = None;
        metadata.managed_fields = None;
        Ok(Prepared { object, metadata, prefix })
    }

    /// The namespace of the path, which one in the body has to equal; what lives in none has none.
    pub(crate) fn place_in_namespace(
        &self,
        address: Address<'_>,
        metadata: &mut ObjectMeta,
    ) -> Result<(), Status> {
        let asked = non_empty(Some(address.namespace));
        if let (Some(given), Some(asked)) = (non_empty(metadata.namespace.as_deref()), asked)
            && given != asked
        {
            let text =
                "the namespace of the provided object does not match the namespace sent on the request";
            return Err(Status::bad_request(text));
        }
        metadata.namespace = asked.map(str::to_owned);
        Ok(())
    }

    /// Stores a new object; None if there is one of its name.
    async fn store(
        &self,
        object: Map<String, Value>,
        dry_run: bool,
    ) -> Result<Option<WrittenObject>, Status> {
        let object = self.as_kept(object);
        let encoded = self.encode(&object)?;
        if dry_run {
            let taken = self.stored.snapshot().get(encoded.key()).is_some();
            return Ok((!taken).then(|| WrittenObject::NotStored(Value::Object(self.as_shown(object)))));
        }
        if object.get("metadata").is_some_and(names_a_version) {
            return Err(Status::unknown("resourceVersion should not be set on objects to be created"));
        }
        let row = self.kept_row(object);
        match self.stored.write(Expect::Absent, Write::Put(encoded, row)).await {
            Ok(object) => Ok(Some(WrittenObject::Stored(self.shown(object)))),
            Err(StoredError::Conflict(_)) => Ok(None),
            Err(error) => Err(Status::unwritten(&error)),
        }
    }
}

/// POST to a named path creates that name: a name in the body is empty or equal.
fn name_from_path(name: &str, metadata: &mut ObjectMeta) -> Result<(), Status> {
    if name.is_empty() {
        return Ok(());
    }
    check_name(name, metadata)?;
    metadata.name = Some(name.to_owned());
    Ok(())
}

/// A name in the body of an update is there, and equals that of the path.
pub(crate) fn check_name_of_update(name: &str, metadata: &ObjectMeta) -> Result<(), Status> {
    if non_empty(metadata.name.as_deref()).is_none() {
        let text =
            format!("the name of the object ({name} based on URL) was undeterminable: name must be provided");
        return Err(Status::bad_request(text));
    }
    check_name(name, metadata)
}

/// A name in the body equals that of the path.
fn check_name(name: &str, metadata: &ObjectMeta) -> Result<(), Status> {
    match non_empty(metadata.name.as_deref()) {
        Some(given) if given != name => Err(Status::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        ))),
        _ => Ok(()),
    }
}

/// Now, as metav1.Time writes it: whole seconds.
pub(crate) fn now() -> Time {
    let now = jiff::Timestamp::now();
    Time(jiff::Timestamp::from_second(now.as_second()).unwrap_or(now))
}

/// Whether metadata has a resourceVersion; of a new object, what is none is passed over.
fn names_a_version(metadata: &Value) -> bool {
    let text = metadata.get("resourceVersion").and_then(Value::as_str).unwrap_or_default();
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u64>().is_ok_and(|version| version != 0)
}

fn generate(prefix: &str) -> String {
    let end = prefix.char_indices().map(|(at, _)| at).take_while(|at| *at <= PREFIX_MOST).last().unwrap_or(0);
    let kept = if prefix.len() <= PREFIX_MOST { prefix } else { &prefix[..end] };
    let mut random = rand::rng();
    let suffix = (0..SUFFIX).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]));
    kept.chars().chain(suffix).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resource_versions_of_new_objects() {
        for (text, named) in [
            ("", false),
            ("0", false),
            ("00", false),
            ("x", false),
            ("-1", false),
            ("+1", false),
            ("7", true),
        ] {
            assert_eq!(names_a_version(&json!({"resourceVersion": text})), named, "{text:?}");
        }
    }

    #[test]
    fn generated_names_fit() {
        for (prefix, kept) in [
            ("a-", "a-"),
            (&"x".repeat(70)[..], &"x".repeat(58)[..]),
            (&"é".repeat(40)[..], &"é".repeat(29)[..]),
        ] {
            let name = generate(prefix);
            assert!(name.starts_with(kept), "{name}");
            assert_eq!(name.len(), kept.len() + SUFFIX, "{name}");
        }
    }
}
