//! create.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use rand::Rng;
use serde_json::{Map, Value};
use tributary_collection::Encoded;
use tributary_schema::field::{Error, Path};
use tributary_sources::{Expect, StoredError, Write};
use uuid::Uuid;

use crate::metadata::{self, non_empty};
use crate::options::{CreateOptions, FieldValidation};
use crate::resource::{Address, NamespaceState, Resource, Row, Version};
use crate::status::{Cause, Details, Reason, Status};

/// How often a generated name is tried (apiserver, generic registry `Create`).
const NAME_TRIES: usize = 8;
/// The longest prefix that a generated name keeps, so that it stays a DNS label.
const PREFIX_MOST: usize = 58;
/// Letters of generated names: no vowels, so no words, and nothing that looks like something else.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX: usize = 5;

/// The answer to a create.
#[derive(Debug)]
pub struct Created {
    /// The object, as it is stored; of a dry run, as it would be.
    pub object: CreatedObject,
    /// Texts for `Warning` headers.
    pub warnings: Vec<String>,
}

/// The created object.
#[derive(Debug)]
pub enum CreatedObject {
    /// It is stored.
    Stored(Arc<Version>),
    /// It is not: it has no resourceVersion.
    DryRun(Value),
}

/// An object as it was sent: of the right kind, pruned and defaulted.
struct Received {
    object: Map<String, Value>,
    metadata: ObjectMeta,
    warnings: Vec<String>,
}

/// An object ready to be stored but for its name, where that is generated.
struct Prepared {
    object: Map<String, Value>,
    metadata: ObjectMeta,
    /// The prefix of a name to be generated.
    prefix: Option<String>,
}

impl Resource {
    /// Creates the object of `body`, the decoded request; `duplicates` are the paths of fields that it gives
    /// more than once. A name in the address is that of a POST to a named path.
    pub async fn create(
        &self,
        address: Address<'_>,
        body: Value,
        duplicates: Vec<String>,
        options: &CreateOptions,
    ) -> Result<Created, Status> {
        let Received { object, metadata, warnings } = self.decode(body, duplicates, options)?;
        let mut prepared = self.place_object(address, object, metadata)?;
        self.admit(address.namespace, prepared.metadata.name.as_deref().unwrap_or_default()).await?;
        let tries = if prepared.prefix.is_some() { NAME_TRIES } else { 1 };
        for _ in 0..tries {
            if let Some(prefix) = &prepared.prefix {
                prepared.metadata.name = Some(generate(prefix));
            }
            let value = self.validated(&prepared)?;
            match self.store(value, options.dry_run).await? {
                Some(object) => return Ok(Created { object, warnings }),
                None => continue,
            }
        }
        let name = prepared.metadata.name.as_deref().unwrap_or_default();
        let taken = Status::already_exists(self.about(name));
        if prepared.prefix.is_none() {
            return Err(taken);
        }
        let text =
            format!("{}, the server was not able to generate a unique name for the object", taken.message);
        let details = taken.details.map(|details| *details).unwrap_or_default();
        Err(Status::failure(Reason::AlreadyExists, text).with(details).with_retry_after(1))
    }

    /// From JSON to an object of the resource's kind, pruned and defaulted.
    fn decode(
        &self,
        body: Value,
        duplicates: Vec<String>,
        options: &CreateOptions,
    ) -> Result<Received, Status> {
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
        if options.field_validation == FieldValidation::Strict && !problems.is_empty() {
            return Err(self.undecodable(&format!("strict decoding error: {}", problems.join(", "))));
        }
        if options.field_validation == FieldValidation::Ignore {
            problems.clear();
        }
        self.definition.schema.default(&mut object);
        Ok(Received { object, metadata, warnings: problems })
    }

    fn undecodable(&self, why: &str) -> Status {
        let (kind, version) = (&self.definition.kind, &self.definition.version);
        Status::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}"))
    }

    fn check_type(&self, object: &Map<String, Value>) -> Result<(), Status> {
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
        if text("kind").is_empty() {
            return Err(self.undecodable("Object 'Kind' is missing"));
        }
        let expected = self.api_version();
        let found = text("apiVersion");
        if found == expected {
            return Ok(());
        }
        Err(Status::bad_request(format!(
            "the API version in the data ({found}) does not match the expected API version ({expected})"
        )))
    }

    /// Fills in what the path and the server know.
    fn place_object(
        &self,
        address: Address<'_>,
        object: Map<String, Value>,
        mut metadata: ObjectMeta,
    ) -> Result<Prepared, Status> {
        if non_empty(metadata.resource_version.as_deref()).is_some_and(|version| version != "0") {
            return Err(Status::unknown("resourceVersion should not be set on objects to be created"));
        }
        match non_empty(metadata.namespace.as_deref()) {
            Some(namespace) if namespace != address.namespace && self.namespaced() => {
                let text =
                    "the namespace of the provided object does not match the namespace sent on the request";
                return Err(Status::bad_request(text));
            }
            Some(_) => {}
            None => metadata.namespace = non_empty(Some(address.namespace)).map(str::to_owned),
        }
        self.name_from_path(address.name, &mut metadata)?;
        let prefix = match non_empty(metadata.name.as_deref()) {
            None => non_empty(metadata.generate_name.as_deref()).map(str::to_owned),
            Some(_) => None,
        };
        metadata.uid = Some(Uuid::new_v4().to_string());
        metadata.creation_timestamp = Some(Time(whole_seconds()));
        metadata.generation = Some(1);
        metadata.deletion_timestamp = None;
        metadata.deletion_grace_period_seconds = None;
        metadata.self_link = None;
        metadata.managed_fields = None;
        metadata.resource_version = None;
        Ok(Prepared { object, metadata, prefix })
    }

    /// POST to a named path creates that name: a name in the body is empty or equal.
    fn name_from_path(&self, name: &str, metadata: &mut ObjectMeta) -> Result<(), Status> {
        if name.is_empty() {
            return Ok(());
        }
        match non_empty(metadata.name.as_deref()) {
            Some(given) if given != name => Err(Status::bad_request(format!(
                "the name of the object ({given}) does not match the name on the URL ({name})"
            ))),
            _ => {
                metadata.name = Some(name.to_owned());
                Ok(())
            }
        }
    }

    /// Admission: NamespaceLifecycle, which kube-apiserver does not run for aggregated APIs.
    async fn admit(&self, namespace: &str, name: &str) -> Result<(), Status> {
        if !self.namespaced() {
            return Ok(());
        }
        let state = self.namespaces.state(namespace).await;
        match state {
            Ok(NamespaceState::Active) => Ok(()),
            Ok(NamespaceState::Missing) => Err(missing_namespace(namespace)),
            Ok(NamespaceState::Terminating) => Err(self.terminating_namespace(namespace, name)),
            Err(why) => {
                Err(Status::failure(Reason::InternalError, format!("Internal error occurred: {why}")))
            }
        }
    }

    fn terminating_namespace(&self, namespace: &str, name: &str) -> Status {
        let text =
            format!("unable to create new content in namespace {namespace} because it is being terminated");
        Status::forbidden(self.about(name), &text).with_cause(Cause {
            reason: "NamespaceTerminating".to_owned(),
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        })
    }

    /// The whole object, if nothing is wrong with it.
    fn validated(&self, prepared: &Prepared) -> Result<Map<String, Value>, Status> {
        let mut object = prepared.object.clone();
        let written =
            metadata::write(&prepared.metadata).map_err(|error| Status::unknown(error.to_string()))?;
        object.insert("metadata".to_owned(), written);
        let mut errors = Vec::new();
        let kind = object.get("kind").cloned().unwrap_or_default();
        if kind.as_str() != Some(&self.definition.kind) {
            let text = format!("must be {}", self.definition.kind);
            errors.push(Error::invalid(&Path::new("kind"), &kind, text));
        }
        errors.extend(metadata::validate(&prepared.metadata, self.namespaced()));
        errors.extend(self.definition.schema.validate(&object));
        if errors.is_empty() {
            return Ok(object);
        }
        Err(Status::invalid(self.about_kind(prepared.metadata.name.as_deref().unwrap_or_default()), &errors))
    }

    /// Stores the object; None if there is one of its name.
    async fn store(
        &self,
        object: Map<String, Value>,
        dry_run: bool,
    ) -> Result<Option<CreatedObject>, Status> {
        let encoded = Encoded::new(&object).map_err(|error| Status::unknown(error.to_string()))?;
        if dry_run {
            let taken = self.stored.snapshot().get(encoded.key()).is_some();
            return Ok((!taken).then_some(CreatedObject::DryRun(Value::Object(object))));
        }
        let row = self.row(&Value::Object(object));
        match self.stored.write(Expect::Absent, Write::Put(encoded, row)).await {
            Ok(object) => Ok(Some(CreatedObject::Stored(object))),
            Err(StoredError::Conflict(_)) => Ok(None),
            Err(error) => Err(Status::unknown(error.to_string())),
        }
    }

    /// The object of a dry run as a version that is not stored, for forms other than the object itself.
    pub fn unstored(&self, object: &Value) -> Result<Version, Status> {
        let fields = object.as_object().ok_or_else(|| Status::unknown("the object is no JSON object"))?;
        let encoded = Encoded::new(fields).map_err(|error| Status::unknown(error.to_string()))?;
        Ok(encoded.at(0, self.row(object)))
    }

    fn row(&self, object: &Value) -> Row {
        self.definition.columns.cells(object).into()
    }
}

fn missing_namespace(namespace: &str) -> Status {
    let details = Details { name: namespace.to_owned(), kind: "namespaces".to_owned(), ..Details::default() };
    Status::failure(Reason::NotFound, format!("namespaces {namespace:?} not found")).with(details)
}

/// Now, as metav1.Time writes it: whole seconds.
fn whole_seconds() -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now)
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
    use super::*;

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
