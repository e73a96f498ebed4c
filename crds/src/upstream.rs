//! Upstreams: where http sources, reviews and proxies go.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::union::exactly_one;
use crate::{Duration, UnionError, schema};

/// An upstream: exactly one of `url`, `service`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.url) != has(self.service)").message("exactly one of url, service must be set"),
)]
pub struct Upstream {
    /// The name by which sources refer to it.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1123))]
    pub name: String,
    /// `http` or `https`, with a path or without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048), regex(pattern = "^https?://[^/?#]+(/[^?#]*)?$"))]
    pub url: Option<String>,
    /// A Service of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<UpstreamService>,
    /// Base64 of PEM certificates; absent or empty: Mozilla's roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 262_144))]
    pub ca_bundle: Option<String>,
    /// Credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<UpstreamAuth>,
    /// Headers that every request carries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::headers")]
    pub headers: BTreeMap<String, String>,
    /// How long one request may take.
    #[serde(default = "schema::upstream_timeout")]
    pub timeout: Duration,
    /// How many requests run at once.
    #[serde(default = "schema::max_concurrent")]
    #[schemars(range(min = 1, max = 1024))]
    pub max_concurrent: i32,
}

/// An [`Upstream`]'s address as an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamKind<'a> {
    /// `url`
    Url(&'a str),
    /// `service`
    Service(&'a UpstreamService),
}

/// A Service of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpstreamService {
    /// The Service's name.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035))]
    pub name: String,
    /// The Service's namespace.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1123))]
    pub namespace: String,
    /// The Service's port.
    #[serde(default = "schema::https_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
    /// The scheme.
    #[serde(default = "schema::https")]
    pub scheme: Scheme,
    /// A path before all paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub path: Option<String>,
}

/// A URL scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// TLS.
    #[default]
    Https,
    /// Clear text.
    Http,
}

/// Credentials for an upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamAuth {
    /// A Secret in the operator's namespace with the label `tributary.dev/group: <group>`; its keys are `token`, or
    /// `username` and `password`, or `tls.crt` and `tls.key`.
    #[schemars(length(min = 1, max = 253), regex(pattern = schema::SUBDOMAIN))]
    pub secret_name: String,
}

// === impl Upstream ===

impl Upstream {
    /// The one address that is set.
    ///
    /// # Errors
    /// [`UnionError`] when none or both are set.
    pub fn kind(&self) -> Result<UpstreamKind<'_>, UnionError> {
        exactly_one([
            ("url", self.url.as_deref().map(UpstreamKind::Url)),
            ("service", self.service.as_ref().map(UpstreamKind::Service)),
        ])
    }
}
