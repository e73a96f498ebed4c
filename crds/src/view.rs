//! Views: objects computed from objects of the cluster.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;

/// Objects computed from objects of the cluster, read-only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViewSource {
    /// The primary: each of its objects makes at most one object of the view.
    pub from: SourceReference,
    /// CEL over `object` and the joins: which primaries are shown; absent: all.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub where_: Option<String>,
    /// Other objects that belong to a primary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub join: Vec<Join>,
    /// The object of the view, a template.
    #[schemars(schema_with = "schema::preserved_object")]
    pub template: serde_json::Value,
    /// Whose rights on the sources count.
    #[serde(default)]
    pub read_as: ReadAs,
    /// An access check for every object; what it denies is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_if: Option<VisibleIf>,
}

/// Objects of the cluster that a view reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceReference {
    /// `v1`, or `group/version`.
    #[schemars(length(min = 1, max = 317))]
    pub api_version: String,
    /// The plural, as in RBAC.
    #[schemars(length(min = 1, max = 253), regex(pattern = schema::LABEL_1123))]
    pub resource: String,
    /// Only this namespace; absent or empty: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
    /// Only what this label selector matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub label_selector: Option<String>,
    /// Only what this field selector matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub field_selector: Option<String>,
}

/// Other objects that belong to a primary: those with an equal key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Join {
    /// The template's variable: a list ordered by namespace and name.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::IDENTIFIER))]
    #[x_kube(validation = Rule::new("!(self in ['object', 'item', 'request', 'response'])").message("object, item, request and response are names of other variables"))]
    pub name: String,
    /// The objects.
    pub from: SourceReference,
    /// What must be equal.
    pub keys: JoinKeys,
    /// Whether items of other namespaces join; by default only the object's namespace does where both have one.
    #[serde(default)]
    pub across_namespaces: bool,
}

/// The two expressions whose values are compared; each may give a list of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinKeys {
    /// CEL over `object`, the primary.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub object: String,
    /// CEL over `item`, the joined object.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub item: String,
}

/// Whose rights on a view's sources count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ReadAs {
    /// The caller must hold the same verb on the sources.
    #[default]
    Caller,
    /// RBAC on the view alone decides.
    Gateway,
}

/// A SubjectAccessReview for every object, as the caller; namespace and name are templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisibleIf {
    /// The verb.
    #[schemars(length(min = 1, max = 63))]
    pub verb: String,
    /// The group; empty: the core group.
    #[serde(default)]
    #[schemars(length(max = 253))]
    pub group: String,
    /// The plural.
    #[schemars(length(min = 1, max = 253))]
    pub resource: String,
    /// The subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub subresource: Option<String>,
    /// The namespace, a template; absent: the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = schema::MAX_EXPRESSION))]
    pub namespace: Option<String>,
    /// The name, a template; absent: all names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = schema::MAX_EXPRESSION))]
    pub name: Option<String>,
}
