//! Options of get and list.

use serde_json::Value;
use tributary_collection::{FieldSelector, LabelSelector};
use tributary_schema::field::{Error, Path};

use super::parameters::Parameters;
use crate::status::Status;
use crate::token::Token;

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

/// What requests for a collection have in common, decoded.
pub(super) struct Collection {
    pub(super) labels: LabelSelector,
    /// Of whatever fields.
    pub(super) fields: FieldSelector,
    pub(super) limit: i64,
    pub(super) timeout: Option<i64>,
}

// === impl GetOptions ===

impl GetOptions {
    /// Reads the options of a get.
    pub fn read(parameters: &Parameters) -> Result<Self, Status> {
        refuse_export(parameters)?;
        Ok(Self { revision: parameters.revision()? })
    }
}

/// `export` was withdrawn long ago, and must not be ignored (apiserver, `handlers/get.go`).
fn refuse_export(parameters: &Parameters) -> Result<(), Status> {
    match parameters.boolean("export") {
        Some(true) => {
            Err(Status::bad_request("the export parameter, deprecated since v1.14, is no longer supported"))
        }
        _ => Ok(()),
    }
}

// === impl ListOptions ===

impl ListOptions {
    /// Reads the options of a list. `fields` are the fields that can be selected by.
    pub fn read(parameters: &Parameters, fields: &[String]) -> Result<Self, Status> {
        let Collection { labels, fields: selected, limit, .. } = Collection::decode(parameters)?;
        validate_list(parameters)?;
        let fields = supported(selected, fields)?;
        // Whatever there is satisfies revision 0; kube-apiserver takes all of it from its cache, in one page.
        let any = parameters.get("resourceVersion") == Some("0") && parameters.get("continue").is_none();
        let options = Self {
            labels,
            fields,
            limit: usize::try_from(limit).ok().filter(|_| !any).unwrap_or(0),
            next: parameters.get("continue").map(str::to_owned),
            revision: revision_of_list(parameters)?,
            exact: parameters.get("resourceVersionMatch") == Some("Exact"),
        };
        // Legacy semantics: a limit and a version without a match ask for exactly that version.
        let exact = options.limit > 0
            && options.revision.is_some()
            && parameters.get("resourceVersionMatch").is_none();
        Ok(Self { exact: options.exact || exact, ..options })
    }

    /// Reads those of what is deleted, which is listed page by page: as if a limit was given.
    pub fn of_deletion(parameters: &Parameters, fields: &[String]) -> Result<Self, Status> {
        let options = Self::read(parameters, fields)?;
        let exact = options.revision.is_some() && parameters.get("resourceVersionMatch").is_none();
        Ok(Self { exact: options.exact || exact, ..options })
    }
}

/// The revision of a list. What is wrong with a token is told before that the revision is none.
fn revision_of_list(parameters: &Parameters) -> Result<Option<u64>, Status> {
    parameters.revision().or_else(|refused| {
        parameters.get("continue").map_or(Ok(()), |token| Token::decode(token).map(drop))?;
        Err(refused)
    })
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
    if parameters.boolean("sendInitialEvents").is_some() {
        let at = Path::new("sendInitialEvents");
        errors.push(Error::forbidden(&at, "sendInitialEvents is forbidden for list"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid_options("ListOptions", &errors)) }
}

// === impl Collection ===

impl Collection {
    pub(super) fn decode(parameters: &Parameters) -> Result<Self, Status> {
        let timeout = parameters.integer("timeoutSeconds")?;
        let limit = parameters.integer("limit")?.unwrap_or(0);
        let refused = |error: &dyn std::fmt::Display| Status::bad_request(error.to_string());
        let labels = LabelSelector::parse(parameters.get("labelSelector").unwrap_or_default());
        let labels = labels.map_err(|error| refused(&error))?;
        let fields = FieldSelector::parse_any(parameters.get("fieldSelector").unwrap_or_default());
        let fields = fields.map_err(|error| refused(&error))?;
        Ok(Self { labels, fields, limit, timeout })
    }
}

/// The selector, if the resource has all of its `fields`.
pub(super) fn supported(selector: FieldSelector, fields: &[String]) -> Result<FieldSelector, Status> {
    selector.supported(fields).map_err(|error| Status::bad_request(error.to_string()))
}
