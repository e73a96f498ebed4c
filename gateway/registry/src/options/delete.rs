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
    kind: String,
    api_version: String,
    dry_run: Vec<String>,
    preconditions: Option<Preconditions>,
    propagation_policy: Option<String>,
    orphan_dependents: Option<bool>,
}

impl DeleteOptions {
    /// Reads the options of a delete: from the body if there is one, else from the query. `api_version` is
    /// that of the served group, under which DeleteOptions are known too.
    pub fn read(parameters: &Parameters, body: Option<Value>, api_version: &str) -> Result<Self, Status> {
        let body = match body {
            Some(body) => parse_body(body, api_version)?,
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
        let dry_run = dry_run(&body.dry_run, &mut errors);
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
        dry_run: parameters.all("dryRun"),
        preconditions: Some(preconditions),
        propagation_policy: parameters.first("propagationPolicy").map(str::to_owned),
        orphan_dependents: parameters.boolean("orphanDependents"),
        ..DeleteOptionsBody::default()
    })
}

fn parse_body(body: Value, api_version: &str) -> Result<DeleteOptionsBody, Status> {
    // serde would read the fields of a struct from a list, too.
    let preconditions = body.get("preconditions").unwrap_or(&Value::Null);
    if !body.is_object() || !(preconditions.is_object() || preconditions.is_null()) {
        return Err(Status::bad_request("the body is no DeleteOptions: it is not a JSON object"));
    }
    let grace = body.get("gracePeriodSeconds").unwrap_or(&Value::Null);
    if !grace.is_null() && !grace.is_i64() {
        let text =
            "json: cannot unmarshal KIND into Go struct field DeleteOptions.gracePeriodSeconds of type int64";
        return Err(Status::bad_request(text.replace("KIND", mismatch::kind(grace))));
    }
    let options: DeleteOptionsBody = serde_json::from_value(body)
        .map_err(|error| Status::bad_request(format!("the body is no DeleteOptions: {error}")))?;
    // Every version of the served group knows them, too.
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let of_group = options.api_version.split_once('/').is_some_and(|(named, _)| named == group);
    let known = of_group || ["v1", "meta.k8s.io/v1", ""].contains(&options.api_version.as_str());
    if known && (options.kind == "DeleteOptions" || options.kind.is_empty()) {
        return Ok(options);
    }
    // What is not said is that of DeleteOptions.
    let or = |given: &str, default: &str| gotext::quoted(if given.is_empty() { default } else { given });
    let kind = or(&options.kind, "DeleteOptions");
    let version = or(&options.api_version, "meta.k8s.io/v1");
    Err(Status::bad_request(format!(
        "no kind {kind} is registered for version {version} in scheme \"pkg/runtime/scheme.go:111\""
    )))
}
