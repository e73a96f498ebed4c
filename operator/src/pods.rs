//! What keeps a gateway from running, told from its Deployment and Pods.

use std::net::{IpAddr, SocketAddr};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};
use kube::ResourceExt;

use crate::children::{GATEWAY_CONTAINER, PORT_NAME};

/// What keeps a gateway from running, or that it is only starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Kubernetes' own word for it, or ours.
    pub(crate) reason: String,
    /// What to tell the user.
    pub(crate) message: String,
}

/// Waiting for these is ordinary; every other reason of a waiting container is an error.
const ORDINARY: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// Whether a Pod serves, and is not about to end.
pub(crate) fn is_serving(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let mut ready =
        conditions.filter(|condition| condition.type_ == "Ready").map(|condition| condition.status == "True");
    pod.metadata.deletion_timestamp.is_none() && ready.next().unwrap_or(false)
}

/// Where a container of a Pod serves.
pub(crate) fn address(pod: &Pod, container: &str) -> Option<SocketAddr> {
    let ip: IpAddr = pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()?;
    let container = pod.spec.as_ref()?.containers.iter().find(|one| one.name == container)?;
    let port = container.ports.iter().flatten().find(|port| port.name.as_deref() == Some(PORT_NAME))?;
    Some(SocketAddr::new(ip, u16::try_from(port.container_port).ok()?))
}

/// The first of what keeps a gateway from running, or that it is starting.
pub(crate) fn trouble(deployment: &Deployment, pods: &[Pod]) -> Trouble {
    let alive = || pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none());
    replica_failure(deployment)
        .or_else(|| alive().find_map(unschedulable))
        .or_else(|| alive().find_map(container_trouble))
        .or_else(|| alive().find_map(not_ready))
        .unwrap_or_else(|| Trouble::new("GatewayStarting", "the gateway is starting".to_owned()))
}

/// Pods cannot even be made: quota, admission, a missing ServiceAccount.
fn replica_failure(deployment: &Deployment) -> Option<Trouble> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failure = conditions
        .iter()
        .find(|condition| condition.type_ == "ReplicaFailure" && condition.status == "True")?;
    let reason = failure.reason.as_deref().unwrap_or("FailedCreate");
    Some(Trouble::new(reason, failure.message.clone().unwrap_or_default()))
}

fn unschedulable(pod: &Pod) -> Option<Trouble> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let unscheduled = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    let reason = unscheduled.reason.as_deref().unwrap_or("Unschedulable");
    let message = unscheduled.message.clone().unwrap_or_default();
    Some(Trouble::new(reason, format!("Pod {}: {message}", pod.name_any())))
}

/// The reason is one for all moments of a pull that fails, as for all moments of a crash loop: what alternates every few
/// seconds would be news every few seconds.
fn container_trouble(pod: &Pod) -> Option<Trouble> {
    let waiting = gateway(pod)?.state.as_ref()?.waiting.as_ref()?;
    let reason = match waiting.reason.as_deref()? {
        reason if ORDINARY.contains(&reason) => return None,
        "ErrImagePull" => "ImagePullBackOff",
        reason => reason,
    };
    let message = waiting.message.clone().unwrap_or_default();
    let ended = last_end(pod).map(|end| format!("; the gateway ended with {end}")).unwrap_or_default();
    Some(Trouble::new(reason, format!("Pod {}: {message}{ended}", pod.name_any())))
}

fn not_ready(pod: &Pod) -> Option<Trouble> {
    let status = gateway(pod)?;
    let state = status.state.as_ref()?;
    if status.ready || (state.running.is_none() && state.terminated.is_none()) {
        return None;
    }
    let name = pod.name_any();
    Some(match last_end(pod) {
        Some(end) => Trouble::new("CrashLoopBackOff", format!("Pod {name}: the gateway ended with {end}")),
        None => Trouble::new("GatewayNotReady", format!("Pod {name}: the gateway runs and is not ready yet")),
    })
}

/// How the container ended last.
fn last_end(pod: &Pod) -> Option<String> {
    let status = gateway(pod)?;
    let ended = |state: &Option<ContainerState>| state.as_ref()?.terminated.clone();
    let end = ended(&status.state).or_else(|| ended(&status.last_state))?;
    let reason = end.reason.as_deref().unwrap_or("Error");
    Some(format!("exit code {} ({reason})", end.exit_code))
}

fn gateway(pod: &Pod) -> Option<&ContainerStatus> {
    pod.status.as_ref()?.container_statuses.as_ref()?.iter().find(|status| status.name == GATEWAY_CONTAINER)
}

// === impl Trouble ===

impl Trouble {
    /// A trouble by Kubernetes' word for it, or ours.
    pub(crate) fn new(reason: &str, message: String) -> Self {
        Self { reason: reason.to_owned(), message }
    }

    /// Whether it is only a matter of time.
    pub(crate) fn is_progress(&self) -> bool {
        ["GatewayStarting", "GatewayNotReady"].contains(&self.reason.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(case: &str, deployment: Value, pod: Value, want_reason: &str, want_part: &str) {
        let deployment: Deployment = serde_json::from_value(deployment).expect("a Deployment");
        let pod: Pod = serde_json::from_value(pod).expect("a Pod");
        let trouble = trouble(&deployment, &[pod]);
        assert_eq!(trouble.reason, want_reason, "{case}");
        assert!(trouble.message.contains(want_part), "{case}: {}", trouble.message);
    }

    fn container(state: Value, last: Value) -> Value {
        json!({"metadata": {"name": "g-1"}, "status": {"containerStatuses": [{
            "name": "gateway", "image": "", "imageID": "", "ready": false, "restartCount": 0,
            "state": state, "lastState": last,
        }]}})
    }

    #[test]
    fn troubles() {
        let none = json!({"metadata": {}});
        let quota = json!({"metadata": {}, "status": {"conditions": [
            {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: q"}]}});
        check("nothing yet", none.clone(), none.clone(), "GatewayStarting", "is starting");
        check("quota", quota, none.clone(), "FailedCreate", "exceeded quota");
        let unscheduled = json!({"metadata": {"name": "g-1"}, "status": {"conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]}});
        check("no node", none.clone(), unscheduled, "Unschedulable", "Pod g-1: 0/1 nodes");
        let pulling =
            json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"x\""}});
        check("no image", none.clone(), container(pulling, json!({})), "ImagePullBackOff", "pulling image");
        let crashed = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
        let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}});
        check(
            "crashes",
            none.clone(),
            container(waiting, crashed),
            "CrashLoopBackOff",
            "exit code 1 (Error)",
        );
        let creating = json!({"waiting": {"reason": "ContainerCreating"}});
        check("creating", none.clone(), container(creating, json!({})), "GatewayStarting", "is starting");
        let killed = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
        let running = json!({"running": {}});
        check(
            "not ready",
            none.clone(),
            container(running.clone(), json!({})),
            "GatewayNotReady",
            "not ready yet",
        );
        check(
            "killed, runs again",
            none.clone(),
            container(running, killed.clone()),
            "CrashLoopBackOff",
            "OOMKilled",
        );
        check(
            "killed just now",
            none.clone(),
            container(killed, json!({})),
            "CrashLoopBackOff",
            "exit code 137",
        );
        let failing = json!({"waiting": {"reason": "ErrImagePull", "message": "not found"}});
        check("no image yet", none, container(failing, json!({})), "ImagePullBackOff", "not found");
    }
}
