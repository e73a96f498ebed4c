//! Options of delete.

use serde::Deserialize;
use serde_json::Value;
use tributary_expr::gotext;
use tributary_schema::field::{Error, Path};

use super::parameters::Parameters;
use super::write::dry_run;
use crate::mismatch;
use crate::status::Status;

/// Options of delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Everything but the deletion.
    pub dry_run: bool,
    /// What must be true of the object.
    pub preconditions: Preconditions,
    /// What becomes of the objects that it owns; absent: what its finalizers say, else Background.
    pub propagation: Option<Propagation>,
    /// Whether a deletion that waits for finalizers is answered as accepted: `orphanDependents` was false.
    pub accepts: bool,
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
    dry_run: Option<Vec<String>>,
    preconditions: Option<Preconditions>,
    propagation_policy: Option<String>,
    orphan_dependents: Option<bool>,
}

impl DeleteOptions {
    /// Reads the options of a delete: from the body if there is one, else from the query.
    pub fn read(parameters: &Parameters, body: Option<Value>) -> Result<Self, Status> {
        let body = match body {
            Some(body) => parse_body(body)?,
            None => from_query(parameters)?,
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
        let dry_run = dry_run(&body.dry_run.unwrap_or_default(), &mut errors);
        if !errors.is_empty() {
            return Err(Status::invalid_options("DeleteOptions", &errors));
        }
        let preconditions = body.preconditions.unwrap_or_default();
        Ok(Self { dry_run, preconditions, propagation, accepts: body.orphan_dependents == Some(false) })
    }
}

fn from_query(parameters: &Parameters) -> Result<DeleteOptionsBody, Status> {
    // Custom resources know no grace, but it has to be a number.
    parameters.integer("gracePeriodSeconds")?;
    let given = |name: &str| parameters.get(name).map(str::to_owned);
    let preconditions = Preconditions { uid: given("uid"), resource_version: given("resourceVersion") };
    Ok(DeleteOptionsBody {
        dry_run: Some(parameters.all("dryRun")),
        preconditions: Some(preconditions),
        propagation_policy: parameters.first("propagationPolicy").map(str::to_owned),
        orphan_dependents: parameters.boolean("orphanDependents"),
    })
}

const META: &str = "meta.k8s.io/v1";
/// Kinds that are known in every version of every group, as DeleteOptions are.
const KNOWN: [&str; 7] = [
    "APIGroup",
    "APIGroupList",
    "APIResourceList",
    "APIVersions",
    "CreateOptions",
    "Status",
    "UpdateOptions",
];
/// Those that are known in [`META`] only.
const KNOWN_IN_META: [&str; 8] = [
    "GetOptions",
    "ListOptions",
    "PartialObjectMetadata",
    "PartialObjectMetadataList",
    "PatchOptions",
    "Table",
    "TableOptions",
    "WatchEvent",
];

/// Why an object of another kind is not taken for DeleteOptions.
fn other_kind(kind: &str, version: &str) -> String {
    if KNOWN.contains(&kind) || version == META && KNOWN_IN_META.contains(&kind) {
        return format!("converting (v1.{kind}) to (v1.DeleteOptions): unknown conversion");
    }
    let (kind, version) = (gotext::quoted(kind), gotext::quoted(version));
    format!("no kind {kind} is registered for version {version} in scheme \"pkg/runtime/scheme.go:111\"")
}

/// The options of a body, which need not say what they are. They are known in every version of every group.
fn parse_body(mut body: Value) -> Result<DeleteOptionsBody, Status> {
    if body.is_null() {
        return Ok(DeleteOptionsBody::default());
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, version) = (text("kind"), text("apiVersion"));
    if !["DeleteOptions", ""].contains(&kind.as_str()) {
        let version = if version.is_empty() { META } else { &version };
        return Err(Status::bad_request(other_kind(&kind, version)));
    }
    mismatch::read_delete_options(&mut body).map_err(Status::bad_request)?;
    serde_json::from_value(body).map_err(|error| Status::bad_request(error.to_string()))
}
