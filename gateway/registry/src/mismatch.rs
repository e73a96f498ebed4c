//! ObjectMeta and Scale of JSON, read by Go's rules; why JSON is none is told in the words of Go's decoder.

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
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_field_of_another_type() {
        let field = |found: &str, field: &str, wanted: &str| {
            format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}")
        };
        let yesterday =
            r#"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#;
        for (metadata, expected) in [
            (json!([]), "json: cannot unmarshal array into Go value of type v1.ObjectMeta".to_owned()),
            (json!("x"), "json: cannot unmarshal string into Go value of type v1.ObjectMeta".to_owned()),
            (json!({"name": 1.5}), field("number", "ObjectMeta.name", "string")),
            (json!({"uid": {}}), field("object", "ObjectMeta.uid", "types.UID")),
            (json!({"generation": "x"}), field("string", "ObjectMeta.generation", "int64")),
            (json!({"generation": 1.5}), field("number 1.5", "ObjectMeta.generation", "int64")),
            (
                json!({"generation": 18_446_744_073_709_551_615.0}),
                field("number 18446744073709552000", "ObjectMeta.generation", "int64"),
            ),
            (json!({"labels": 1}), field("number", "ObjectMeta.labels", "map[string]string")),
            (json!({"labels": {"a": 1}, "name": 1}), field("number", "ObjectMeta.labels", "string")),
            (json!({"finalizers": {}}), field("object", "ObjectMeta.finalizers", "[]string")),
            (json!({"finalizers": ["a", 1]}), field("number", "ObjectMeta.finalizers", "string")),
            (
                json!({"ownerReferences": 1}),
                field("number", "ObjectMeta.ownerReferences", "[]v1.OwnerReference"),
            ),
            (
                json!({"ownerReferences": [1]}),
                field("number", "ObjectMeta.ownerReferences", "v1.OwnerReference"),
            ),
            (
                json!({"ownerReferences": [{"name": 1}], "selfLink": 1}),
                field("number", "OwnerReference.ownerReferences.name", "string"),
            ),
            (
                json!({"ownerReferences": [{"controller": "x"}]}),
                field("string", "OwnerReference.ownerReferences.controller", "bool"),
            ),
            (
                json!({"managedFields": [{"operation": 1}]}),
                field(
                    "number",
                    "ManagedFieldsEntry.managedFields.operation",
                    "v1.ManagedFieldsOperationType",
                ),
            ),
            (json!({"creationTimestamp": 1}), field("number", "ObjectMeta.creationTimestamp", "string")),
            (
                json!({"annotations": 1, "managedFields": [{"time": []}]}),
                field("array", "ManagedFieldsEntry.managedFields.time", "string"),
            ),
            (json!({"creationTimestamp": "yesterday"}), yesterday.to_owned()),
            (json!({"annotations": 1, "deletionTimestamp": "yesterday"}), yesterday.to_owned()),
        ] {
            assert_eq!(read(&metadata, "", &mut Vec::new()).unwrap_err().to_string(), expected, "{metadata}");
        }
    }

    #[test]
    fn values_are_put_in_the_form_of_their_type() {
        for (metadata, expected) in [
            (
                json!({"labels": {"a": null, "b": "c"}, "annotations": null, "finalizers": [null]}),
                json!({"labels": {"a": "", "b": "c"}, "finalizers": [""]}),
            ),
            (json!({"name": null, "x": 1, "generation": 1.0}), json!({"generation": 1})),
            (
                json!({"creationTimestamp": "2020-01-02T3:04:05,5+01:00"}),
                json!({"creationTimestamp": "2020-01-02T02:04:05Z"}),
            ),
            (json!({"creationTimestamp": "0001-01-01T00:00:00Z", "deletionTimestamp": null}), json!({})),
            (
                json!({"ownerReferences": [null]}),
                json!({"ownerReferences": [{"apiVersion": "", "kind": "", "name": "", "uid": ""}]}),
            ),
        ] {
            let read = read(&metadata, "", &mut Vec::new()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), expected, "{metadata}");
        }
    }

    #[test]
    fn unknown_fields_are_told() {
        let mut unknown = Vec::new();
        let owners = json!([{}, {"name": "a", "more": {"x": 1}}]);
        read(&json!({"x": 1, "labels": {"y": "z"}, "ownerReferences": owners}), "metadata", &mut unknown)
            .unwrap();
        assert_eq!(unknown, ["metadata.ownerReferences[1].more", "metadata.x"]);
    }

    #[test]
    fn scales() {
        for (mut scale, expected, told) in [
            (json!(null), Ok(()), &[][..]),
            (json!({"spec": {"replicas": 2_147_483_647}, "status": null}), Ok(()), &[]),
            (
                json!({"spec": {"replica": 1}, "status": {"x": 1}, "more": 1}),
                Ok(()),
                &["spec.replica", "status.x", "more"],
            ),
            (
                json!({"spec": {"replicas": {}}}),
                Err("object into Go struct field ScaleSpec.spec.replicas of type int32"),
                &[],
            ),
            (
                json!({"spec": {"replicas": 2_147_483_648_i64}}),
                Err("number 2147483648 into Go struct field ScaleSpec.spec.replicas of type int32"),
                &[],
            ),
            (
                json!({"spec": {"replicas": 1.5}, "status": {"selector": 1}}),
                Err("number 1.5 into Go struct field ScaleSpec.spec.replicas of type int32"),
                &[],
            ),
            (json!({"spec": 1}), Err("number into Go struct field Scale.spec of type v1.ScaleSpec"), &[]),
            (
                json!({"metadata": {"name": 1}}),
                Err("number into Go struct field ObjectMeta.metadata.name of type string"),
                &[],
            ),
        ] {
            let mut unknown = Vec::new();
            let expected = expected.map_err(|why| format!("json: cannot unmarshal {why}"));
            assert_eq!(read_scale(&mut scale, &mut unknown), expected, "{scale}");
            assert_eq!(unknown, told, "{scale}");
        }
    }
}
