//! The declaration itself: one API group.

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::{AggregatedApiStatus, Certificates, Endpoint, Gateway, Resource, Upstream, schema};

/// The label that every child, and every Secret that a group may use, carries: its value is the group.
pub const GROUP_LABEL: &str = "tributary.dev/group";

/// An API group served through the aggregation layer.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tributary.dev",
    version = "v1alpha1",
    kind = "AggregatedAPI",
    root = "AggregatedApi",
    plural = "aggregatedapis",
    singular = "aggregatedapi",
    shortname = "aapi",
    status = "AggregatedApiStatus",
    derive = "PartialEq",
    doc = "AggregatedAPI declares one API group, served to the cluster through the aggregation layer.",
    printcolumn(name = "Group", type_ = "string", json_path = ".spec.group"),
    printcolumn(name = "Versions", type_ = "string", json_path = ".status.versionsSummary"),
    printcolumn(name = "Resources", type_ = "integer", json_path = ".status.resourceCount"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].message"#,
        priority = 1
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("self.metadata.name == self.spec.group").message("metadata.name must equal spec.group: a group has one owner")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.resources) || !self.resources.exists(r, has(r.source.stored)) || has(self.gateway.storage)")
        .message("spec.gateway.storage is required as soon as one source is stored"),
    validation = Rule::new("self.gateway.replicas <= 1 || !has(self.resources) || self.resources.all(r, has(r.source.review) || (has(r.source.stored) && has(self.gateway.storage) && has(self.gateway.storage.etcd)) || (has(r.source.view) && !has(r.source.view.join)))")
        .message("spec.gateway.replicas above 1 needs a shared revision in every resource: stored on etcd, or a view without a join"),
    validation = Rule::new("!has(oldSelf.gateway.storage) || has(self.gateway.storage)")
        .message("spec.gateway.storage is immutable: it cannot be removed"),
)]
pub struct AggregatedApiSpec {
    /// The API group; it has a dot and equals metadata.name.
    #[schemars(length(min = 3, max = 63), regex(pattern = schema::SUBDOMAIN))]
    #[x_kube(validation = Rule::new("self.contains('.')").message("a group has a dot"))]
    pub group: String,
    /// The group's resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub resources: Vec<Resource>,
    /// Paths below `/apis/<group>/<version>/` that are answered without objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["version", "path"]))]
    pub endpoints: Vec<Endpoint>,
    /// Where http sources, reviews and proxies go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub upstreams: Vec<Upstream>,
    /// How the group's gateway runs.
    #[serde(default)]
    pub gateway: Gateway,
    /// How long the group's certificates live.
    #[serde(default)]
    pub certificates: Certificates,
}
