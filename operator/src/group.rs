//! A group's identity: the names, labels and owner of its children.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Resource;
use kube::api::ObjectMeta;
use sha2::{Digest, Sha256};
use tributary_crds::{AggregatedApi, GROUP_LABEL, INSTANCE_LABEL};

/// The first characters of a group that its children's names begin with: legible, and within a DNS label of 63.
const PREFIX_LENGTH: usize = 40;
/// Digits of the group's SHA-256 in its children's names: enough that two groups of one cluster never share a name.
const DIGEST_LENGTH: usize = 10;

/// The field manager of everything the operator applies, and its name in labels and Events.
pub(crate) const MANAGER: &str = "tributary-operator";
/// The label by which a Service finds its Pods: unlike the others it never changes its meaning.
const NAME_LABEL: &str = "app.kubernetes.io/name";
const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
const PART_OF_LABEL: &str = "app.kubernetes.io/part-of";

/// A group whose children are made, and the AggregatedAPI that owns them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// The API group, the AggregatedAPI's name.
    pub(crate) name: String,
    /// The AggregatedAPI's uid.
    pub(crate) uid: String,
    /// The name of its children.
    pub(crate) child: String,
    /// The namespace of its namespaced children.
    pub(crate) namespace: String,
}

// === impl Group ===

impl Group {
    /// The group that `api` owns, with children in `namespace`. Objects from an API server have name and uid.
    pub(crate) fn of(api: &AggregatedApi, namespace: &str) -> Self {
        let name = api.metadata.name.clone().unwrap_or_default();
        Self {
            child: child_name(&name),
            uid: api.metadata.uid.clone().unwrap_or_default(),
            namespace: namespace.to_owned(),
            name,
        }
    }

    /// The Secret of the CA.
    pub(crate) fn ca_secret(&self) -> String {
        format!("{}-ca", self.child)
    }

    /// The Secret of the serving certificate, which the gateway mounts.
    pub(crate) fn tls_secret(&self) -> String {
        tributary_crds::tls_secret(&self.child)
    }

    /// The ConfigMap of the last accepted definition, which the gateway mounts.
    pub(crate) fn last_good(&self) -> String {
        format!("{}-last-good", self.child)
    }

    /// The ConfigMap with the namespaces that there were when no gateway had been ready for a while.
    pub(crate) fn absence(&self) -> String {
        format!("{}-absence", self.child)
    }

    /// The EndpointSlice that sends callers to the stand-in.
    pub(crate) fn stand_in(&self) -> String {
        format!("{}-stand-in", self.child)
    }

    /// The ClusterRole of what views read, and its binding.
    pub(crate) fn sources(&self) -> String {
        format!("{}-sources", self.child)
    }

    /// The names by which the gateway's Service is reached: kube-apiserver verifies the first.
    pub(crate) fn dns_names(&self) -> [String; 2] {
        let service = format!("{}.{}.svc", self.child, self.namespace);
        let qualified = format!("{service}.cluster.local");
        [service, qualified]
    }

    /// The name of a version's APIService.
    pub(crate) fn api_service(&self, version: &str) -> String {
        format!("{version}.{}", self.name)
    }

    /// The labels that select the gateway's Pods; a Deployment's selector is immutable, so they never change.
    pub(crate) fn selector(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (NAME_LABEL.to_owned(), "tributary-gateway".to_owned()),
            (INSTANCE_LABEL.to_owned(), self.child.clone()),
        ])
    }

    /// The labels of every child.
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.selector();
        labels.insert(MANAGED_BY_LABEL.to_owned(), MANAGER.to_owned());
        labels.insert(PART_OF_LABEL.to_owned(), "tributary".to_owned());
        labels.insert(GROUP_LABEL.to_owned(), self.name.clone());
        labels
    }

    /// The owner of every child: its controller, without blockOwnerDeletion, which would need a right on finalizers.
    pub(crate) fn owner(&self) -> OwnerReference {
        OwnerReference {
            api_version: AggregatedApi::api_version(&()).into_owned(),
            kind: AggregatedApi::kind(&()).into_owned(),
            name: self.name.clone(),
            uid: self.uid.clone(),
            controller: Some(true),
            block_owner_deletion: None,
        }
    }

    /// The metadata of a cluster-scoped child.
    pub(crate) fn cluster_scoped(&self, name: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(self.labels()),
            owner_references: Some(vec![self.owner()]),
            ..ObjectMeta::default()
        }
    }

    /// The metadata of a child in the operator's namespace.
    pub(crate) fn namespaced(&self, name: &str) -> ObjectMeta {
        ObjectMeta { namespace: Some(self.namespace.clone()), ..self.cluster_scoped(name) }
    }

    /// The metadata of the claim: it outlives the AggregatedAPI, so nobody owns it.
    pub(crate) fn unowned(&self, name: &str) -> ObjectMeta {
        ObjectMeta { owner_references: None, ..self.namespaced(name) }
    }

    /// Whether a claim of this metadata is the group's, whichever AggregatedAPI of this name had it made.
    pub(crate) fn keeps(&self, metadata: &ObjectMeta) -> bool {
        labelled(metadata) == Some(self.name.as_str()) && controller(metadata).is_none()
    }

    /// Whether the AggregatedAPI controls an object of this metadata.
    pub(crate) fn controls(&self, metadata: &ObjectMeta) -> bool {
        controller(metadata).is_some_and(|owner| owner.uid == self.uid)
    }
}

/// The group that an object's label names.
pub(crate) fn labelled(metadata: &ObjectMeta) -> Option<&str> {
    metadata.labels.as_ref()?.get(GROUP_LABEL).map(String::as_str)
}

/// The controller of an object.
pub(crate) fn controller(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))
}

fn child_name(group: &str) -> String {
    let prefix: String =
        group.chars().take(PREFIX_LENGTH).map(|char| if char == '.' { '-' } else { char }).collect();
    format!("g-{prefix}-{}", &hex(&Sha256::digest(group))[..DIGEST_LENGTH])
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_names() {
        let check = |group: &str, want: &str| assert_eq!(child_name(group), want, "{group}");
        // The digits are `printf GROUP | sha256sum | head -c 10`.
        check("custom-api.example.com", "g-custom-api-example-com-ee3a33bfa9");
        check(&"a".repeat(63), "g-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-7d3e74a05d");
        let longest = child_name(&format!("{}.example.com", "b".repeat(51)));
        assert!(longest.len() + "-tls".len() <= 63, "{longest} is no DNS label");
    }
}
