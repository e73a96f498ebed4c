//! What Kubernetes says of a claim that has no volume: its Events.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Event;

/// The binding waits until a Pod is scheduled, as its class wants it.
const FOR_POD: [&str; 2] = ["WaitForFirstConsumer", "WaitForPodScheduled"];
/// Nothing will come of it by itself, though the Event's type is Normal.
const NO_VOLUME: &str = "FailedBinding";
/// For how long a failure counts while the same is tried again: the longest pause of a provisioner between two tries.
const TRIED_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// What was said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The Event's reason.
    pub(crate) reason: String,
    /// Its text.
    pub(crate) message: String,
    /// Whether it says that something went wrong.
    pub(crate) is_failure: bool,
}

/// What was said last of a claim; rather a failure, if that has not been long before.
pub(crate) fn last_said(events: &[Event]) -> Option<Said> {
    let newest = events.iter().max_by_key(|event| time(event))?;
    let failure = events.iter().filter(|event| is_failure(event)).max_by_key(|event| time(event));
    let recent = failure.filter(|failure| time(newest).duration_since(time(failure)) <= TRIED_AGAIN);
    let told = recent.unwrap_or(newest);
    Some(Said {
        reason: told.reason.clone().unwrap_or_default(),
        message: told.message.clone().unwrap_or_default(),
        is_failure: is_failure(told),
    })
}

fn is_failure(event: &Event) -> bool {
    event.type_.as_deref() == Some("Warning") || event.reason.as_deref() == Some(NO_VOLUME)
}

/// When it was said the last time; events come in two forms.
fn time(event: &Event) -> Timestamp {
    let observed = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    let times = [
        observed.map(|time| time.0),
        event.last_timestamp.as_ref().map(|time| time.0),
        event.event_time.as_ref().map(|time| time.0),
        event.metadata.creation_timestamp.as_ref().map(|time| time.0),
    ];
    times.into_iter().flatten().max().unwrap_or_default()
}

// === impl Said ===

impl Said {
    /// Whether it is for the Pod to be scheduled first.
    pub(crate) fn waits_for_pod(&self) -> bool {
        FOR_POD.contains(&self.reason.as_str())
    }
}
