//! ObjectMeta, Scale and DeleteOptions of JSON, read by Go's rules; why JSON is none is told in the words of Go's decoder.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::Error as _;
use serde_json::{Map, Number, Value};
use tributary_expr::rfc3339;
use tributary_schema::gotext;

use crate::numbers;

/// A type of Go, as far as metadata has it.
enum Type {
    /// A string by its name.
    Text(&'static str),
    Bool,
    Integer,
    /// An int32.
    Short,
    Time,
    /// Of strings.
    Map,
    List(&'static Type),
    /// Of this name in `v1`, with these fields.
    Struct(&'static str, &'static [(&'static str, Type)]),
}

const STRING: Type = Type::Text("string");
const UID: Type = Type::Text("types.UID");

const OBJECT_META: Type = Type::Struct(
    "ObjectMeta",
    &[
        ("annotations", Type::Map),
        ("creationTimestamp", Type::Time),
        ("deletionGracePeriodSeconds", Type::Integer),
        ("deletionTimestamp", Type::Time),
        ("finalizers", Type::List(&STRING)),
        ("generateName", STRING),
        ("generation", Type::Integer),
        ("labels", Type::Map),
        ("managedFields", Type::List(&MANAGED_FIELDS)),
        ("name", STRING),
        ("namespace", STRING),
        ("ownerReferences", Type::List(&OWNER)),
        ("resourceVersion", STRING),
        ("selfLink", STRING),
        ("uid", UID),
    ],
);

const OWNER: Type = Type::Struct(
    "OwnerReference",
    &[
        ("apiVersion", STRING),
        ("blockOwnerDeletion", Type::Bool),
        ("controller", Type::Bool),
        ("kind", STRING),
        ("name", STRING),
        ("uid", UID),
    ],
);

const MANAGED_FIELDS: Type = Type::Struct(
    "ManagedFieldsEntry",
    &[
        ("apiVersion", STRING),
        ("fieldsType", STRING),
        ("manager", STRING),
        ("operation", Type::Text("v1.ManagedFieldsOperationType")),
        ("subresource", STRING),
        ("time", Type::Time),
    ],
);

/// Of autoscaling/v1.
const SCALE: Type = Type::Struct(
    "Scale",
    &[
        ("apiVersion", STRING),
        ("kind", STRING),
        ("metadata", OBJECT_META),
        ("spec", Type::Struct("ScaleSpec", &[("replicas", Type::Short)])),
        ("status", Type::Struct("ScaleStatus", &[("replicas", Type::Short), ("selector", STRING)])),
    ],
);

/// What of DeleteOptions is looked at here, and what else is typed.
const DELETE_OPTIONS: Type = Type::Struct(
    "DeleteOptions",
    &[
        ("apiVersion", STRING),
        ("dryRun", Type::List(&STRING)),
        ("gracePeriodSeconds", Type::Integer),
        ("ignoreStoreReadErrorWithClusterBreakingPotential", Type::Bool),
        ("kind", STRING),
        ("orphanDependents", Type::Bool),
        ("preconditions", Type::Struct("Preconditions", &[("resourceVersion", STRING), ("uid", UID)])),
        ("propagationPolicy", Type::Text("v1.DeletionPropagation")),
    ],
);

const TOKEN: Type = Type::Struct("continueToken", &[("rv", Type::Integer), ("start", STRING), ("v", STRING)]);

/// Go's zero time, the first second of the year 1: none is set.
const ZERO_TIME: i64 = -62_135_596_800;

/// Reads metadata at a path; the paths of unknown fields are added to `unknown`.
pub(crate) fn read(metadata: &Value, at: &str, unknown: &mut Vec<String>) -> serde_json::Result<ObjectMeta> {
    let mut metadata = metadata.clone();
    decode(&OBJECT_META, &mut metadata, at, unknown).map_err(serde_json::Error::custom)?;
    serde_json::from_value(metadata)
}

/// Puts a Scale in the form of its type; the paths of unknown fields are added to `unknown`.
pub(crate) fn read_scale(scale: &mut Value, unknown: &mut Vec<String>) -> Result<(), String> {
    decode(&SCALE, scale, "", unknown)
}

/// Whether an object is a continue token.
pub(crate) fn read_token(token: &Value) -> Result<(), String> {
    decode(&TOKEN, &mut token.clone(), "", &mut Vec::new())
}

/// Puts DeleteOptions in the form of their type.
pub(crate) fn read_delete_options(options: &mut Value) -> Result<(), String> {
    decode(&DELETE_OPTIONS, options, "", &mut Vec::new())
}

fn decode(wanted: &Type, value: &mut Value, at: &str, unknown: &mut Vec<String>) -> Result<(), String> {
    let mut decoder = Decoder { of: "", fields: Vec::new(), at: at.to_owned(), unknown, first: None };
    let ended = decoder.value(wanted, value);
    match ended.err().or(decoder.first) {
        Some(why) => Err(why),
        None => Ok(()),
    }
}

/// Reads a value in the order of its fields' names, in which the reference does. A value of another type is told in the
/// end, if it is the first; a time that is none ends it at once.
struct Decoder<'a> {
    /// The struct whose fields are read; empty: none yet.
    of: &'static str,
    /// From the outside.
    fields: Vec<&'static str>,
    /// The path of what is read.
    at: String,
    unknown: &'a mut Vec<String>,
    first: Option<String>,
}

impl Decoder<'_> {
    /// Puts a value in the form of its type.
    fn value(&mut self, wanted: &Type, value: &mut Value) -> Result<(), String> {
        match (wanted, &mut *value) {
            (_, Value::Null) | (Type::Text(_), Value::String(_)) | (Type::Bool, Value::Bool(_)) => {}
            (Type::Integer, Value::Number(number)) => match numbers::as_written(number) {
                Some(integer) => *value = integer.into(),
                None => self.note_number(number, wanted),
            },
            // Unlike metadata, which is written once more before it is read, a Scale is read as it was sent.
            (Type::Short, Value::Number(number)) => {
                if number.as_i64().is_none_or(|integer| i32::try_from(integer).is_err()) {
                    self.note_number(&number.clone(), wanted);
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

impl Type {
    fn name(&self) -> String {
        match self {
            Self::Text(name) => (*name).to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Integer => "int64".to_owned(),
            Self::Short => "int32".to_owned(),
            Self::Time => "string".to_owned(),
            Self::Map => "map[string]string".to_owned(),
            Self::List(item) => format!("[]{}", item.name()),
            Self::Struct(name, _) => format!("v1.{name}"),
        }
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
