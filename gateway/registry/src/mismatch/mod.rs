//! ObjectMeta, Scale and DeleteOptions of JSON, read by Go's rules; why JSON is none is told in the words of Go's decoder.

mod types;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::Error as _;
use serde_json::{Map, Number, Value};
use tributary_expr::rfc3339;
use tributary_schema::gotext;

use crate::numbers;
use types::{DELETE_OPTIONS, OBJECT_META, SCALE, STRING, TOKEN, Type};

/// Go's zero time, the first second of the year 1: none is set.
const ZERO_TIME: i64 = -62_135_596_800;

/// Reads metadata at a path; the paths of unknown fields are added to `unknown`.
pub(crate) fn read(metadata: &Value, at: &str, unknown: &mut Vec<String>) -> serde_json::Result<ObjectMeta> {
    let mut metadata = metadata.clone();
    decode(&OBJECT_META, Numbers::Written, &mut metadata, at, unknown).map_err(serde_json::Error::custom)?;
    serde_json::from_value(metadata)
}

/// Puts a Scale in the form of its type; the paths of unknown fields are added to `unknown`.
pub(crate) fn read_scale(scale: &mut Value, unknown: &mut Vec<String>) -> Result<(), String> {
    decode(&SCALE, Numbers::Sent, scale, "", unknown)
}

/// Whether an object is a continue token.
pub(crate) fn read_token(token: &Value) -> Result<(), String> {
    decode(&TOKEN, Numbers::Sent, &mut token.clone(), "", &mut Vec::new())
}

/// Puts DeleteOptions in the form of their type.
pub(crate) fn read_delete_options(options: &mut Value) -> Result<(), String> {
    decode(&DELETE_OPTIONS, Numbers::Sent, options, "", &mut Vec::new())
}

fn decode(
    wanted: &Type,
    numbers: Numbers,
    value: &mut Value,
    at: &str,
    unknown: &mut Vec<String>,
) -> Result<(), String> {
    let at = at.to_owned();
    let mut decoder = Decoder { numbers, of: "", fields: Vec::new(), at, unknown, first: None };
    let ended = decoder.value(wanted, value);
    match ended.err().or(decoder.first) {
        Some(why) => Err(why),
        None => Ok(()),
    }
}

/// What an integer is read of.
#[derive(Clone, Copy)]
enum Numbers {
    /// Of the text that was sent, in which 1.0 and 1e3 are none.
    Sent,
    /// Of what was written once more before it is read, as metadata is: a float without a fraction became one.
    Written,
}

/// Reads a value in the order of its fields' names, in which the reference does. A value of another type is told in the
/// end, if it is the first; a time that is none ends it at once.
struct Decoder<'a> {
    numbers: Numbers,
    /// The struct whose fields are read; empty: none yet.
    of: &'static str,
    /// From the outside.
    fields: Vec<&'static str>,
    /// The path of what is read.
    at: String,
    unknown: &'a mut Vec<String>,
    first: Option<String>,
}

impl Numbers {
    /// The integer that a number is, if it fits in its type.
    fn integer(self, number: &Number, wanted: &Type) -> Option<i64> {
        let integer = match self {
            Self::Sent => number.as_i64(),
            Self::Written => numbers::as_written(number),
        };
        integer.filter(|integer| !matches!(wanted, Type::Short) || i32::try_from(*integer).is_ok())
    }
}

impl Decoder<'_> {
    /// Puts a value in the form of its type.
    fn value(&mut self, wanted: &Type, value: &mut Value) -> Result<(), String> {
        match (wanted, &mut *value) {
            (_, Value::Null) | (Type::Text(_), Value::String(_)) | (Type::Bool, Value::Bool(_)) => {}
            (Type::Integer | Type::Short, Value::Number(number)) => {
                match self.numbers.integer(number, wanted) {
                    Some(integer) => *value = integer.into(),
                    None => self.note_number(&number.clone(), wanted),
                }
            }
            (Type::Time, Value::String(text)) => *value = time(text)?,
            (Type::Time, other) => return Err(self.mismatch(kind(other), wanted)),
            (Type::Map, Value::Object(texts)) => {
                texts.values_mut().try_for_each(|text| self.item(&STRING, text))?;
            }
            (Type::List(item), Value::Array(items)) => {
                for (index, value) in items.iter_mut().enumerate() {
                    self.below(&format!("[{index}]"), |decoder| decoder.item(item, value))?;
                }
            }
            (Type::Struct(name, types), Value::Object(fields)) => self.fields(name, types, fields)?,
            (_, other) => {
                let found = kind(other);
                self.note(found, wanted);
            }
        }
        Ok(())
    }

    /// Of a list or a map, where null is what its type has for nothing.
    fn item(&mut self, wanted: &Type, value: &mut Value) -> Result<(), String> {
        match (wanted, &*value) {
            (Type::Struct(..), Value::Null) => *value = Value::Object(Map::new()),
            (_, Value::Null) => *value = Value::from(""),
            _ => {}
        }
        self.value(wanted, value)
    }

    fn fields(
        &mut self,
        name: &'static str,
        types: &'static [(&'static str, Type)],
        fields: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let outer = std::mem::replace(&mut self.of, name);
        let separator = if self.at.is_empty() { "" } else { "." };
        for (field, wanted) in types {
            if let Some(value) = fields.get_mut(*field) {
                self.fields.push(field);
                self.below(&format!("{separator}{field}"), |decoder| decoder.value(wanted, value))?;
                self.fields.pop();
            }
        }
        let others = fields.keys().filter(|field| types.iter().all(|(known, _)| known != field));
        self.unknown.extend(others.map(|field| format!("{}{separator}{field}", self.at)));
        self.of = outer;
        Ok(())
    }

    /// Reads what is at a further path.
    fn below(
        &mut self,
        step: &str,
        read: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let length = self.at.len();
        self.at.push_str(step);
        let done = read(self);
        self.at.truncate(length);
        done
    }

    fn note_number(&mut self, number: &Number, wanted: &Type) {
        self.note(&format!("number {}", gotext::json_number(number)), wanted);
    }

    fn note(&mut self, found: &str, wanted: &Type) {
        if self.first.is_none() {
            self.first = Some(self.mismatch(found, wanted));
        }
    }

    fn mismatch(&self, found: &str, wanted: &Type) -> String {
        let place = match self.fields.is_empty() {
            true => "value".to_owned(),
            false => format!("struct field {}.{}", self.of, self.fields.join(".")),
        };
        format!("json: cannot unmarshal {found} into Go {place} of type {}", wanted.name())
    }
}

/// A time in the form in which it is written: whole seconds of UTC.
fn time(text: &str) -> Result<Value, String> {
    let written = rfc3339::parse(text)?;
    if (written.seconds, written.nanos) == (ZERO_TIME, 0) {
        return Ok(Value::Null);
    }
    // One that cannot be held is refused as it is.
    let time = Timestamp::from_second(written.seconds);
    Ok(Value::from(time.map_or_else(|_| text.to_owned(), |time| time.to_string())))
}

/// What Go's decoder calls a value.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests;
