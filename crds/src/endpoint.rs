//! Raw endpoints: paths of the group that are answered without objects.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::union::exactly_one;
use crate::{UnionError, schema};

/// A raw endpoint: exactly one of `static`, `template`, `proxy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("[has(self.static), has(self.template), has(self.proxy)].filter(set, set).size() == 1")
        .message("exactly one of static, template, proxy must be set"),
    validation = Rule::new("!(self.path.split('/')[0] in ['namespaces', 'watch', 'proxy'])")
        .message("namespaces, watch and proxy are words of the path: an endpoint cannot begin with them"),
)]
pub struct Endpoint {
    /// The version in whose path it lies.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035))]
    pub version: String,
    /// The path below `/apis/<group>/<version>/`; its first segment is a DNS label.
    #[schemars(
        length(min = 1, max = 256),
        regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(/[A-Za-z0-9._~-]+)*$")
    )]
    pub path: String,
    /// Whether everything below the path is answered too.
    #[serde(default)]
    pub subpaths: bool,
    /// The methods that are answered.
    #[serde(default = "schema::get_only")]
    #[schemars(length(min = 1, max = 6), extend("x-kubernetes-list-type" = "set"))]
    pub methods: Vec<HttpMethod>,
    /// A fixed body.
    #[serde(rename = "static", default, skip_serializing_if = "Option::is_none")]
    pub static_: Option<StaticEndpoint>,
    /// JSON with expressions over `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::preserved_object")]
    pub template: Option<serde_json::Value>,
    /// Requests go to an upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyEndpoint>,
}

/// An [`Endpoint`]'s answer as an enum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EndpointKind<'a> {
    /// `static`
    Static(&'a StaticEndpoint),
    /// `template`
    Template(&'a serde_json::Value),
    /// `proxy`
    Proxy(&'a ProxyEndpoint),
}

/// A fixed body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaticEndpoint {
    /// The media type of the body.
    #[serde(default = "schema::text_plain")]
    #[schemars(length(min = 1, max = 256))]
    pub content_type: String,
    /// The body, at most 256 KiB: objects stay below 1 MiB.
    #[schemars(length(max = 262_144))]
    pub body: String,
}

/// Requests go to an upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyEndpoint {
    /// The upstream's name.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1123))]
    pub upstream: String,
    /// The path below the upstream's; absent: the upstream's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub path: Option<String>,
}

/// A method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// Read.
    Get,
    /// Read without a body.
    Head,
    /// Make, or do.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

// === impl Endpoint ===

impl Endpoint {
    /// The one kind of answer that is set.
    ///
    /// # Errors
    /// [`UnionError`] when none or several are set.
    pub fn kind(&self) -> Result<EndpointKind<'_>, UnionError> {
        exactly_one([
            ("static", self.static_.as_ref().map(EndpointKind::Static)),
            ("template", self.template.as_ref().map(EndpointKind::Template)),
            ("proxy", self.proxy.as_ref().map(EndpointKind::Proxy)),
        ])
    }
}

// === impl StaticEndpoint ===

impl Default for StaticEndpoint {
    fn default() -> Self {
        Self { content_type: schema::text_plain(), body: String::new() }
    }
}

// === impl HttpMethod ===

impl HttpMethod {
    /// The method as it is written in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}
