//! Where a gateway keeps stored objects.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::union::exactly_one;
use crate::{UnionError, schema};

/// Exactly one of `memory`, `embedded`, `etcd`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("[has(self.memory), has(self.embedded), has(self.etcd)].filter(set, set).size() == 1")
        .message("exactly one of memory, embedded, etcd must be set"),
    validation = Rule::new("has(self.memory) == has(oldSelf.memory) && has(self.embedded) == has(oldSelf.embedded) && has(self.etcd) == has(oldSelf.etcd)")
        .message("the storage backend is immutable"),
)]
pub struct Storage {
    /// In the Pod's memory: lost with the Pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryStorage>,
    /// In a database file on a PersistentVolumeClaim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<EmbeddedStorage>,
    /// In etcd, or kine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etcd: Option<EtcdStorage>,
    /// What happens to the data when the AggregatedAPI is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// A [`Storage`] as an enum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StorageKind<'a> {
    /// `memory`
    Memory(&'a MemoryStorage),
    /// `embedded`
    Embedded(&'a EmbeddedStorage),
    /// `etcd`
    Etcd(&'a EtcdStorage),
}

/// In the Pod's memory; it has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryStorage {}

/// In a database file on a PersistentVolumeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmbeddedStorage {
    /// The claim's size.
    pub size: Quantity,
    /// The claim's StorageClass; absent: the default class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub storage_class_name: Option<String>,
}

/// In etcd, or kine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EtcdStorage {
    /// URLs of the members.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 2048), regex(pattern = "^https?://[^/?#]+/?$")), extend("x-kubernetes-list-type" = "atomic"))]
    pub endpoints: Vec<String>,
    /// A Secret in the operator's namespace with the keys ca.crt, tls.crt, tls.key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub secret_name: Option<String>,
    /// What every key begins with.
    #[serde(default = "schema::etcd_prefix")]
    #[schemars(length(min = 1, max = 256), regex(pattern = "^/[^ ]*$"))]
    pub prefix: String,
}

/// What happens to the data when the AggregatedAPI is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// The data stays; a new AggregatedAPI of that name adopts it.
    #[default]
    Retain,
    /// The data goes too.
    Delete,
}

// === impl Storage ===

impl Storage {
    /// The one backend that is set.
    ///
    /// # Errors
    /// [`UnionError`] when none or several are set.
    pub fn kind(&self) -> Result<StorageKind<'_>, UnionError> {
        exactly_one([
            ("memory", self.memory.as_ref().map(StorageKind::Memory)),
            ("embedded", self.embedded.as_ref().map(StorageKind::Embedded)),
            ("etcd", self.etcd.as_ref().map(StorageKind::Etcd)),
        ])
    }
}
