//! Where a resource's objects come from.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::union::exactly_one;
use crate::{Duration, HttpMethod, HttpSource, UnionError, ViewSource, schema};

/// Exactly one of `stored`, `view`, `http`, `review`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("[has(self.stored), has(self.view), has(self.http), has(self.review)].filter(set, set).size() == 1")
        .message("exactly one of stored, view, http, review must be set"),
    validation = Rule::new("has(self.stored) == has(oldSelf.stored) && has(self.view) == has(oldSelf.view) && has(self.http) == has(oldSelf.http) && has(self.review) == has(oldSelf.review)")
        .message("the kind of source is immutable"),
)]
pub struct Source {
    /// The gateway keeps the objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<StoredSource>,
    /// Objects computed from objects of the cluster, read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewSource>,
    /// Objects of an existing HTTP API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpSource>,
    /// Create-only, nothing is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewSource>,
}

/// A [`Source`] as an enum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SourceKind<'a> {
    /// `stored`
    Stored(&'a StoredSource),
    /// `view`
    View(&'a ViewSource),
    /// `http`
    Http(&'a HttpSource),
    /// `review`
    Review(&'a ReviewSource),
}

/// The gateway keeps the objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredSource {
    /// Objects are deleted that long after their last change; `0s`: never.
    #[serde(default = "schema::zero_duration")]
    pub ttl: Duration,
}

/// Create-only: POST returns the object with what the template adds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewSource {
    /// A request to an upstream, whose answer the template sees as `response`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<ReviewCall>,
    /// What is added to the object.
    #[schemars(schema_with = "schema::preserved_object")]
    pub template: serde_json::Value,
}

/// A review's request to an upstream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewCall {
    /// The upstream's name.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1123))]
    pub upstream: String,
    /// The method.
    #[serde(default = "schema::post")]
    pub method: HttpMethod,
    /// The path below the upstream's, a template.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub path: String,
    /// Query parameters, templates by name.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::query")]
    pub query: std::collections::BTreeMap<String, String>,
    /// The body, a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::preserved_value")]
    pub body: Option<serde_json::Value>,
}

// === impl Source ===

impl Source {
    /// The one kind that is set.
    ///
    /// # Errors
    /// [`UnionError`] when none or several are set.
    pub fn kind(&self) -> Result<SourceKind<'_>, UnionError> {
        exactly_one([
            ("stored", self.stored.as_ref().map(SourceKind::Stored)),
            ("view", self.view.as_ref().map(SourceKind::View)),
            ("http", self.http.as_ref().map(SourceKind::Http)),
            ("review", self.review.as_ref().map(SourceKind::Review)),
        ])
    }
}

// === impl SourceKind ===

impl SourceKind<'_> {
    /// The name of the kind, as in YAML.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stored(_) => "stored",
            Self::View(_) => "view",
            Self::Http(_) => "http",
            Self::Review(_) => "review",
        }
    }
}

// === impl StoredSource ===

impl Default for StoredSource {
    fn default() -> Self {
        Self { ttl: schema::zero_duration() }
    }
}
