//! The objects that make a group work, as they are to be.

mod absence;
mod api_service;
mod claim;
mod deployment;
mod last_good;
mod rbac;
mod secrets;
mod service;
mod stand_in;
#[cfg(test)]
mod tests;

use k8s_openapi::ClusterResourceScope;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::Resource;
use kube::api::{ApiResource, ObjectMeta};
use serde::Serialize;
use serde_json::Value;

pub(crate) use absence::absence;
pub(crate) use api_service::{Serving, absence_of, api_service, definition};
pub(crate) use claim::{ADOPTED_BY, STORAGE, Wish, claim};
pub(crate) use deployment::{GATEWAY_CONTAINER, deployment, image, storage};
pub(crate) use last_good::last_good;
pub(crate) use rbac::{
    cluster_role, cluster_role_binding, role, role_binding, service_account, sources, sources_role,
    sources_role_binding,
};
pub(crate) use secrets::{
    CA_CERTIFICATE, CA_KEY, PREVIOUS, TLS_CERTIFICATE, TLS_KEY, ca_secret, followed_since, tls_secret,
};
pub(crate) use service::{PORT_NAME, service};
pub(crate) use stand_in::{STAND_IN_SELECTOR, stand_in};

use crate::group::Group;

/// Where a child is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    /// Its kind.
    pub(crate) resource: ApiResource,
    /// Its namespace, if it has one.
    pub(crate) namespace: Option<String>,
    /// Its name.
    pub(crate) name: String,
}

/// A child as it is to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Child {
    /// Where it is.
    pub(crate) reference: Reference,
    /// The fields that the operator owns.
    pub(crate) body: Value,
}

/// Every child that a group may have, APIServices aside, in the order in which they are deleted: what runs first. Whether
/// the claim goes with them is decided apart.
pub(crate) fn references(group: &Group) -> Vec<Reference> {
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::{Secret, Service, ServiceAccount};
    use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
    vec![
        Reference::namespaced::<Deployment>(group, &group.child),
        Reference::stand_in(group),
        Reference::namespaced::<Service>(group, &group.child),
        Reference::absence(group),
        Reference::namespaced::<ConfigMap>(group, &group.last_good()),
        Reference::namespaced::<Secret>(group, &group.tls_secret()),
        Reference::namespaced::<Secret>(group, &group.ca_secret()),
        Reference::cluster_scoped::<ClusterRoleBinding>(&group.sources()),
        Reference::cluster_scoped::<ClusterRole>(&group.sources()),
        Reference::cluster_scoped::<ClusterRoleBinding>(&group.child),
        Reference::cluster_scoped::<ClusterRole>(&group.child),
        Reference::namespaced::<RoleBinding>(group, &group.child),
        Reference::namespaced::<Role>(group, &group.child),
        Reference::namespaced::<ServiceAccount>(group, &group.child),
        Reference::claim(group),
    ]
}

// === impl Reference ===

impl Reference {
    fn namespaced<K: Resource<DynamicType = (), Scope = NamespaceResourceScope>>(
        group: &Group,
        name: &str,
    ) -> Self {
        Self {
            resource: ApiResource::erase::<K>(&()),
            namespace: Some(group.namespace.clone()),
            name: name.to_owned(),
        }
    }

    /// The claim of the group's database file.
    pub(crate) fn claim(group: &Group) -> Self {
        Self::namespaced::<PersistentVolumeClaim>(group, &group.child)
    }

    /// The record of an absence.
    pub(crate) fn absence(group: &Group) -> Self {
        Self::namespaced::<ConfigMap>(group, &group.absence())
    }

    /// The EndpointSlice that sends callers to the stand-in.
    pub(crate) fn stand_in(group: &Group) -> Self {
        Self::namespaced::<EndpointSlice>(group, &group.stand_in())
    }

    /// Whether it is a PersistentVolumeClaim, the one child that nobody owns.
    pub(crate) fn is_claim(&self) -> bool {
        self.resource.kind == PersistentVolumeClaim::kind(&())
    }

    /// A cluster-scoped object of this name.
    pub(crate) fn cluster_scoped<K: Resource<DynamicType = (), Scope = ClusterResourceScope>>(
        name: &str,
    ) -> Self {
        Self { resource: ApiResource::erase::<K>(&()), namespace: None, name: name.to_owned() }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.resource.kind, self.name),
            None => write!(f, "{} {}", self.resource.kind, self.name),
        }
    }
}

// === impl Child ===

impl Child {
    /// The child that a typed object describes: the fields that it sets are the operator's.
    ///
    /// # Errors
    /// serde_json's, which typed objects of Kubernetes never cause.
    pub(crate) fn new<K>(object: &K) -> Result<Self, serde_json::Error>
    where
        K: Resource<DynamicType = ()> + Serialize,
    {
        let ObjectMeta { name, namespace, .. } = object.meta().clone();
        Ok(Self {
            reference: Reference {
                resource: ApiResource::erase::<K>(&()),
                namespace,
                name: name.unwrap_or_default(),
            },
            body: serde_json::to_value(object)?,
        })
    }
}
