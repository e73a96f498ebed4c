//! The operator's last act when it is uninstalled: nothing of it may block the cluster.

use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;
use kube::api::{Api, ListParams};
use tributary_crds::AggregatedApi;

use crate::cluster::Error;
use crate::deletion;
use crate::group::Group;
use crate::operator::Operator;

/// How long it may take: less than the 30 s that a Pod has to end.
const LIMIT: Duration = Duration::from_secs(20);

/// If the operator's namespace is going, removes all APIServices and releases all AggregatedAPIs: nobody else will.
pub(crate) async fn if_leaving(operator: &Operator) {
    match tokio::time::timeout(LIMIT, leave(operator)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "cannot release all AggregatedAPIs"),
        Err(_) => tracing::error!("releasing all AggregatedAPIs took too long"),
    }
}

async fn leave(operator: &Operator) -> Result<(), Error> {
    let client = operator.cluster.client();
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = namespaces
        .get_opt(&operator.site.namespace)
        .await
        .map_err(|error| Error::kube("cannot read the operator's namespace", error))?;
    if namespace.is_some_and(|namespace| namespace.metadata.deletion_timestamp.is_none()) {
        return Ok(());
    }
    let apis: Api<AggregatedApi> = Api::all(client);
    let list = apis
        .list(&ListParams::default())
        .await
        .map_err(|error| Error::kube("cannot list AggregatedAPIs", error))?;
    // One that fails must not keep the others: nobody comes after.
    let mut failed = Ok(());
    for api in &list.items {
        tracing::info!(group = api.name_any(), "the operator is uninstalled: releasing");
        if let Err(error) = release(operator, api).await {
            tracing::error!(group = api.name_any(), %error, "a group could not be released");
            failed = Err(error);
        }
    }
    failed
}

async fn release(operator: &Operator, api: &AggregatedApi) -> Result<(), Error> {
    deletion::unregister(&operator.cluster, &Group::of(api, &operator.site.namespace)).await?;
    deletion::release(&operator.cluster, api).await
}
