//! What was seen of a group's children, after they were applied.

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;

use crate::certificates::Authority;
use crate::claim::ClaimSeen;

/// What was seen of a group's children.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Observation {
    /// The certificates, if there are any.
    pub(crate) certificates: Option<CertificatesSeen>,
    /// The claim with the group's database file, if there is one.
    pub(crate) claim: Option<ClaimSeen>,
    /// The gateway's Deployment, if it exists.
    pub(crate) deployment: Option<Deployment>,
    /// The gateway's Pods; only looked for when not all are ready.
    pub(crate) pods: Vec<Pod>,
    /// Our APIServices, by name.
    pub(crate) api_services: Vec<APIService>,
    /// What is done while no gateway is ready; none if one is, or the group is not registered.
    pub(crate) absence: Option<AbsenceSeen>,
    /// What could not be done.
    pub(crate) failure: Option<Failure>,
}

/// What is done while no gateway is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AbsenceSeen {
    /// From when it is known; none while nobody stands in.
    pub(crate) since: Option<Timestamp>,
    /// From when namespaces are deleted without asking the group; none if they are not.
    pub(crate) recorded: Option<Timestamp>,
}

/// The certificates that are in the two Secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificatesSeen {
    /// The CA, whose bundle is the caBundle.
    pub(crate) authority: Authority,
    /// Until when the serving certificate is valid.
    pub(crate) serving_not_after: Timestamp,
    /// The fingerprint of the serving certificate.
    pub(crate) serving: Option<String>,
    /// When they are to be looked at again.
    pub(crate) next: Timestamp,
}

/// What could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// At which step; the ones before it are done.
    pub(crate) stage: Stage,
    /// Why, for people.
    pub(crate) message: String,
}

/// The steps that make a group work, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// ServiceAccount and RBAC.
    Access,
    /// CA, serving certificate and their Secrets.
    Certificates,
    /// Service, claim and Deployment.
    Gateway,
    /// APIServices.
    ApiServices,
    /// The gateway's rights on what views read.
    Sources,
    /// Who answers while no gateway is ready.
    Absence,
}

// === impl Observation ===

impl Observation {
    /// The number of ready gateways.
    pub(crate) fn ready_replicas(&self) -> i32 {
        let status = self.deployment.as_ref().and_then(|deployment| deployment.status.as_ref());
        status.and_then(|status| status.ready_replicas).unwrap_or(0)
    }

    /// The number of gateways that there are to be.
    pub(crate) fn wanted_replicas(&self) -> i32 {
        let spec = self.deployment.as_ref().and_then(|deployment| deployment.spec.as_ref());
        spec.and_then(|spec| spec.replicas).unwrap_or(1)
    }

    /// Whether every gateway is ready and of the current template.
    pub(crate) fn is_rolled_out(&self) -> bool {
        let Some(deployment) = &self.deployment else { return false };
        let Some(status) = &deployment.status else { return false };
        status.observed_generation >= deployment.metadata.generation
            && status.updated_replicas.unwrap_or(0) >= self.wanted_replicas()
            && self.ready_replicas() >= self.wanted_replicas()
            && status.unavailable_replicas.unwrap_or(0) == 0
    }

    /// The image of the gateway.
    pub(crate) fn image(&self) -> Option<String> {
        let template = &self.deployment.as_ref()?.spec.as_ref()?.template;
        template.spec.as_ref()?.containers.first()?.image.clone()
    }

    /// The failure of a step, if it is this one.
    pub(crate) fn failure_of(&self, stages: &[Stage]) -> Option<&str> {
        let failure = self.failure.as_ref()?;
        stages.contains(&failure.stage).then_some(failure.message.as_str())
    }
}
