//! What an object of a folder is in a cluster.
//!
//! Which resource it belongs to is not written in it. It is found as kubectl's users expect it: by a
//! CustomResourceDefinition of the folder, else by the usual plural of the kind. Objects get what an API server gives
//! them: a uid, a time of creation, and, if they are of one of Kubernetes' namespaced kinds, a namespace.

use kube::api::ApiResource;
use kube::core::GroupVersionKind;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::manifest::Manifest;

/// Kubernetes' own kinds that are in no namespace, as `kubectl api-resources --namespaced=false` lists them.
const CLUSTER_SCOPED: [&str; 29] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "ComponentStatus",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];
/// Where kubectl puts what names no namespace.
const DEFAULT_NAMESPACE: &str = "default";

/// What is known of a kind.
#[derive(Clone)]
pub(super) struct Kind {
    pub(super) plural: String,
    pub(super) namespaced: bool,
}

// === impl Kind ===

impl Kind {
    /// By apiVersion and kind, for each version; nothing of what is no CustomResourceDefinition.
    pub(super) fn read(manifest: &Manifest) -> Vec<((String, String), Self)> {
        let spec =
            manifest.object.get("spec").filter(|_| manifest.text("kind") == "CustomResourceDefinition");
        let text = |pointer: &str| spec?.pointer(pointer)?.as_str();
        let (Some(group), Some(kind), Some(plural)) =
            (text("/group"), text("/names/kind"), text("/names/plural"))
        else {
            return Vec::new();
        };
        let namespaced = text("/scope") != Some("Cluster");
        let versions = spec.and_then(|spec| spec["versions"].as_array()).into_iter().flatten();
        let names = versions.filter_map(|version| version["name"].as_str());
        let declared = |version: &str| {
            let declared = Self { plural: plural.to_owned(), namespaced };
            ((format!("{group}/{version}"), kind.to_owned()), declared)
        };
        names.map(declared).collect()
    }

    /// What is usual: the regular plural; Kubernetes' own kinds as they are. Of others nothing is known, and they are where they
    /// say.
    pub(super) fn usual(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let own = !group.contains('.') || group.ends_with(".k8s.io");
        Self {
            plural: ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)).plural,
            namespaced: own && !CLUSTER_SCOPED.contains(&kind),
        }
    }
}

/// The object with what an API server would have given it.
pub(super) fn completed(object: &Map<String, Value>, namespaced: bool, since: &str) -> Value {
    let mut object = object.clone();
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        let absent = |metadata: &Map<String, Value>, field: &str| {
            metadata.get(field).and_then(Value::as_str).is_none_or(str::is_empty)
        };
        if namespaced && absent(metadata, "namespace") {
            metadata.insert("namespace".to_owned(), DEFAULT_NAMESPACE.into());
        }
        if absent(metadata, "creationTimestamp") {
            metadata.insert("creationTimestamp".to_owned(), since.into());
        }
    }
    let metadata = &object["metadata"];
    if metadata["uid"].as_str().is_none_or(str::is_empty) {
        // The same for the same object, so that it stays who it is.
        let identity = format!(
            "{} {} {} {}",
            object["apiVersion"], object["kind"], metadata["namespace"], metadata["name"]
        );
        let uid = Uuid::new_v5(&Uuid::NAMESPACE_OID, identity.as_bytes());
        object["metadata"]["uid"] = uid.to_string().into();
    }
    Value::Object(object)
}
