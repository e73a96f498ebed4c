//! Random schemas and objects, judged by upstream's own code: `data/oracle.go` writes what it said. A longer table made
//! with another seed is read from the file that `TRIBUTARY_SCHEMA_ORACLE` names.

use serde_json::{Map, Value, json};
use tributary_schema::Structural;
use tributary_schema::embedded;
use tributary_schema::field::Path;

const TABLE: &str = include_str!("oracle.json");

fn sorted(errors: impl IntoIterator<Item = tributary_schema::field::Error>) -> Value {
    let mut texts: Vec<_> = errors.into_iter().map(|error| error.to_string()).collect();
    texts.sort();
    texts.dedup();
    json!(texts)
}

/// Refusals without those of defaults, which we look at only when the schema is sound, unless there are no others.
fn refusals(texts: &Value) -> Value {
    let of_default = |text: &&Value| {
        text.as_str().is_some_and(|text| text.contains(".default") && !text.contains("must have a default"))
    };
    let others: Vec<_> =
        list(texts).as_array().into_iter().flatten().filter(|text| !of_default(text)).cloned().collect();
    if others.is_empty() { list(texts) } else { json!(others) }
}

fn list(value: &Value) -> Value {
    value.as_array().map_or(json!([]), |items| json!(items))
}

/// What we make of an object, in the form of the table.
fn judged(schema: &Structural, case: &Value) -> Value {
    let mut object: Map<String, Value> = case["given"].as_object().cloned().unwrap_or_default();
    let unknown = schema.prune(&mut object);
    schema.default(&mut object);
    let before = case["before"].as_object();
    let mut faults = match before {
        Some(before) => schema.validate_update(&object, before),
        None => schema.validate(&object),
    };
    schema.embedded(&object, |at, resource| faults.extend(embedded::type_faults(at, resource)));
    if before.is_none_or(|before| schema.duplicates(before).is_empty()) {
        faults.extend(schema.duplicates(&object));
    }
    json!({"unknown": unknown, "result": object, "faults": sorted(faults)})
}

#[test]
fn random_schemas_and_objects_are_judged_as_upstream_does() {
    let text = match std::env::var("TRIBUTARY_SCHEMA_ORACLE") {
        Ok(path) => std::fs::read_to_string(path).unwrap(),
        Err(_) => TABLE.to_owned(),
    };
    let table: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut different = Vec::new();
    for (number, case) in table.iter().enumerate() {
        let expected = refusals(&case["refused"]);
        let schema = match Structural::parse(&case["schema"], &Path::new("s")) {
            Ok(schema) if expected == json!([]) => schema,
            Ok(_) => {
                different.push(format!("{number}. {}\n  accepted, upstream: {expected:#}", case["schema"]));
                continue;
            }
            Err(errors) => {
                let ours = refusals(&sorted(errors));
                if ours != expected {
                    different.push(format!(
                        "{number}. {}\n  ours: {ours:#}\n  upstream: {expected:#}",
                        case["schema"]
                    ));
                }
                continue;
            }
        };
        for object in case["objects"].as_array().unwrap() {
            let expected = json!({
                "unknown": list(&object["unknown"]), "result": object["result"], "faults": list(&object["faults"]),
            });
            let ours = judged(&schema, object);
            if ours != expected {
                different.push(format!(
                    "{number}. {}\n  before: {}\n  given: {}\n  ours: {ours:#}\n  upstream: {expected:#}",
                    case["schema"], object["before"], object["given"]
                ));
            }
        }
    }
    let shown = different.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n\n");
    assert!(different.is_empty(), "{} of {} differ:\n{shown}", different.len(), table.len());
}
