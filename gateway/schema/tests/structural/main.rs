//! Structural schemas as their users see them: what is refused, what becomes of objects, what is published.

mod anything;
mod formats;
mod objects;
mod oracle;
mod published;
mod refused;

use serde_json::Value;
use tributary_schema::Structural;
use tributary_schema::field::Path;

/// Compiles a schema that is known to be sound.
fn compile(schema: &Value) -> Structural {
    Structural::parse(schema, &Path::new("s")).expect("a sound schema")
}

/// A schema whose `spec` is the given one.
fn with_spec(spec: Value) -> Value {
    serde_json::json!({"type": "object", "properties": {"spec": spec}})
}
