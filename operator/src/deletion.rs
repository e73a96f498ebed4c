//! The end of a group: APIServices first, then the other children, then the data if it is to go, then the finalizer.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::ResourceExt;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use tributary_crds::AggregatedApi;

use crate::children::{self, Reference};
use crate::claim::goes_with;
use crate::cluster::{Cluster, Error, Inventory};
use crate::group::{Group, MANAGER};
use crate::rollout::registered;

/// Keeps an AggregatedAPI until its APIServices are gone: one whose gateway has gone before it keeps every namespace of
/// the cluster from being deleted.
const FINALIZER: &str = "tributary.dev/apiservices";

/// How far a deletion has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// APIServices are going.
    Waiting,
    /// Nothing is left.
    Done,
}

/// Makes sure that an AggregatedAPI does not go before its APIServices.
pub(crate) async fn hold(cluster: &Cluster, api: &AggregatedApi) -> Result<(), Error> {
    if is_held(api) {
        return Ok(());
    }
    let mut finalizers = api.finalizers().to_vec();
    finalizers.push(FINALIZER.to_owned());
    set_finalizers(cluster, api, finalizers).await
}

/// Whether an AggregatedAPI waits for its APIServices to be removed before it goes.
pub(crate) fn is_held(api: &AggregatedApi) -> bool {
    api.finalizers().iter().any(|finalizer| finalizer == FINALIZER)
}

/// Takes the next step of a deletion.
pub(crate) async fn end(cluster: &Cluster, api: &AggregatedApi, group: &Group) -> Result<Progress, Error> {
    if unregister(cluster, group).await? > 0 {
        return Ok(Progress::Waiting);
    }
    let inventory = cluster.find(&children::references(group)).await?;
    cluster.delete(group, &inventory).await?;
    end_claim(cluster, api, group, &inventory).await?;
    release(cluster, api).await?;
    Ok(Progress::Done)
}

/// Deletes the claim, and the data in it, if that is to go. It goes when its Pod has ended, which Kubernetes sees to.
async fn end_claim(
    cluster: &Cluster,
    api: &AggregatedApi,
    group: &Group,
    inventory: &Inventory,
) -> Result<(), Error> {
    let Some(claim) = inventory.typed::<PersistentVolumeClaim>(&group.child)? else { return Ok(()) };
    if !goes_with(api, group, &claim) {
        tracing::info!(group = group.name, claim = claim.name_any(), "the claim stays");
        return Ok(());
    }
    tracing::info!(group = group.name, claim = claim.name_any(), "deleting the claim");
    cluster.delete_one(&Reference::claim(group), claim.uid()).await
}

/// Deletes the group's APIServices; returns how many there were.
pub(crate) async fn unregister(cluster: &Cluster, group: &Group) -> Result<usize, Error> {
    let services = registered(cluster, group).await?;
    for service in &services {
        tracing::info!(group = group.name, service = service.name_any(), "removing an APIService");
        let reference = Reference::cluster_scoped::<APIService>(&service.name_any());
        cluster.delete_one(&reference, service.uid()).await?;
    }
    Ok(services.len())
}

/// Lets an AggregatedAPI go.
pub(crate) async fn release(cluster: &Cluster, api: &AggregatedApi) -> Result<(), Error> {
    let finalizers: Vec<String> =
        api.finalizers().iter().filter(|finalizer| *finalizer != FINALIZER).cloned().collect();
    if finalizers.len() == api.finalizers().len() {
        return Ok(());
    }
    match set_finalizers(cluster, api, finalizers).await {
        Err(Error::Kube { source, .. }) if is_not_found(&source) => Ok(()),
        result => result,
    }
}

fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

/// The list is replaced as a whole, so only if nobody has changed it.
async fn set_finalizers(
    cluster: &Cluster,
    api: &AggregatedApi,
    finalizers: Vec<String>,
) -> Result<(), Error> {
    let body = json!({"metadata": {
        "uid": api.metadata.uid,
        "resourceVersion": api.metadata.resource_version,
        "finalizers": finalizers,
    }});
    let apis: Api<AggregatedApi> = Api::all(cluster.client());
    apis.patch(
        &api.name_any(),
        &PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() },
        &Patch::Merge(&body),
    )
    .await
    .map(drop)
    .map_err(|error| Error::kube("cannot change the finalizers", error))
}
