//! Events: what changed, where `kubectl describe` shows it.

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Client, Resource};
use tributary_crds::AggregatedApi;

use crate::claim;
use crate::conditions::{
    self, ACCEPTED, API_SERVICES_AVAILABLE, CERTIFICATES_READY, GATEWAY_AVAILABLE, READY,
};
use crate::group::MANAGER;
use crate::reports::REASONS;

/// The conditions whose changes users care for.
const ANNOUNCED: [&str; 5] = [ACCEPTED, CERTIFICATES_READY, GATEWAY_AVAILABLE, API_SERVICES_AVAILABLE, READY];

/// Publishes Events.
pub(crate) struct Events {
    client: Client,
    reporter: Reporter,
}

// === impl Events ===

impl Events {
    /// Events that `instance` reports.
    pub(crate) fn new(client: Client, instance: String) -> Self {
        Self { client, reporter: Reporter { controller: MANAGER.to_owned(), instance: Some(instance) } }
    }

    /// Publishes what changed between two lists of conditions. An Event that cannot be published is only logged: it
    /// repeats what the status says.
    pub(crate) async fn announce(&self, api: &AggregatedApi, before: &[Condition], after: &[Condition]) {
        let reference = api.object_ref(&());
        for event in changes(before, after) {
            self.publish(&event, &reference).await;
        }
    }

    async fn publish(&self, event: &Event, reference: &ObjectReference) {
        // A recorder of its own for each: a shared one would add to an older Event of the same reason, with the text
        // of that one.
        let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
        if let Err(error) = recorder.publish(event, reference).await {
            tracing::warn!(%error, reason = event.reason, "cannot publish an Event");
        }
    }
}

/// The Events of changed conditions. A refusal whose text changed is news; what is only a matter of time is not.
fn changes(before: &[Condition], after: &[Condition]) -> Vec<Event> {
    after
        .iter()
        .filter(|condition| ANNOUNCED.contains(&condition.type_.as_str()))
        .filter(|condition| condition.status != "Unknown" && !conditions::is_progress(condition))
        // Ready repeats what keeps it from being true, but for what only gateways know, and a claim from which they serve.
        .filter(|condition| {
            let reason = condition.reason.as_str();
            let own = REASONS.contains(&reason)
                || (claim::REASONS.contains(&reason) && !is_repeated(condition, after));
            condition.type_ != READY || condition.status == "True" || own
        })
        .filter(|condition| {
            let previous = before.iter().find(|previous| previous.type_ == condition.type_);
            previous.is_none_or(|previous| {
                let new_text = condition.type_ == ACCEPTED && previous.message != condition.message;
                previous.status != condition.status || previous.reason != condition.reason || new_text
            })
        })
        .map(event)
        .collect()
}

/// Whether another condition that is announced says the same.
fn is_repeated(condition: &Condition, all: &[Condition]) -> bool {
    let others = all.iter().filter(|other| other.type_ != condition.type_);
    let mut others = others.filter(|other| ANNOUNCED.contains(&other.type_.as_str()));
    others.any(|other| other.reason == condition.reason)
}

fn event(condition: &Condition) -> Event {
    let type_ = if condition.status == "True" { EventType::Normal } else { EventType::Warning };
    Event {
        type_,
        reason: condition.reason.clone(),
        note: Some(condition.message.clone()),
        action: "Reconcile".to_owned(),
        secondary: None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    fn condition((type_, status, reason, message): (&str, &str, &str, &str)) -> Condition {
        Condition {
            type_: type_.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: message.to_owned(),
            observed_generation: None,
            last_transition_time: Time(Timestamp::UNIX_EPOCH),
        }
    }

    type Row = (&'static str, &'static str, &'static str, &'static str);

    fn check(case: &str, before: &[Row], after: Row, want: Option<&str>) {
        let before: Vec<_> = before.iter().copied().map(condition).collect();
        let events = changes(&before, &[condition(after)]);
        assert_eq!(events.first().map(|event| event.reason.as_str()), want, "{case}");
        assert!(events.len() <= 1, "{case}");
    }

    #[test]
    fn announced_changes() {
        let accepted = ("Accepted", "True", "Accepted", "the definition is accepted");
        let rejected = ("Accepted", "False", "DefinitionRejected", "spec.a: wrong");
        let rejected_anew = ("Accepted", "False", "DefinitionRejected", "spec.b: wrong");
        check("first", &[], accepted, Some("Accepted"));
        check("the same", &[accepted], accepted, None);
        check("rejected", &[accepted], rejected, Some("DefinitionRejected"));
        check("rejected for another reason", &[rejected], rejected_anew, Some("DefinitionRejected"));
        let starting = ("GatewayAvailable", "False", "GatewayStarting", "");
        check("starting", &[], starting, None);
        let pulling = ("GatewayAvailable", "False", "ImagePullBackOff", "Pod g-1");
        let pulling_again = ("GatewayAvailable", "False", "ImagePullBackOff", "Pod g-2");
        check("pulling", &[starting], pulling, Some("ImagePullBackOff"));
        check("another Pod", &[pulling], pulling_again, None);
        check("not ready", &[], ("Ready", "False", "ImagePullBackOff", ""), None);
        let missing = ("Ready", "False", "SourceNotFound", "a: there is no pods of v1");
        check("a source is missing", &[("Ready", "True", "Ready", "")], missing, Some("SourceNotFound"));
        check("it still is", &[missing], missing, None);
        let short = ("Ready", "False", "ClaimNotAsDeclared", "it cannot shrink");
        check(
            "a claim that cannot shrink",
            &[("Ready", "True", "Ready", "")],
            short,
            Some("ClaimNotAsDeclared"),
        );
        let lost = |type_| condition((type_, "False", "ClaimLost", "it has lost its volume"));
        let both = changes(&[], &[lost("GatewayAvailable"), lost("Ready")]);
        assert_eq!(both.len(), 1, "it is told once");
        check("ready", &[], ("Ready", "True", "Ready", ""), Some("Ready"));
        check("unknown", &[], ("CertificatesReady", "Unknown", "Pending", ""), None);
    }
}
