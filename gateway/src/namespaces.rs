//! The registry's namespaces: those of the cluster or, without one, all.

use futures::FutureExt;
use futures::future::BoxFuture;
use tributary_access as access;
use tributary_registry::{NamespaceState, Namespaces};
use tributary_schema::names;

/// What `access` watches, as the registry asks for it.
pub(crate) struct ClusterNamespaces(pub(crate) access::Namespaces);

/// Every namespace that can be one exists: there is nobody to make them.
pub(crate) struct EveryNamespace;

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

impl Namespaces for EveryNamespace {
    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<NamespaceState, String>> {
        let state = match names::dns_label(name).is_empty() {
            true => NamespaceState::Active,
            false => NamespaceState::Missing,
        };
        async move { Ok(state) }.boxed()
    }
}
