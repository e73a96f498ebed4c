//! What makes a schema structural, and defaults that fit it.
//!
//! Follows apiextensions-apiserver `pkg/apiserver/schema/{validation,complete}.go`, `…/defaulting/validation.go` and
//! `pkg/apis/apiextensions/validation`.

mod defaults;
mod lists;
mod nested;
mod structure;

pub(crate) use defaults::check as defaults;
pub(crate) use nested::{is_int_or_string, starts_int_or_string};
pub(crate) use structure::check as structure;

use serde_json::Value;

use crate::structural::Node;

/// What every object has and pruning leaves alone.
const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The declared type as errors show it.
fn type_value(node: &Node) -> Value {
    node.keywords.get("type").cloned().unwrap_or_else(|| Value::from(""))
}
