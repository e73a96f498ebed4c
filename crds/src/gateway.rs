//! How a group's gateway runs.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, LocalObjectReference, ResourceRequirements, Toleration, TopologySpreadConstraint,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storage, schema};

/// The gateway's port unless `spec.gateway.port` says otherwise: kubelet's, which private clusters' firewalls let pass.
pub const DEFAULT_PORT: i32 = 10250;

/// How the group's gateway runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// The number of Pods; more than one needs a shared revision in every resource.
    #[serde(default = "schema::one_replica")]
    #[schemars(range(min = 1, max = 16))]
    pub replicas: i32,
    /// The image; absent or empty: the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub image: Option<String>,
    /// Requests and limits of the container; absent: the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Labels of nodes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::labels")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that the Pods tolerate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), extend("x-kubernetes-list-type" = "atomic"))]
    pub tolerations: Vec<Toleration>,
    /// Where the Pods run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// How the Pods spread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "atomic"))]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// The Pods' PriorityClass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub priority_class_name: Option<String>,
    /// Secrets of the operator's namespace with credentials for the image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "atomic"))]
    pub image_pull_secrets: Vec<LocalObjectReference>,
    /// Labels of the Pods; the operator's own win.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::labels")]
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations of the Pods; the operator's own win.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::labels")]
    pub pod_annotations: BTreeMap<String, String>,
    /// Whether the Pods use the node's network.
    #[serde(default)]
    pub host_network: bool,
    /// The container's port.
    #[serde(default = "schema::gateway_port")]
    #[schemars(range(min = 1024, max = 65535))]
    pub port: i32,
    /// Where stored objects are kept; required as soon as one source is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

// === impl Gateway ===

impl Gateway {
    /// The image that the user asks for, if any.
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref().filter(|image| !image.is_empty())
    }
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            replicas: schema::one_replica(),
            image: None,
            resources: None,
            node_selector: BTreeMap::new(),
            tolerations: Vec::new(),
            affinity: None,
            topology_spread_constraints: Vec::new(),
            priority_class_name: None,
            image_pull_secrets: Vec::new(),
            pod_labels: BTreeMap::new(),
            pod_annotations: BTreeMap::new(),
            host_network: false,
            port: schema::gateway_port(),
            storage: None,
        }
    }
}
