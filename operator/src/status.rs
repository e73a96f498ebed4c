//! The status of an AggregatedAPI: pure.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use sha2::{Digest, Sha256};
use tributary_crds::{
    AggregatedApi, AggregatedApiStatus, CertificatesStatus, GatewayStatus, ResourceStatus, VersionStatus,
};

use crate::conditions::{self, Facts, SERVED, is_available};
use crate::group::{Group, hex};
use crate::observation::{CertificatesSeen, Observation};

/// The status that `facts` make; what they do not tell stays as it was.
pub(crate) fn status(
    api: &AggregatedApi,
    group: &Group,
    facts: Facts<'_>,
    now: Timestamp,
) -> AggregatedApiStatus {
    let previous = api.status.clone().unwrap_or_default();
    // API objects have whole seconds.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let conditions = conditions::conditions(facts, api.metadata.generation, &previous.conditions, now);
    let served = conditions.iter().any(|condition| condition.type_ == SERVED && condition.status == "True");
    let (versions_summary, resource_count, resources) = match facts.verdict {
        Ok(accepted) => (
            Some(accepted.versions.join(",")),
            i32::try_from(accepted.resources.len()).ok(),
            accepted.resources.iter().map(|name| resource(name, served)).collect(),
        ),
        Err(_) => (
            previous.versions_summary,
            previous.resource_count,
            previous.resources.iter().map(|status| resource(&status.name, served)).collect(),
        ),
    };
    AggregatedApiStatus {
        observed_generation: api.metadata.generation,
        conditions,
        versions_summary,
        resource_count,
        versions: versions(group, facts.observation),
        resources,
        gateway: facts.observation.deployment.is_some().then(|| gateway(group, facts.observation)),
        certificates: facts.observation.certificates.as_ref().map(certificates),
    }
}

fn resource(name: &str, served: bool) -> ResourceStatus {
    ResourceStatus { name: name.to_owned(), served, objects: None, message: None }
}

/// The registered versions in the order of their priorities.
fn versions(group: &Group, observation: &Observation) -> Vec<VersionStatus> {
    let mut registered: Vec<_> = observation
        .api_services
        .iter()
        .filter_map(|service| {
            let spec = service.spec.as_ref()?;
            let version = spec.version.clone()?;
            Some((
                -spec.version_priority,
                VersionStatus {
                    api_service: group.api_service(&version),
                    available: is_available(service),
                    name: version,
                },
            ))
        })
        .collect();
    registered.sort_by(|(a, x), (b, y)| (a, &x.name).cmp(&(b, &y.name)));
    registered.into_iter().map(|(_, version)| version).collect()
}

fn gateway(group: &Group, observation: &Observation) -> GatewayStatus {
    GatewayStatus {
        name: group.child.clone(),
        image: observation.image(),
        ready_replicas: observation.ready_replicas(),
        served_generation: None,
    }
}

fn certificates(seen: &CertificatesSeen) -> CertificatesStatus {
    CertificatesStatus {
        ca_not_after: Some(Time(seen.ca_not_after)),
        serving_not_after: Some(Time(seen.serving_not_after)),
        ca_bundle_hash: Some(hex(&Sha256::digest(&seen.ca_bundle))),
    }
}
