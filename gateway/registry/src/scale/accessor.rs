//! Reading and writing one nested field, in the words of apimachinery's `unstructured` helpers.

use serde_json::{Map, Value};
use tributary_definition::JsonFieldPath;
use tributary_schema::gotext;

/// The integer at a path, if there is one; the error says what is there instead.
pub(super) fn integer(path: &JsonFieldPath, object: &Map<String, Value>) -> Result<Option<i64>, String> {
    let Some(value) = find(path, object)? else { return Ok(None) };
    value.as_i64().map(Some).ok_or_else(|| unlike(path.segments(), value, "int64"))
}

/// The text at a path.
pub(super) fn string<'a>(
    path: &JsonFieldPath,
    object: &'a Map<String, Value>,
) -> Result<Option<&'a str>, String> {
    let Some(value) = find(path, object)? else { return Ok(None) };
    value.as_str().map(Some).ok_or_else(|| unlike(path.segments(), value, "string"))
}

/// Puts a value at a path.
pub(super) fn place(
    path: &JsonFieldPath,
    object: &mut Map<String, Value>,
    value: Value,
) -> Result<(), String> {
    let Some((last, outer)) = path.segments().split_last() else { return Ok(()) };
    let mut fields = object;
    for (index, name) in outer.iter().enumerate() {
        let inner = fields.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        fields = inner.as_object_mut().ok_or_else(|| {
            let at = joined(&outer[..=index]);
            format!("value cannot be set because {at} is not a map[string]interface{{}}")
        })?;
    }
    fields.insert(last.clone(), value);
    Ok(())
}

/// What is at a path. Below null there is nothing, below any other value that is no object it is an error to look.
fn find<'a>(path: &JsonFieldPath, object: &'a Map<String, Value>) -> Result<Option<&'a Value>, String> {
    let names = path.segments();
    let Some((first, rest)) = names.split_first() else { return Ok(None) };
    let mut found = object.get(first);
    for (index, name) in rest.iter().enumerate() {
        found = match found {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Object(fields)) => fields.get(name),
            Some(other) => {
                return Err(unlike(&names[..index + 2], other, "map[string]interface{}"));
            }
        };
    }
    Ok(found)
}

fn unlike(names: &[String], value: &Value, wanted: &str) -> String {
    let found = match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int64",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    format!("{} accessor error: {} is of the type {found}, expected {wanted}", joined(names), shown(value))
}

fn joined(names: &[String]) -> String {
    format!(".{}", names.join("."))
}

/// A value as `%v` prints it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => gotext::number(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(shown).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            let fields: Vec<_> =
                fields.into_iter().map(|(name, value)| format!("{name}:{}", shown(value))).collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}
