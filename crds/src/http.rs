//! HTTP sources: objects of an existing HTTP API.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Duration, HttpMethod, schema};

/// Objects of an existing HTTP API. A verb is served only if its request is declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HttpSource {
    /// The upstream's name.
    #[schemars(length(min = 1, max = 63), regex(pattern = schema::LABEL_1123))]
    pub upstream: String,
    /// How often the list is polled; `0s`: every request goes upstream, and watch is not offered.
    #[serde(default = "schema::refresh")]
    pub refresh: Duration,
    /// CEL over `name`: the upstream's id; absent: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub id: Option<String>,
    /// How all items are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<HttpList>,
    /// How one item is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get: Option<HttpGet>,
    /// How an item is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<HttpCreate>,
    /// How an item is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<HttpUpdate>,
    /// How an item is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete: Option<HttpDelete>,
    /// What deleting a namespace does upstream.
    #[serde(default)]
    pub on_namespace_delete: OnNamespaceDelete,
    /// The object of one item, a template over `item` and `response`.
    #[schemars(schema_with = "schema::preserved_object")]
    pub object: serde_json::Value,
}

/// The request that reads all items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpList {
    /// The path below the upstream's, a template.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub path: String,
    /// Query parameters, templates by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::query")]
    pub query: BTreeMap<String, String>,
    /// CEL over `response`: the items.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub items: String,
    /// CEL over `response`: path or URL of the next page; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub next: Option<String>,
}

/// The request that reads one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpGet {
    /// The path below the upstream's, a template.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub path: String,
    /// Query parameters, templates by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::query")]
    pub query: BTreeMap<String, String>,
    /// CEL over `response`: the item.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub item: String,
}

/// The request that makes an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpCreate {
    /// The method.
    #[serde(default = "schema::post")]
    pub method: HttpMethod,
    /// The path below the upstream's, a template.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub path: String,
    /// Query parameters, templates by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::query")]
    pub query: BTreeMap<String, String>,
    /// The body, a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::preserved_value")]
    pub body: Option<serde_json::Value>,
    /// CEL over `response`: the item that was made; absent: it is read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub item: Option<String>,
    /// Who names the object.
    #[serde(default)]
    pub naming: Naming,
}

/// The request that changes an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpUpdate {
    /// The method.
    #[serde(default = "schema::put")]
    pub method: HttpMethod,
    /// The path below the upstream's, a template.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub path: String,
    /// Query parameters, templates by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::query")]
    pub query: BTreeMap<String, String>,
    /// The body, a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::preserved_value")]
    pub body: Option<serde_json::Value>,
    /// CEL over `response`: the changed item; absent: it is read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub item: Option<String>,
}

/// The request that deletes an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpDelete {
    /// The method.
    #[serde(default = "schema::delete")]
    pub method: HttpMethod,
    /// The path below the upstream's, a template.
    #[schemars(length(min = 1, max = schema::MAX_EXPRESSION))]
    pub path: String,
    /// Query parameters, templates by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::query")]
    pub query: BTreeMap<String, String>,
}

/// Who names a new object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Naming {
    /// The upstream: objects are created with generateName only.
    #[default]
    Upstream,
    /// The client: the name is ours.
    Client,
}

/// What deleting a namespace does upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OnNamespaceDelete {
    /// Nothing.
    #[default]
    Keep,
    /// The namespace's items are deleted.
    Delete,
}
