//! The registry's namespaces are those of the cluster.

use futures::FutureExt;
use futures::future::BoxFuture;
use tributary_access as access;
use tributary_registry::{NamespaceState, Namespaces};

/// What `access` watches, as the registry asks for it.
pub(crate) struct ClusterNamespaces(pub(crate) access::Namespaces);

impl Namespaces for ClusterNamespaces {
    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<NamespaceState, String>> {
        async move {
            match self.0.state(name).await {
                Ok(access::NamespaceState::Active) => Ok(NamespaceState::Active),
                Ok(access::NamespaceState::Terminating) => Ok(NamespaceState::Terminating),
                Ok(access::NamespaceState::Missing) => Ok(NamespaceState::Missing),
                Err(error) => Err(error.to_string()),
            }
        }
        .boxed()
    }
}
