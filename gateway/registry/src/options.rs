//! The options of requests: read from query parameters or a body, checked as apimachinery checks them.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tributary_collection::{FieldSelector, LabelSelector};
use tributary_schema::field::{Error, Path};

use crate::status::{Reason, Status};

/// The longest fieldManager, in bytes (apimachinery, `FieldManagerMaxLength`).
const FIELD_MANAGER_MOST: i64 = 128;

/// Query parameters, decoded, in the order of the request.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

/// Options of get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// The least revision; absent: the most recent.
    pub revision: Option<u64>,
}

/// Options of list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// On labels.
    pub labels: LabelSelector,
    /// On fields.
    pub fields: FieldSelector,
    /// The most objects of a page; 0: all.
    pub limit: usize,
    /// The token of the page before.
    pub next: Option<String>,
    /// The revision; absent: the most recent.
    pub revision: Option<u64>,
    /// Whether it must be exactly that revision.
    pub exact: bool,
}

/// Options of watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchOptions {
    /// On labels.
    pub labels: LabelSelector,
    /// On fields.
    pub fields: FieldSelector,
    /// Where it begins.
    pub start: Start,
    /// Whether the client knows bookmarks.
    pub bookmarks: bool,
    /// How long it lasts; absent: as long as the server likes.
    pub timeout: Option<Duration>,
}

/// Where a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the objects that are there, as old as `at_least` at the most.
    State {
        /// The least revision; absent: any.
        at_least: Option<u64>,
    },
    /// With the changes after a revision.
    After(u64),
    /// With the changes from now on.
    Now,
}

/// Options of create, update and patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// Everything but the write.
    pub dry_run: bool,
    /// What unknown and duplicate fields lead to.
    pub field_validation: FieldValidation,
}

/// What unknown and duplicate fields lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValidation {
    /// Nothing.
    Ignore,
    /// A warning each.
    Warn,
    /// A refusal.
    Strict,
}

/// Options of delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Everything but the deletion.
    pub dry_run: bool,
    /// What must be true of the object.
    pub preconditions: Preconditions,
    /// What becomes of the objects that it owns; absent: what its finalizers say, else Background.
    pub propagation: Option<Propagation>,
}

/// What becomes of the objects that a deleted one owns. The garbage collector does it, told by a finalizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// They go after it.
    Background,
    /// They go before it: finalizer `foregroundDeletion`.
    Foreground,
    /// They stay: finalizer `orphan`.
    Orphan,
}

/// What must be true of the object that a request means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preconditions {
    /// Its uid.
    pub uid: Option<String>,
    /// Its resourceVersion.
    pub resource_version: Option<String>,
}

/// `DeleteOptions` as a body carries it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct DeleteOptionsBody {
    kind: String,
    api_version: String,
    dry_run: Vec<String>,
    preconditions: Option<Preconditions>,
    propagation_policy: Option<String>,
    orphan_dependents: Option<bool>,
}

// === impl Parameters ===

impl Parameters {
    /// The first value of a parameter; an empty one counts as absent, as in Kubernetes' conversion.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a request for a collection asks for a watch (`RequestInfo`).
    pub fn watch(&self) -> bool {
        self.0
            .iter()
            .find(|(key, _)| key == "watch")
            .is_some_and(|(_, value)| value != "false" && value != "0")
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, Status> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let refused = || Status::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"));
        text.parse().map(Some).map_err(|_| refused())
    }

    /// As Go's `strconv.ParseBool` reads it.
    fn boolean(&self, name: &str) -> Result<Option<bool>, Status> {
        match self.get(name) {
            None => Ok(None),
            Some("1" | "t" | "T" | "TRUE" | "true" | "True") => Ok(Some(true)),
            Some("0" | "f" | "F" | "FALSE" | "false" | "False") => Ok(Some(false)),
            Some(text) => {
                Err(Status::bad_request(format!("strconv.ParseBool: parsing {text:?}: invalid syntax")))
            }
        }
    }

    fn revision(&self) -> Result<Option<u64>, Status> {
        let Some(text) = self.get("resourceVersion") else { return Ok(None) };
        match text.parse() {
            Ok(0) => Ok(None),
            Ok(revision) => Ok(Some(revision)),
            Err(_) => Err(Status::bad_request(format!(
                "invalid resource version: resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"
            ))),
        }
    }
}

// === impl GetOptions ===

impl GetOptions {
    /// Reads the options of a get.
    pub fn read(parameters: &Parameters) -> Result<Self, Status> {
        refuse_export(parameters)?;
        Ok(Self { revision: parameters.revision()? })
    }
}

// === impl WatchOptions ===

impl WatchOptions {
    /// Reads the options of a watch. `fields` are the fields that can be selected by.
    pub fn read(parameters: &Parameters, fields: &[String]) -> Result<Self, Status> {
        validate_watch(parameters)?;
        let (labels, fields) = selectors(parameters, fields)?;
        let revision = parameters.revision()?;
        let start = match (parameters.boolean("sendInitialEvents")?, revision) {
            (Some(true), at_least) => Start::State { at_least },
            (None, None) => Start::State { at_least: None },
            (Some(false), None) => Start::Now,
            (_, Some(revision)) => Start::After(revision),
        };
        let seconds = parameters.integer("timeoutSeconds")?.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self {
            labels,
            fields,
            start,
            bookmarks: parameters.boolean("allowWatchBookmarks")? == Some(true),
            timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        })
    }
}

/// The rules of apimachinery's `validateWatchOptions`.
fn validate_watch(parameters: &Parameters) -> Result<(), Status> {
    let at = Path::new("resourceVersionMatch");
    let wanted = parameters.get("resourceVersionMatch");
    let initial = parameters.get("sendInitialEvents").is_some();
    let mut errors = Vec::new();
    if initial && wanted != Some("NotOlderThan") {
        let text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
        errors.push(Error::forbidden(&at, text));
    }
    if let Some(wanted) = wanted {
        if !initial {
            let text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            errors.push(Error::forbidden(&at, text));
        }
        if wanted != "NotOlderThan" {
            errors.push(Error::not_supported(&at, &Value::from(wanted), &["NotOlderThan"]));
        }
        if parameters.get("continue").is_some() {
            errors.push(Error::forbidden(&at, "resourceVersionMatch is forbidden when continue is provided"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid_options("ListOptions", &errors)) }
}

fn selectors(parameters: &Parameters, fields: &[String]) -> Result<(LabelSelector, FieldSelector), Status> {
    let labels = LabelSelector::parse(parameters.get("labelSelector").unwrap_or_default())
        .map_err(|error| Status::bad_request(error.to_string()))?;
    let fields = FieldSelector::parse(parameters.get("fieldSelector").unwrap_or_default(), fields)
        .map_err(|error| Status::bad_request(error.to_string()))?;
    Ok((labels, fields))
}

// === impl ListOptions ===

impl ListOptions {
    /// Reads the options of a list. `fields` are the fields that can be selected by.
    pub fn read(parameters: &Parameters, fields: &[String]) -> Result<Self, Status> {
        validate_list(parameters)?;
        // Of no meaning to a list, but it has to be a number.
        parameters.integer("timeoutSeconds")?;
        let (labels, fields) = selectors(parameters, fields)?;
        let limit = parameters.integer("limit")?.unwrap_or(0);
        let options = Self {
            labels,
            fields,
            limit: usize::try_from(limit).unwrap_or(0),
            next: parameters.get("continue").map(str::to_owned),
            revision: parameters.revision()?,
            exact: parameters.get("resourceVersionMatch") == Some("Exact"),
        };
        if options.next.is_some() && options.revision.is_some() {
            return Err(Status::bad_request(
                "specifying resource version is not allowed when using continue",
            ));
        }
        // Legacy semantics: a limit and a version without a match ask for exactly that version.
        let exact = options.limit > 0
            && options.revision.is_some()
            && parameters.get("resourceVersionMatch").is_none();
        Ok(Self { exact: options.exact || exact, ..options })
    }
}

/// The rules of apimachinery's `ValidateListOptions`.
fn validate_list(parameters: &Parameters) -> Result<(), Status> {
    let at = Path::new("resourceVersionMatch");
    let mut errors = Vec::new();
    let version = parameters.get("resourceVersion");
    if let Some(wanted) = parameters.get("resourceVersionMatch") {
        if version.is_none() {
            errors.push(Error::forbidden(
                &at,
                "resourceVersionMatch is forbidden unless resourceVersion is provided",
            ));
        }
        if parameters.get("continue").is_some() {
            errors.push(Error::forbidden(&at, "resourceVersionMatch is forbidden when continue is provided"));
        }
        if wanted != "Exact" && wanted != "NotOlderThan" {
            let supported = ["Exact", "NotOlderThan", ""];
            errors.push(Error::not_supported(&at, &Value::from(wanted), &supported));
        }
        if wanted == "Exact" && version == Some("0") {
            let text = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
            errors.push(Error::forbidden(&at, text));
        }
    }
    if parameters.get("sendInitialEvents").is_some() {
        let at = Path::new("sendInitialEvents");
        errors.push(Error::forbidden(&at, "sendInitialEvents is forbidden for list"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid_options("ListOptions", &errors)) }
}

/// `export` was withdrawn long ago, and must not be ignored (apiserver, `handlers/get.go`).
fn refuse_export(parameters: &Parameters) -> Result<(), Status> {
    match parameters.get("export") {
        Some("true" | "1" | "t" | "T" | "TRUE" | "True") => {
            Err(Status::bad_request("the export parameter, deprecated since v1.14, is no longer supported"))
        }
        _ => Ok(()),
    }
}

// === impl WriteOptions ===

impl WriteOptions {
    /// Reads the options of a write; `kind` is how an error names them: `CreateOptions`, `UpdateOptions` or
    /// `PatchOptions`.
    pub fn read(parameters: &Parameters, kind: &str) -> Result<Self, Status> {
        let mut errors = Vec::new();
        if kind == "PatchOptions" && parameters.boolean("force")?.is_some() {
            errors.push(Error::forbidden(&Path::new("force"), "may not be specified for non-apply patch"));
        }
        let dry_run = dry_run(&parameters.all("dryRun"), &mut errors);
        field_manager(parameters, &mut errors);
        let field_validation = match parameters.get("fieldValidation") {
            None | Some("Warn") => FieldValidation::Warn,
            Some("Ignore") => FieldValidation::Ignore,
            Some("Strict") => FieldValidation::Strict,
            Some(other) => {
                let supported = ["", "Ignore", "Strict", "Warn"];
                errors.push(Error::not_supported(
                    &Path::new("fieldValidation"),
                    &Value::from(other),
                    &supported,
                ));
                FieldValidation::Strict
            }
        };
        if errors.is_empty() {
            return Ok(Self { dry_run, field_validation });
        }
        Err(Status::invalid_options(kind, &errors))
    }
}

fn dry_run(values: &[String], errors: &mut Vec<Error>) -> bool {
    if values.iter().any(|value| value != "All") {
        errors.push(Error::not_supported(&Path::new("dryRun"), &Value::from(values), &["All"]));
    }
    !values.is_empty()
}

fn field_manager(parameters: &Parameters, errors: &mut Vec<Error>) {
    let Some(manager) = parameters.get("fieldManager") else { return };
    let at = Path::new("fieldManager");
    if i64::try_from(manager.len()).is_ok_and(|length| length > FIELD_MANAGER_MOST) {
        errors.push(Error::too_long(&at, FIELD_MANAGER_MOST));
    }
    if let Some(at_byte) = manager.find(char::is_control) {
        let text =
            format!("should only contain printable characters (has an unprintable one at byte {at_byte})");
        errors.push(Error::invalid(&at, &Value::from(manager), &text));
    }
}

// === impl DeleteOptions ===

impl DeleteOptions {
    /// Reads the options of a delete: from the body if there is one, else from the query. `api_version` is
    /// that of the served group, under which DeleteOptions are known too.
    pub fn read(parameters: &Parameters, body: Option<Value>, api_version: &str) -> Result<Self, Status> {
        let body = match body {
            Some(body) => parse_body(body, api_version)?,
            None => DeleteOptionsBody {
                dry_run: parameters.all("dryRun"),
                propagation_policy: parameters.get("propagationPolicy").map(str::to_owned),
                orphan_dependents: parameters
                    .get("orphanDependents")
                    .map(|value| value == "true" || value == "1"),
                ..DeleteOptionsBody::default()
            },
        };
        let mut errors = Vec::new();
        let at = Path::new("propagationPolicy");
        if body.propagation_policy.is_some() && body.orphan_dependents.is_some() {
            let text = "orphanDependents and deletionPropagation cannot be both set";
            errors.push(Error::invalid(&at, &Value::from(body.propagation_policy.clone()), text));
        }
        let propagation = match (body.propagation_policy.as_deref(), body.orphan_dependents) {
            (Some("Background"), _) | (None, Some(false)) => Some(Propagation::Background),
            (Some("Foreground"), _) => Some(Propagation::Foreground),
            (Some("Orphan"), _) | (None, Some(true)) => Some(Propagation::Orphan),
            (None, None) => None,
            (Some(policy), _) => {
                let supported = ["Foreground", "Background", "Orphan", "nil"];
                errors.push(Error::not_supported(&at, &Value::from(policy), &supported));
                None
            }
        };
        let dry_run = dry_run(&body.dry_run, &mut errors);
        if !errors.is_empty() {
            return Err(Status::invalid_options("DeleteOptions", &errors));
        }
        Ok(Self { dry_run, preconditions: body.preconditions.unwrap_or_default(), propagation })
    }
}

fn parse_body(body: Value, api_version: &str) -> Result<DeleteOptionsBody, Status> {
    // serde would read the fields of a struct from a list, too.
    let preconditions = body.get("preconditions").unwrap_or(&Value::Null);
    if !body.is_object() || !(preconditions.is_object() || preconditions.is_null()) {
        return Err(Status::bad_request("the body is no DeleteOptions: it is not a JSON object"));
    }
    let options: DeleteOptionsBody = serde_json::from_value(body)
        .map_err(|error| Status::bad_request(format!("the body is no DeleteOptions: {error}")))?;
    let known = [api_version, "v1", "meta.k8s.io/v1", ""].contains(&options.api_version.as_str());
    if known && (options.kind == "DeleteOptions" || options.kind.is_empty()) {
        return Ok(options);
    }
    Err(Status::failure(
        Reason::BadRequest,
        format!("no kind {:?} is registered for version {:?}", options.kind, options.api_version),
    ))
}
