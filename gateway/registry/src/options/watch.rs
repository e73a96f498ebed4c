//! Options of watch.

use std::time::Duration;

use serde_json::Value;
use tributary_collection::{FieldSelector, LabelSelector};
use tributary_schema::field::{Error, Path};

use super::list::{Collection, supported};
use super::parameters::Parameters;
use crate::status::Status;

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

impl WatchOptions {
    /// The least revision that there is to be when it begins.
    pub fn at_least(&self) -> Option<u64> {
        match self.start {
            Start::State { at_least } => at_least,
            Start::After(revision) => Some(revision),
            Start::Now => None,
        }
    }

    /// Reads the options of a watch. `fields` are the fields that can be selected by.
    pub fn read(parameters: &Parameters, fields: &[String]) -> Result<Self, Status> {
        let Collection { labels, fields: selected, timeout, .. } = Collection::decode(parameters)?;
        validate_watch(parameters)?;
        let fields = supported(selected, fields)?;
        let revision = parameters.revision()?;
        let start = match (parameters.boolean("sendInitialEvents"), revision) {
            (Some(true), at_least) => Start::State { at_least },
            (None, None) => Start::State { at_least: None },
            (Some(false), None) => Start::Now,
            (_, Some(revision)) => Start::After(revision),
        };
        let seconds = timeout.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self {
            labels,
            fields,
            start,
            bookmarks: parameters.boolean("allowWatchBookmarks") == Some(true),
            timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        })
    }
}

/// The rules of apimachinery's `validateWatchOptions`.
fn validate_watch(parameters: &Parameters) -> Result<(), Status> {
    let at = Path::new("resourceVersionMatch");
    let mut wanted = parameters.get("resourceVersionMatch");
    let mut initial = parameters.boolean("sendInitialEvents").is_some();
    if !initial && wanted.is_none() && matches!(parameters.get("resourceVersion"), None | Some("0")) {
        // A watch from any state begins with it (`SetListOptionsDefaults`).
        (initial, wanted) = (true, Some("NotOlderThan"));
    }
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
