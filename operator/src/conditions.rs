//! The conditions of an AggregatedAPI, told from the verdict and from what was seen: pure.

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::{APIService, APIServiceCondition};
use kube::ResourceExt;
use tributary_crds::{DeletionPolicy, Storage, StorageKind};

use crate::claim::{ClaimSeen, VOLUME_PENDING};
use crate::observation::{AbsenceSeen, Observation, Stage};
use crate::pods::trouble;
use crate::reports::{REASONS, Report};
use crate::verdict::{Accepted, Refusal, truncated};

/// The definition is accepted.
pub(crate) const ACCEPTED: &str = "Accepted";
/// CA and serving certificate are in their Secrets.
pub(crate) const CERTIFICATES_READY: &str = "CertificatesReady";
/// At least one gateway is ready.
pub(crate) const GATEWAY_AVAILABLE: &str = "GatewayAvailable";
/// kube-apiserver reaches every version.
pub(crate) const API_SERVICES_AVAILABLE: &str = "APIServicesAvailable";
/// The last accepted definition is served, whatever became of this one.
pub(crate) const SERVED: &str = "Served";
/// Stored objects are lost with their Pod.
pub(crate) const DATA_VOLATILE: &str = "DataVolatile";
/// All of it.
pub(crate) const READY: &str = "Ready";

/// Nobody need act: it is a matter of time.
const PROGRESS: [&str; 6] =
    ["Pending", "GatewayStarting", "GatewayNotReady", "WaitingForGateway", "Waiting", VOLUME_PENDING];

/// For how long a new APIService may be unavailable without being news: until every node knows its endpoints.
pub(crate) const SETTLING: SignedDuration = SignedDuration::from_secs(20);

/// What conditions are told from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// The verdict on the definition.
    pub(crate) verdict: &'a Result<Accepted, Refusal>,
    /// Where stored objects are kept, if anywhere.
    pub(crate) storage: Option<&'a Storage>,
    /// What was seen of the children.
    pub(crate) observation: &'a Observation,
    /// What the gateways told; none if they have not been asked yet.
    pub(crate) report: Option<&'a Report>,
}

/// A condition without its times.
struct State {
    status: &'static str,
    reason: String,
    message: String,
}

/// All conditions of `generation`. A condition keeps the time of `previous` unless its status changes.
pub(crate) fn conditions(
    facts: Facts<'_>,
    generation: Option<i64>,
    previous: &[Condition],
    now: Timestamp,
) -> Vec<Condition> {
    let first = [
        (ACCEPTED, accepted(facts)),
        (CERTIFICATES_READY, certificates_ready(facts)),
        (GATEWAY_AVAILABLE, gateway_available(facts)),
        (API_SERVICES_AVAILABLE, api_services_available(facts, now)),
    ];
    let ready = ready(&first, facts, previous);
    let served = served(facts);
    let rest = [(SERVED, served), (DATA_VOLATILE, data_volatile(facts)), (READY, ready)];
    let dated = |(type_, state): (&str, State)| dated(type_, state, generation, previous, now);
    first.into_iter().chain(rest).map(dated).collect()
}

/// Whether a condition only says that something is under way.
pub(crate) fn is_progress(condition: &Condition) -> bool {
    PROGRESS.contains(&condition.reason.as_str())
}

fn accepted(facts: Facts<'_>) -> State {
    match facts.verdict {
        Ok(_) => State::yes("Accepted", "the definition is accepted"),
        Err(refusal) => State::no(refusal.reason.as_str(), refusal.message.clone()),
    }
}

fn certificates_ready(facts: Facts<'_>) -> State {
    if let Some(message) = facts.observation.failure_of(&[Stage::Access, Stage::Certificates]) {
        return State::no("CertificatesFailed", message.to_owned());
    }
    match &facts.observation.certificates {
        Some(seen) => {
            State::yes("Issued", format!("the serving certificate is valid until {}", seen.serving_not_after))
        }
        None => pending(facts),
    }
}

fn gateway_available(facts: Facts<'_>) -> State {
    let observation = facts.observation;
    if let Some(message) = observation.failure_of(&[Stage::Access, Stage::Gateway]) {
        return State::no("ApplyFailed", message.to_owned());
    }
    let (ready, wanted) = (observation.ready_replicas(), observation.wanted_replicas());
    if ready == 0
        && let Some(obstacle) = claim(facts).and_then(ClaimSeen::obstacle)
    {
        return State::no(&obstacle.reason, obstacle.message);
    }
    let Some(deployment) = &observation.deployment else { return pending(facts) };
    if ready == 0 {
        let trouble = trouble(deployment, &observation.pods);
        return State::no(&trouble.reason, format!("{}{}", trouble.message, meanwhile(observation)));
    }
    let mut message = format!("{ready} of {wanted} gateways are ready");
    if let Some(update) = update_trouble(deployment, observation) {
        message = format!("{message}; the update waits: {update}");
    }
    State::yes("GatewayReady", message)
}

/// What is done for the others while no gateway is ready.
fn meanwhile(observation: &Observation) -> String {
    match &observation.absence {
        None => String::new(),
        Some(AbsenceSeen { since: None, .. }) => {
            "; the stand-in is not ready either: discovery, garbage collection and the deletion of namespaces wait".to_owned()
        }
        Some(AbsenceSeen { recorded: None, .. }) => {
            "; meanwhile the stand-in answers discovery, and requests for objects with 503".to_owned()
        }
        Some(AbsenceSeen { recorded: Some(at), .. }) => {
            format!("; since {at} namespaces are deleted without the group, whose gateway deletes what they leave when it is back")
        }
    }
}

/// What keeps a rolling update from its end while the old gateways still serve.
fn update_trouble(deployment: &Deployment, observation: &Observation) -> Option<String> {
    if observation.is_rolled_out() {
        return None;
    }
    let trouble = trouble(deployment, &observation.pods);
    (!trouble.is_progress()).then(|| format!("{}: {}", trouble.reason, trouble.message))
}

fn api_services_available(facts: Facts<'_>, now: Timestamp) -> State {
    let observation = facts.observation;
    if let Some(message) = observation.failure_of(&[Stage::ApiServices]) {
        return State::no("ApplyFailed", message.to_owned());
    }
    let services = &observation.api_services;
    if let Ok(accepted) = facts.verdict {
        if accepted.versions.is_empty() {
            return State::yes("NothingDeclared", "neither resources nor endpoints are declared");
        }
        if services.len() < accepted.versions.len() {
            return State::no("WaitingForGateway", "APIServices are created when a gateway is ready");
        }
    } else if services.is_empty() {
        return pending(facts);
    }
    match services.iter().find(|service| !is_available(service)) {
        None => State::yes("Available", format!("{} of {0} APIServices are available", services.len())),
        Some(service) => match availability(service) {
            Some(condition) => State::no(
                reason(service, condition, now),
                format!("{}: {}", service.name_any(), condition.message.as_deref().unwrap_or_default()),
            ),
            None => {
                State::no("Waiting", format!("{}: kube-apiserver has not looked yet", service.name_any()))
            }
        },
    }
}

/// kube-apiserver's own reason, unless the APIService is so new that nodes may not know its endpoints yet.
fn reason<'a>(service: &APIService, condition: &'a APIServiceCondition, now: Timestamp) -> &'a str {
    let created = service.metadata.creation_timestamp.as_ref();
    if created.is_some_and(|created| now.duration_since(created.0) < SETTLING) {
        return "Waiting";
    }
    condition.reason.as_deref().filter(|reason| !reason.is_empty()).unwrap_or("Unavailable")
}

/// Whether what was accepted last can be used.
fn served(facts: Facts<'_>) -> State {
    let services = &facts.observation.api_services;
    if services.is_empty() {
        return State::no("NotServed", "there is no APIService");
    }
    if facts.observation.ready_replicas() == 0 {
        return State::no("NotServed", "no gateway is ready");
    }
    match services.iter().find(|service| !is_available(service)) {
        Some(service) => State::no("NotServed", format!("{} is not available", service.name_any())),
        None if facts.verdict.is_ok() => State::yes("Served", "the definition is served"),
        None => State::yes("LastAcceptedServed", "the last accepted definition is served"),
    }
}

fn data_volatile(facts: Facts<'_>) -> State {
    if facts.verdict.is_err() && facts.observation.deployment.is_none() {
        return pending(facts);
    }
    match facts.storage.map(Storage::kind) {
        Some(Ok(StorageKind::Memory(_))) => State::yes(
            "StorageMemory",
            "stored objects are kept in memory and are lost with the gateway's Pod",
        ),
        Some(Ok(StorageKind::Embedded(_))) => claim_volatile(facts),
        _ => State::no("NothingVolatile", "no object is kept in memory only"),
    }
}

/// A claim that is being deleted goes when the gateway's Pod ends, so that its objects are as volatile as any.
fn claim_volatile(facts: Facts<'_>) -> State {
    let Some(claim) = claim(facts) else { return pending(facts) };
    if let Some(going) = claim.trouble().filter(|_| claim.is_going()) {
        return State::yes(&going.reason, going.message);
    }
    let end = match facts.storage.map(|storage| storage.deletion_policy) {
        Some(DeletionPolicy::Delete) => "goes with the AggregatedAPI (deletionPolicy: Delete)",
        _ => "stays when the AggregatedAPI is deleted (deletionPolicy: Retain)",
    };
    State::no("StorageEmbedded", format!("stored objects are kept in {claim}; it {end}"))
}

/// The claim, where the definition has a database file: one of an earlier definition is none of its business.
fn claim(facts: Facts<'_>) -> Option<&ClaimSeen> {
    facts.storage.filter(|storage| storage.embedded.is_some())?;
    facts.observation.claim.as_ref()
}

/// Ready as the first condition that is not.
fn ready(conditions: &[(&str, State)], facts: Facts<'_>, previous: &[Condition]) -> State {
    match conditions.iter().find(|(_, state)| state.status != "True") {
        Some((_, state)) => State::no(&state.reason, state.message.clone()),
        None => match claim(facts).and_then(ClaimSeen::trouble) {
            Some(trouble) => State::no(&trouble.reason, trouble.message),
            None => sources_ready(facts, previous),
        },
    }
}

/// Ready, unless views cannot be read.
fn sources_ready(facts: Facts<'_>, previous: &[Condition]) -> State {
    match facts.observation.failure_of(&[Stage::Sources]) {
        Some(message) => State::no("SourcesNotGranted", message.to_owned()),
        None => unread(facts, previous).unwrap_or_else(|| State::yes("Ready", ready_message(facts))),
    }
}

/// The views that cannot be read. Before gateways have been asked, which an operator that has just started has not, what
/// was told before stays.
fn unread(facts: Facts<'_>, previous: &[Condition]) -> Option<State> {
    if let Some(report) = facts.report {
        return report.trouble().map(|trouble| State::no(trouble.reason, trouble.message));
    }
    let known = previous.iter().find(|condition| condition.type_ == READY)?;
    REASONS.contains(&known.reason.as_str()).then(|| State::no(&known.reason, known.message.clone()))
}

fn ready_message(facts: Facts<'_>) -> String {
    match facts.verdict {
        Ok(accepted) if accepted.versions.is_empty() => {
            "neither resources nor endpoints are declared".to_owned()
        }
        _ => format!("{} of {0} versions are served", facts.observation.api_services.len()),
    }
}

/// A step that was not reached.
fn pending(facts: Facts<'_>) -> State {
    if let Some(failure) = &facts.observation.failure {
        return State::unknown("Pending", format!("an earlier step failed: {}", failure.message));
    }
    match facts.verdict {
        Ok(_) => State::unknown("Pending", "not done yet".to_owned()),
        Err(refusal) => {
            State::unknown(refusal.reason.as_str(), "no definition has been accepted yet".to_owned())
        }
    }
}

/// The condition `Available` of an APIService, which kube-apiserver writes.
fn availability(service: &APIService) -> Option<&APIServiceCondition> {
    let conditions = service.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == "Available")
}

/// Whether kube-apiserver reaches a version.
pub(crate) fn is_available(service: &APIService) -> bool {
    availability(service).is_some_and(|condition| condition.status == "True")
}

fn dated(
    type_: &str,
    state: State,
    generation: Option<i64>,
    previous: &[Condition],
    now: Timestamp,
) -> Condition {
    let unchanged =
        previous.iter().find(|condition| condition.type_ == type_ && condition.status == state.status);
    Condition {
        type_: type_.to_owned(),
        status: state.status.to_owned(),
        reason: state.reason,
        message: truncated(&state.message),
        observed_generation: generation,
        last_transition_time: unchanged
            .map_or_else(|| Time(now), |condition| condition.last_transition_time.clone()),
    }
}

// === impl State ===

impl State {
    fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "True", reason: reason.to_owned(), message: message.into() }
    }

    fn no(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "False", reason: reason.to_owned(), message: message.into() }
    }

    fn unknown(reason: &str, message: String) -> Self {
        Self { status: "Unknown", reason: reason.to_owned(), message }
    }
}
