//! What a gateway may read: its own definition, namespaces, and its own certificate.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};

use tributary_crds::{AggregatedApiSpec, SourceReference};

use super::stand_in::STAND_IN;
use crate::group::Group;

const RBAC: &str = "rbac.authorization.k8s.io";
const READ: [&str; 3] = ["get", "list", "watch"];

/// The gateway's identity. Its Pods ask for the token themselves, see the Deployment.
pub(crate) fn service_account(group: &Group) -> ServiceAccount {
    ServiceAccount {
        metadata: group.namespaced(&group.child),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

/// The definition is read by name (lists and watches carry the field selector `metadata.name`, which is what
/// resourceNames allows), namespaces to refuse objects in those that terminate.
pub(crate) fn cluster_role(group: &Group) -> ClusterRole {
    ClusterRole {
        metadata: group.cluster_scoped(&group.child),
        rules: Some(vec![
            rule("tributary.dev", "aggregatedapis", Some(&group.name)),
            rule("", "namespaces", None),
        ]),
        ..ClusterRole::default()
    }
}

/// Gives the ClusterRole to the gateway.
pub(crate) fn cluster_role_binding(group: &Group) -> ClusterRoleBinding {
    ClusterRoleBinding {
        metadata: group.cluster_scoped(&group.child),
        role_ref: role_ref("ClusterRole", group),
        subjects: Some(vec![subject(group)]),
    }
}

/// What the views of a definition read. The operator can give only what it holds itself, so this is apart from what every
/// gateway needs.
pub(crate) fn sources_role(group: &Group, spec: &AggregatedApiSpec) -> ClusterRole {
    let rules = sources(spec).into_iter().map(|(api_group, resource)| rule(&api_group, &resource, None));
    ClusterRole {
        metadata: group.cluster_scoped(&group.sources()),
        rules: Some(rules.collect()),
        ..ClusterRole::default()
    }
}

/// Gives it to the gateway.
pub(crate) fn sources_role_binding(group: &Group) -> ClusterRoleBinding {
    ClusterRoleBinding {
        metadata: group.cluster_scoped(&group.sources()),
        role_ref: RoleRef { name: group.sources(), ..role_ref("ClusterRole", group) },
        subjects: Some(vec![subject(group)]),
    }
}

/// Group and plural of every source, each once.
pub(crate) fn sources(spec: &AggregatedApiSpec) -> BTreeSet<(String, String)> {
    let views = spec.resources.iter().filter_map(|resource| resource.source.view.as_ref());
    let sources =
        views.flat_map(|view| std::iter::once(&view.from).chain(view.join.iter().map(|join| &join.from)));
    let named = |source: &SourceReference| {
        let group = source.api_version.split_once('/').map_or("", |(group, _)| group);
        (group.to_owned(), source.resource.clone())
    };
    sources.map(named).collect()
}

/// The gateway watches its certificate's Secret: kubelet refreshes mounted Secrets only every minute or two. And the record of
/// its absence, to delete what namespaces have left that went meanwhile.
pub(crate) fn role(group: &Group) -> Role {
    Role {
        metadata: group.namespaced(&group.child),
        rules: Some(vec![
            rule("", "secrets", Some(&group.tls_secret())),
            rule("", "configmaps", Some(&group.absence())),
        ]),
    }
}

/// Gives the Role to the gateway, and to the stand-in, which serves with the same certificate.
pub(crate) fn role_binding(group: &Group) -> RoleBinding {
    let stand_in = Subject { name: STAND_IN.to_owned(), ..subject(group) };
    RoleBinding {
        metadata: group.namespaced(&group.child),
        role_ref: role_ref("Role", group),
        subjects: Some(vec![subject(group), stand_in]),
    }
}

fn rule(api_group: &str, resource: &str, name: Option<&str>) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![api_group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        resource_names: name.map(|name| vec![name.to_owned()]),
        verbs: READ.iter().map(|&verb| verb.to_owned()).collect(),
        ..PolicyRule::default()
    }
}

fn role_ref(kind: &str, group: &Group) -> RoleRef {
    RoleRef { api_group: Some(RBAC.to_owned()), kind: kind.to_owned(), name: group.child.clone() }
}

fn subject(group: &Group) -> Subject {
    Subject {
        kind: "ServiceAccount".to_owned(),
        name: group.child.clone(),
        namespace: Some(group.namespace.clone()),
        api_group: None,
    }
}
