//! The status of an AggregatedAPI: what it is, purely, and writing it.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::ResourceExt;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use sha2::{Digest, Sha256};
use tributary_crds::{
    AggregatedApi, AggregatedApiStatus, CertificatesStatus, GatewayStatus, ResourceStatus, VersionStatus,
};

use crate::cluster::{Cluster, Error};
use crate::conditions::{self, Facts, SERVED, is_available};
use crate::group::{Group, MANAGER, hex};
use crate::observation::{CertificatesSeen, Observation};
use crate::reports::Report;

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
    let served = is_served(&conditions);
    let known_generation = previous.gateway.as_ref().and_then(|gateway| gateway.served_generation);
    let resources = |names: &mut dyn Iterator<Item = &String>| {
        // Of gateways that are gone nothing is known.
        let known = if facts.observation.ready_replicas() > 0 { previous.resources.as_slice() } else { &[] };
        names.map(|name| resource(name, served, facts.report, known)).collect()
    };
    let (versions_summary, resource_count, resources) = match facts.verdict {
        Ok(accepted) => (
            Some(accepted.versions.join(",")),
            i32::try_from(accepted.resources.len()).ok(),
            resources(&mut accepted.resources.iter()),
        ),
        Err(_) => (
            previous.versions_summary.clone(),
            previous.resource_count,
            resources(&mut previous.resources.iter().map(|status| &status.name)),
        ),
    };
    AggregatedApiStatus {
        observed_generation: api.metadata.generation,
        conditions,
        versions_summary,
        resource_count,
        versions: versions(group, facts.observation),
        resources,
        gateway: facts.observation.deployment.is_some().then(|| GatewayStatus {
            served_generation: served_generation(facts, api.metadata.generation, known_generation),
            ..gateway(group, facts.observation)
        }),
        certificates: facts.observation.certificates.as_ref().map(certificates),
    }
}

/// Writes what was told of resources into the status as it is, if it differs and nobody else writes at this moment.
///
/// # Errors
/// When the API server is not reached.
pub(crate) async fn write_resources(cluster: &Cluster, group: &Group, report: &Report) -> Result<(), Error> {
    let apis: Api<AggregatedApi> = Api::all(cluster.client());
    let live = apis.get_opt(&group.name).await;
    let live = live.map_err(|error| Error::kube("cannot read the AggregatedAPI", error))?;
    let Some(api) = live.filter(|api| api.metadata.uid.as_ref() == Some(&group.uid)) else { return Ok(()) };
    let Some(mut status) = api.status.clone() else { return Ok(()) };
    let served = is_served(&status.conditions);
    let resources = status.resources.iter().map(|known| resource(&known.name, served, Some(report), &[]));
    status.resources = resources.collect();
    if api.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let version = api.metadata.resource_version.as_deref();
    match write(cluster, &api, &status, version).await {
        // Whoever wrote first knew the report, too.
        Err(Error::Kube { source, .. }) if matches!(&*source, kube::Error::Api(told) if told.code == 409) => {
            Ok(())
        }
        written => written,
    }
}

/// Writes the whole status; only onto the given version of the object, if there is one.
///
/// # Errors
/// When the API server refuses, or is not reached.
pub(crate) async fn write(
    cluster: &Cluster,
    api: &AggregatedApi,
    status: &AggregatedApiStatus,
    version: Option<&str>,
) -> Result<(), Error> {
    let mut body = json!({
        "apiVersion": "tributary.dev/v1alpha1",
        "kind": "AggregatedAPI",
        "metadata": {"name": api.metadata.name, "uid": api.metadata.uid},
        "status": status,
    });
    if let Some(version) = version {
        body["metadata"]["resourceVersion"] = version.into();
    }
    let apis: Api<AggregatedApi> = Api::all(cluster.client());
    let params = PatchParams::apply(MANAGER).force();
    let written = apis.patch_status(&api.name_any(), &params, &Patch::Apply(&body)).await;
    written.map(drop).map_err(|error| Error::kube("cannot write the status", error))
}

fn is_served(conditions: &[Condition]) -> bool {
    conditions.iter().any(|condition| condition.type_ == SERVED && condition.status == "True")
}

/// As gateways told; before they have been asked, as it was known.
fn resource(name: &str, served: bool, report: Option<&Report>, known: &[ResourceStatus]) -> ResourceStatus {
    let Some(report) = report else {
        let known = known.iter().find(|known| known.name == name).cloned().unwrap_or_default();
        return ResourceStatus { name: name.to_owned(), served, ..known };
    };
    let state = report.resource(name);
    ResourceStatus {
        name: name.to_owned(),
        served: served && state.is_none_or(|state| state.synced),
        objects: state.map(|state| i64::try_from(state.objects).unwrap_or(i64::MAX)),
        message: report.message(name),
    }
}

/// The generation that all gateways serve. A generation that brought back an earlier definition has the hash of that.
fn served_generation(facts: Facts<'_>, current: Option<i64>, known: Option<i64>) -> Option<i64> {
    let Some(report) = facts.report else { return known.filter(|_| facts.observation.ready_replicas() > 0) };
    if report.silence.is_some() {
        return None;
    }
    // One that did not answer once is asked again.
    if !report.is_complete {
        return known;
    }
    match facts.verdict {
        Ok(accepted) if report.hash.as_ref() == Some(&accepted.hash) => current,
        _ => report.generation,
    }
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
        ca_not_after: Some(Time(seen.authority.not_after)),
        serving_not_after: Some(Time(seen.serving_not_after)),
        ca_bundle_hash: Some(hex(&Sha256::digest(seen.authority.bundle()))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use serde_json::Value;

    use super::*;
    use crate::certificates::Terms;
    use crate::fixture;
    use crate::verdict::{Accepted, Refusal};

    fn accepted() -> Result<Accepted, Refusal> {
        let hours = SignedDuration::from_hours;
        Ok(Accepted {
            versions: vec!["v1".to_owned()],
            resources: BTreeSet::from(["tasks".to_owned()]),
            hash: "h".to_owned(),
            terms: Terms { authority: hours(100), leaf: hours(10), renew_before: hours(1) },
        })
    }

    /// What is there when `ready` gateways run and kube-apiserver reaches them.
    fn observation(ready: i32) -> Observation {
        let conditions = json!([{"type": "Available", "status": "True"}]);
        Observation {
            deployment: serde_json::from_value(json!({
                "metadata": {}, "spec": {"replicas": 1, "selector": {}, "template": {}}, "status": {"readyReplicas": ready},
            }))
            .ok(),
            api_services: serde_json::from_value(json!([{
                "metadata": {"name": "v1.tasks.example.com"},
                "spec": {"version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1},
                "status": {"conditions": conditions},
            }]))
            .expect("APIServices"),
            ..Observation::default()
        }
    }

    fn report(hash: &str, state: Value) -> Option<Report> {
        let resources = serde_json::from_value(json!([state])).expect("resources");
        let hash = Some(hash.to_owned());
        Some(Report { resources, generation: Some(2), hash, is_complete: true, ..Report::default() })
    }

    #[test]
    fn what_gateways_tell_is_shown() {
        let well = json!({"name": "tasks", "synced": true, "objects": 4});
        let read = json!({"name": "tasks", "synced": false, "objects": 0});
        let old = json!({"name": "others", "synced": true, "objects": 1});
        let being_read = "its sources are being read";
        let silent = report("h", well.clone()).map(|told| Report { silence: Some("why".to_owned()), ..told });
        let missed = report("h", well.clone()).map(|told| Report { is_complete: false, ..told });
        let why = "the gateway does not tell how it fares: why";
        for (case, ready, report, want, generation) in [
            ("well", 1, report("h", well.clone()), json!({"served": true, "objects": 4}), Some(3)),
            (
                "being read",
                1,
                report("h", read),
                json!({"served": false, "objects": 0, "message": being_read}),
                Some(3),
            ),
            ("not there yet", 1, report("g", old), json!({"served": true}), Some(2)),
            ("silent", 1, silent, json!({"served": true, "objects": 4, "message": why}), None),
            ("silent once", 1, missed, json!({"served": true, "objects": 4}), Some(1)),
            ("not asked yet", 1, None, json!({"served": true, "objects": 9, "message": "before"}), Some(1)),
            ("no gateway", 0, None, json!({"served": false}), None),
        ] {
            let mut api = fixture::api(json!({}));
            let before = json!({"gateway": {"name": "g", "servedGeneration": 1},
                "resources": [{"name": "tasks", "served": true, "objects": 9, "message": "before"}]});
            api.status = serde_json::from_value(before).ok();
            let (verdict, observation) = (accepted(), observation(ready));
            let facts = Facts {
                verdict: &verdict,
                storage: None,
                observation: &observation,
                report: report.as_ref(),
            };
            let status = status(&api, &fixture::group(), facts, Timestamp::UNIX_EPOCH);
            let mut resource = serde_json::to_value(&status.resources[0]).expect("JSON");
            assert_eq!(
                resource.as_object_mut().and_then(|fields| fields.remove("name")),
                Some("tasks".into())
            );
            assert_eq!(resource, want, "{case}");
            assert_eq!(status.gateway.and_then(|gateway| gateway.served_generation), generation, "{case}");
        }
    }
}
