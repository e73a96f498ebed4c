//! What a gateway tells the operator: the answer of `GET /tributary/state`. Not a part of the object.
//!
//! Gateways of an older or newer version are asked too: fields are only ever added, and may be missing.

use serde::{Deserialize, Serialize};

/// Where a gateway tells its state.
pub const STATE_PATH: &str = "/tributary/state";
/// The common name of the client certificate, issued by the group's own CA, that may read it.
pub const STATE_READER: &str = "tributary-operator";

/// What a gateway serves, and how it fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayState {
    /// The generation of the definition in force; none before there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// The hash of the definition in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// SHA-256 of the serving certificate, lower-case hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<String>,
    /// Why stored objects cannot be written; none if they can, or are kept in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_fault: Option<String>,
    /// The uid of the record of an absence after which nothing is stored any more of namespaces that went meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absence: Option<String>,
    /// The served resources, each once, by name.
    pub resources: Vec<ResourceState>,
}

/// How a resource fares: numbers, paths and kinds of errors, never data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceState {
    /// The plural.
    pub name: String,
    /// Whether it can be read: a view answers 503 until all of its sources have been read once.
    pub synced: bool,
    /// The number of objects.
    pub objects: u64,
    /// The sources that cannot be read, in the order of their declaration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceState>,
    /// How many evaluations failed since the definition is in force.
    pub errors: u64,
    /// The last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<EvaluationState>,
    /// How many objects are not shown because another one has their name.
    pub hidden: u64,
}

/// A source that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceState {
    /// Group and version, as declared.
    pub api_version: String,
    /// The plural.
    pub resource: String,
    /// What would mend it.
    pub reason: SourceReason,
    /// What was answered.
    pub message: String,
}

/// Why a source cannot be read, by what would mend it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SourceReason {
    /// The gateway may not list or watch it.
    Forbidden,
    /// There is no such resource, or not yet.
    NotFound,
    /// Anything else: it is tried again.
    #[default]
    #[serde(other)]
    Unavailable,
}

/// An evaluation that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EvaluationState {
    /// Where the expression is, below the view.
    pub path: String,
    /// The kind of error.
    pub kind: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_other_versions_tell_is_read() {
        let state: GatewayState = serde_json::from_value(json!({
            "generation": 3, "later": {},
            "resources": [{"name": "a", "sources": [{"resource": "pods", "reason": "Later"}]}],
        }))
        .expect("a state");
        assert_eq!(state.generation, Some(3));
        assert_eq!(state.resources[0].sources[0].reason, SourceReason::Unavailable);
        assert!(!state.resources[0].synced);
    }

    #[test]
    fn what_is_told_is_read_again() {
        let source = SourceState {
            api_version: "v1".to_owned(),
            resource: "pods".to_owned(),
            reason: SourceReason::NotFound,
            message: "no".to_owned(),
        };
        let resource = ResourceState {
            name: "a".to_owned(),
            sources: vec![source],
            last_error: Some(EvaluationState { path: "where".to_owned(), kind: "no such key".to_owned() }),
            ..ResourceState::default()
        };
        let state =
            GatewayState { generation: Some(1), resources: vec![resource], ..GatewayState::default() };
        let text = serde_json::to_string(&state).expect("JSON");
        assert!(text.contains(r#""apiVersion":"v1","resource":"pods","reason":"NotFound""#), "{text}");
        assert_eq!(serde_json::from_str::<GatewayState>(&text).expect("a state"), state);
    }
}
