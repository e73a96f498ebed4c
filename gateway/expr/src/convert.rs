//! Results as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map as JsonMap, Number, Value};

use crate::error::{ErrorKind, Failure};
use crate::functions;
use crate::meter::Meter;
use crate::value::{Map, Val};

/// Fuel for a value that is made: it is allocated, and lives on.
const VALUE_FUEL: u64 = 3;

/// Fuel for an object besides its fields: its first node has room for eleven.
const OBJECT_FUEL: u64 = 8;

/// The value as JSON; none for an optional without a value. Times and durations are texts, as are quantities,
/// addresses and versions; bytes are base64. Elements and entries without a value are left out.
pub(crate) fn to_json(meter: &mut Meter, value: &Val<'_>) -> Result<Option<Value>, Failure> {
    meter.spend(VALUE_FUEL)?;
    Ok(Some(match value {
        Val::Null => Value::Null,
        Val::Bool(value) => Value::Bool(*value),
        Val::Int(value) => Value::from(*value),
        Val::Uint(value) => Value::from(*value),
        Val::Double(value) => double(*value)?,
        Val::String(text) => {
            meter.bytes(text.as_str().len())?;
            Value::from(text.as_str())
        }
        Val::Bytes(bytes) => {
            meter.bytes(2 * bytes.as_slice().len())?;
            Value::from(STANDARD.encode(bytes.as_slice()))
        }
        Val::List(list) => {
            let mut items = Vec::with_capacity(list.len());
            for item in list.iter() {
                items.extend(to_json(meter, &item)?);
            }
            Value::Array(items)
        }
        Val::Map(map) => Value::Object(object(meter, map)?),
        Val::Optional(Some(value)) => return to_json(meter, value),
        Val::Optional(None) => return Ok(None),
        Val::Type(kind) => Value::from(kind.name()),
        other => Value::from(text_of(other).ok_or(ErrorKind::NotRepresentable)?),
    }))
}

fn object(meter: &mut Meter, map: &Map<'_>) -> Result<JsonMap<String, Value>, Failure> {
    meter.spend(OBJECT_FUEL)?;
    let mut fields = JsonMap::new();
    for (key, value) in map.entries() {
        let name = key_text(&key);
        meter.spend(VALUE_FUEL)?;
        meter.bytes(name.len())?;
        if let Some(value) = to_json(meter, &value)? {
            fields.insert(name, value);
        }
    }
    Ok(fields)
}

/// A key as JSON has it: numbers and booleans as their texts.
fn key_text(key: &Val<'_>) -> String {
    match key {
        Val::String(text) => text.as_str().to_owned(),
        other => functions::written(other).unwrap_or_default(),
    }
}

/// JSON has no infinity. A double that is an integer stays one without a point, as Kubernetes writes it.
fn double(value: f64) -> Result<Value, Failure> {
    let number = Number::from_f64(value).ok_or(ErrorKind::NotRepresentable)?;
    Ok(Value::Number(number))
}

/// The text of a value within a string.
pub(crate) fn interpolated(meter: &mut Meter, value: &Val<'_>) -> Result<Option<String>, Failure> {
    meter.spend(1)?;
    match value {
        Val::String(text) => {
            meter.bytes(text.as_str().len())?;
            Ok(Some(text.as_str().to_owned()))
        }
        Val::Optional(None) => Ok(None),
        Val::Optional(Some(value)) => interpolated(meter, value),
        other => text_of(other).map(Some).ok_or_else(|| ErrorKind::NotRepresentable.into()),
    }
}

fn text_of(value: &Val<'_>) -> Option<String> {
    match value {
        Val::Quantity(quantity) => Some(quantity.text()),
        Val::Semver(version) => Some(version.to_string()),
        Val::Url(url) => Some(url.text.clone()),
        other => functions::written(other),
    }
}
