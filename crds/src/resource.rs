//! A resource of the group: its names, versions and verbs.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Source, schema};

/// A resource, as a CustomResourceDefinition would declare it, and where its objects come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.kind == oldSelf.kind").message("kind is immutable"),
    validation = Rule::new("self.scope == oldSelf.scope").message("scope is immutable"),
)]
pub struct Resource {
    /// The plural, lower case: the name in paths and in RBAC.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035))]
    #[x_kube(validation = Rule::new("!(self in ['namespaces', 'watch', 'proxy'])").message("namespaces, watch and proxy are words of the path"))]
    pub name: String,
    /// The kind of one object.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::KIND))]
    pub kind: String,
    /// The singular; default: the kind in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035))]
    pub singular: Option<String>,
    /// The kind of a list; default: the kind and `List`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::KIND))]
    pub list_kind: Option<String>,
    /// Short names for kubectl.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035)), extend("x-kubernetes-list-type" = "set"))]
    pub short_names: Vec<String>,
    /// Categories, like `all`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035)), extend("x-kubernetes-list-type" = "set"))]
    pub categories: Vec<String>,
    /// Whether objects live in namespaces.
    pub scope: Scope,
    /// The versions, as in a CustomResourceDefinition.
    #[schemars(length(min = 1, max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub versions: Vec<ResourceVersion>,
    /// The verbs that are served; default: all that the source can do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "set"))]
    pub verbs: Vec<Verb>,
    /// Where the objects come from.
    pub source: Source,
}

/// Whether a resource's objects live in namespaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// In namespaces.
    #[default]
    Namespaced,
    /// In the cluster as a whole.
    Cluster,
}

/// A verb of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Read one object.
    Get,
    /// Read many objects.
    List,
    /// Follow changes.
    Watch,
    /// Make an object.
    Create,
    /// Replace an object.
    Update,
    /// Change parts of an object.
    Patch,
    /// Delete one object.
    Delete,
    /// Delete many objects.
    DeleteCollection,
}

/// A version of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.deprecationWarning) || self.deprecationWarning == '' || (has(self.deprecated) && self.deprecated)")
        .message("deprecationWarning can only be set on a deprecated version"),
)]
pub struct ResourceVersion {
    /// The version, like `v1`.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1035))]
    pub name: String,
    /// Whether the version is served.
    #[serde(default = "schema::yes")]
    pub served: bool,
    /// Whether objects are kept in this version; default: true if it is the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<bool>,
    /// Whether use of the version draws a warning.
    #[serde(default)]
    pub deprecated: bool,
    /// The text of that warning; default: Kubernetes' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub deprecation_warning: Option<String>,
    /// The structural schema; absent: any object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<VersionSchema>,
    /// The status and scale subresources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresources: Option<Subresources>,
    /// Columns of the Table that kubectl shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), extend("x-kubernetes-list-type" = "atomic"))]
    pub additional_printer_columns: Vec<PrinterColumn>,
    /// Fields that field selectors may name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "atomic"))]
    pub selectable_fields: Vec<SelectableField>,
}

/// The schema of a version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionSchema {
    /// A structural OpenAPI v3 schema, as in a CustomResourceDefinition.
    #[serde(rename = "openAPIV3Schema", default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::preserved_object")]
    pub open_api_v3_schema: Option<serde_json::Value>,
}

/// The subresources of a version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subresources {
    /// Present: `/status` is served and the status is written only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusSubresource>,
    /// Present: `/scale` is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleSubresource>,
}

/// The status subresource; it has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusSubresource {}

/// Where the scale subresource finds its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScaleSubresource {
    /// JSONPath below `.spec`.
    #[schemars(length(min = 1, max = 256))]
    pub spec_replicas_path: String,
    /// JSONPath below `.status`.
    #[schemars(length(min = 1, max = 256))]
    pub status_replicas_path: String,
    /// JSONPath below `.status` or `.spec` of the selector in its text form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub label_selector_path: Option<String>,
}

/// A column of the Table; exactly one of `json_path` and `expression`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.jsonPath) != has(self.expression)").message("exactly one of jsonPath, expression must be set"),
)]
pub struct PrinterColumn {
    /// The heading.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// One of `string`, `integer`, `number`, `boolean`, `date`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["string", "integer", "number", "boolean", "date"]))]
    pub type_: String,
    /// An OpenAPI format, like `int32`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub format: Option<String>,
    /// What the column shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// 0 is always shown, more only in wide output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// JSONPath of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub json_path: Option<String>,
    /// CEL over `object`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub expression: Option<String>,
}

/// A field that field selectors may name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelectableField {
    /// JSONPath of the field.
    #[schemars(length(min = 1, max = 1024))]
    pub json_path: String,
}

// === impl Resource ===

impl Resource {
    /// The singular, by default the kind in lower case.
    pub fn singular_name(&self) -> String {
        self.singular.clone().unwrap_or_else(|| self.kind.to_ascii_lowercase())
    }

    /// The kind of a list, by default the kind and `List`.
    pub fn list_kind_name(&self) -> String {
        self.list_kind.clone().unwrap_or_else(|| format!("{}List", self.kind))
    }
}

// === impl Verb ===

impl Verb {
    /// The verb as it is written in YAML, in discovery and in RBAC.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
        }
    }
}

// === impl ResourceVersion ===

impl Default for ResourceVersion {
    fn default() -> Self {
        Self {
            name: String::new(),
            served: true,
            storage: None,
            deprecated: false,
            deprecation_warning: None,
            schema: None,
            subresources: None,
            additional_printer_columns: Vec::new(),
            selectable_fields: Vec::new(),
        }
    }
}
