//! Answers in the form in which those of two servers compare: without what differs from one request to the next.

use serde_json::{Map, Value, json};

use crate::harness::Answer;

/// Headers that a client acts on. Not Cache-Control: kube-apiserver adds its own to that of any aggregated API.
const HEADERS: [&str; 4] = ["Content-Type", "Warning", "Retry-After", "X-Content-Type-Options"];
/// What follows in a message, in parentheses, is a uid or a resourceVersion.
const RECORD: &str = "in record (";

/// Code, headers and body; the group is `GROUP`.
pub(super) fn answer(answer: &Answer, group: &str) -> Value {
    let text = answer.text().replace(group, "GROUP");
    // A watch is one document a line.
    let documents: Result<Vec<Value>, _> =
        serde_json::Deserializer::from_str(&text).into_iter::<Value>().collect();
    let body = match documents {
        Ok(mut documents) if !documents.is_empty() => {
            documents.iter_mut().for_each(normalise);
            if documents.len() == 1 { documents.remove(0) } else { Value::Array(documents) }
        }
        _ => Value::String(text),
    };
    let headers: Vec<_> = HEADERS.iter().map(|name| answer.header(name)).collect();
    json!({"code": answer.code(), "headers": headers, "body": body})
}

fn normalise(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            unordered(fields);
            // Written by server-side apply, which is not built yet.
            fields.remove("managedFields");
            for (name, value) in fields.iter_mut() {
                match (name.as_str(), value.as_str()) {
                    (
                        "uid" | "resourceVersion" | "creationTimestamp" | "deletionTimestamp" | "continue",
                        Some(text),
                    ) if !text.is_empty() => {
                        *value = json!(format!("<{name}>"));
                    }
                    ("message", Some(text)) if text.contains(RECORD) => {
                        let (before, after) = text.split_once(RECORD).unwrap();
                        *value = json!(format!("{before}{RECORD}{}", after.split_once(')').unwrap().1));
                    }
                    ("cells", _) => ages(value),
                    _ => normalise(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        _ => {}
    }
}

/// A custom resource's errors come in the order of a Go map: they are sorted, and left out of the message.
fn unordered(status: &mut Map<String, Value>) {
    let causes = status.get_mut("details").and_then(|details| details.get_mut("causes"));
    let Some(causes) = causes.and_then(Value::as_array_mut).filter(|causes| causes.len() > 1) else { return };
    causes.sort_by_key(Value::to_string);
    let message = status["message"].as_str().unwrap_or_default();
    if let Some((before, _)) = message.split_once(" is invalid: [") {
        status["message"] = json!(format!("{before} is invalid: [...]"));
    }
}

/// Ages are rendered when they are asked for.
fn ages(cells: &mut Value) {
    for cell in cells.as_array_mut().unwrap() {
        let is_age = |text: &str| text.strip_suffix('s').is_some_and(|number| number.parse::<u32>().is_ok());
        if cell.as_str().is_some_and(is_age) {
            *cell = json!("<age>");
        }
    }
}
