//! Any JSON as a schema, and if it is one, any objects under it: schema, object, what it was before.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use tributary_fuzz::parts;
use tributary_schema::field::Path;
use tributary_schema::{Structural, embedded};

fuzz_target!(|data: &[u8]| {
    let mut parts = parts(data).map(|part| serde_json::from_slice(part).unwrap_or(Value::Null));
    let schema = parts.next().unwrap_or_default();
    let Ok(schema) = Structural::parse(&schema, &Path::new("schema")) else { return };
    let v2 = schema.openapi_v2();
    let v3 = schema.openapi_v3();
    serde_json::to_vec(&[v2, v3]).expect("a published schema is JSON");
    let mut object = map(parts.next());
    let before = map(parts.next());

    schema.prune(&mut object);
    assert!(schema.prune(&mut object.clone()).is_empty(), "pruning leaves what it would prune");
    schema.default(&mut object);
    let mut again = object.clone();
    schema.default(&mut again);
    assert_eq!(object, again, "defaults change what has them");

    schema.validate(&object);
    schema.validate_update(&object, &before);
    schema.duplicates(&object);
    let none = Value::Null;
    schema.validate_status(object.get("status").unwrap_or(&none), before.get("status"));
    schema.embedded(&object, |at, resource| drop(embedded::type_faults(at, resource)));
});

fn map(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
