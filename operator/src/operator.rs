//! What every reconciliation shares.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Namespace;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::Store;

use crate::cluster::Cluster;
use crate::events::Events;
use crate::metrics::Metrics;
use crate::registrations::{ApiServiceMeta, DefinitionMeta};
use crate::reports::Polls;
use crate::retries::Retries;
use crate::site::Site;

/// What every reconciliation shares.
pub(crate) struct Operator {
    /// The API server.
    pub(crate) cluster: Cluster,
    /// What all groups have in common.
    pub(crate) site: Site,
    /// What is registered.
    pub(crate) stores: Stores,
    /// Where changes are announced.
    pub(crate) events: Events,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// How often each group has failed in a row.
    pub(crate) retries: Retries,
    /// What gateways told.
    pub(crate) polls: Polls,
}

/// Copies of what the API server holds, fed by watches.
#[derive(Clone)]
pub(crate) struct Stores {
    /// All APIServices.
    pub(crate) api_services: Store<ApiServiceMeta>,
    /// All CustomResourceDefinitions.
    pub(crate) definitions: Store<DefinitionMeta>,
    /// The operator's namespace, and no other.
    pub(crate) namespace: Store<PartialObjectMeta<Namespace>>,
}

// === impl Operator ===

impl Operator {
    /// Whether the stores hold what the API server had, so that reconciliations may begin.
    pub(crate) fn is_synced(&self) -> bool {
        self.stores.is_synced()
    }
}

// === impl Stores ===

impl Stores {
    fn is_synced(&self) -> bool {
        use futures::FutureExt;
        self.wait().now_or_never().is_some()
    }

    /// Waits until the stores hold what the API server has. A writer that is gone ends the process by itself.
    pub(crate) async fn wait(&self) {
        let _ = tokio::join!(
            self.api_services.wait_until_ready(),
            self.definitions.wait_until_ready(),
            self.namespace.wait_until_ready(),
        );
    }

    /// Whether the operator is being uninstalled: its namespace is going.
    pub(crate) fn is_leaving(&self) -> bool {
        let namespaces: Vec<Arc<_>> = self.namespace.state();
        namespaces.iter().any(|namespace| namespace.metadata.deletion_timestamp.is_some())
    }
}
