//! Canonical JSON of an object that has no resourceVersion yet.

use std::io::{self, Write};
use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Map, Value};
use thiserror::Error;
use tributary_schema::gotext;

use crate::key::Key;
use crate::label_set::LabelSet;
use crate::object::{Object, Span};

/// An object ready to be committed: canonical bytes without a resourceVersion, the place where it goes, and
/// what reads need parsed.
///
/// Canonical means keys sorted at every depth and no white space, as a custom resource is encoded. A durable
/// log stores these bytes; the revision that it answers with is spliced in once, by [`Encoded::at`].
#[derive(Clone, Debug)]
pub struct Encoded {
    bytes: Vec<u8>,
    /// Range of the value of `metadata`, braces included.
    metadata: Range<usize>,
    /// Where `"resourceVersion":"…"` goes, inside `metadata`.
    splice: usize,
    key: Key,
    uid: String,
    labels: LabelSet,
}

/// Why an object cannot be encoded: a programming error of the caller, which prepares every object.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// `metadata` is missing or no object, or a required field of it is missing or no string.
    #[error("metadata.{0} is missing or of the wrong type")]
    Metadata(&'static str),
    /// The object could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

// === impl Encoded ===

impl Encoded {
    /// Encodes a prepared object: `metadata` with name, uid and, where namespaced, namespace. A
    /// resourceVersion in it is left out.
    pub fn new(object: &Map<String, Value>) -> Result<Self, EncodeError> {
        let metadata =
            object.get("metadata").and_then(Value::as_object).ok_or(EncodeError::Metadata("(object)"))?;
        let namespace = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default();
        let name = text(metadata, "name")?;
        let mut bytes = Vec::with_capacity(1024);
        let mut range = 0..0;
        let mut splice = 0;
        write_map(&mut bytes, object, |bytes, key, value| {
            if key != "metadata" {
                return write_value(bytes, value);
            }
            let start = bytes.len();
            splice = write_metadata(bytes, metadata)?;
            range = start..bytes.len();
            Ok(())
        })?;
        Ok(Self {
            bytes,
            metadata: range,
            splice,
            key: Key::new(namespace, name),
            uid: text(metadata, "uid")?.to_owned(),
            labels: labels(metadata),
        })
    }

    /// The key that the object's own metadata gives.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The canonical bytes without a resourceVersion.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether committing this over `version` would change nothing but the resourceVersion.
    pub fn same_as<D>(&self, version: &Object<D>) -> bool {
        let (before, after) = self.bytes.split_at(self.splice);
        let spliced = format!("\"resourceVersion\":\"{}\",", version.revision());
        let rest = version.bytes().strip_prefix(before);
        rest.and_then(|rest| rest.strip_prefix(spliced.as_bytes())) == Some(after)
    }

    /// The object version that this becomes at `revision`, with what its source derives from it.
    pub fn at<D>(self, revision: u64, derived: D) -> Object<D> {
        // uid sorts after resourceVersion and is always there: the pair is never the last of metadata.
        let digits = revision.to_string();
        let pair = format!("\"resourceVersion\":\"{digits}\",");
        // No more than it takes: what is left over is kept as long as the object.
        let mut bytes = Vec::with_capacity(self.bytes.len() + pair.len() + 1);
        bytes.extend_from_slice(&self.bytes[..self.splice]);
        bytes.extend_from_slice(pair.as_bytes());
        let version = bytes.len() - digits.len() - 2..bytes.len() - 2;
        bytes.extend_from_slice(&self.bytes[self.splice..]);
        bytes.push(b'\n');
        Object {
            line: Bytes::from(bytes),
            metadata: Span::new(self.metadata.start..self.metadata.end + pair.len()),
            version: Span::new(version),
            key: self.key,
            uid: self.uid,
            revision,
            labels: self.labels,
            derived,
        }
    }
}

/// Writes `metadata` without a resourceVersion; returns where that belongs.
fn write_metadata(bytes: &mut Vec<u8>, metadata: &Map<String, Value>) -> serde_json::Result<usize> {
    let mut splice = None;
    let without = metadata.iter().filter(|(key, _)| *key != "resourceVersion");
    write_entries(bytes, without, |bytes, key, value| {
        if key > "resourceVersion" && splice.is_none() {
            // The key is written already, with its colon.
            splice = Some(bytes.len() - key_length(key)?);
        }
        write_value(bytes, value)
    })?;
    Ok(splice.unwrap_or(bytes.len() - 1))
}

/// Floats as Go writes them.
struct GoNumbers;

impl Formatter for GoNumbers {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(gotext::json_float(value).as_bytes())
    }
}

fn write_value(bytes: &mut Vec<u8>, value: &Value) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(bytes, GoNumbers))
}

/// Bytes of `"key":` as JSON.
fn key_length(key: &str) -> serde_json::Result<usize> {
    Ok(serde_json::to_vec(key)?.len() + 1)
}

fn write_map(
    bytes: &mut Vec<u8>,
    map: &Map<String, Value>,
    write_value: impl FnMut(&mut Vec<u8>, &str, &Value) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    write_entries(bytes, map.iter(), write_value)
}

fn write_entries<'a>(
    bytes: &mut Vec<u8>,
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
    mut write_value: impl FnMut(&mut Vec<u8>, &str, &Value) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    bytes.push(b'{');
    for (index, (key, value)) in entries.enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        serde_json::to_writer(&mut *bytes, key)?;
        bytes.push(b':');
        write_value(bytes, key, value)?;
    }
    bytes.push(b'}');
    Ok(())
}

fn text<'a>(metadata: &'a Map<String, Value>, field: &'static str) -> Result<&'a str, EncodeError> {
    metadata.get(field).and_then(Value::as_str).ok_or(EncodeError::Metadata(field))
}

fn labels(metadata: &Map<String, Value>) -> LabelSet {
    let labels = metadata.get("labels").and_then(Value::as_object).into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(object: Value, expected: &str) {
        let encoded = Encoded::new(object.as_object().unwrap()).unwrap();
        let version = encoded.at(7, ());
        assert_eq!(std::str::from_utf8(version.bytes()).unwrap(), expected);
        let parsed: Value = serde_json::from_slice(version.bytes()).unwrap();
        let metadata: Value = serde_json::from_slice(version.metadata_bytes()).unwrap();
        assert_eq!(metadata, parsed["metadata"]);
        assert_eq!(metadata["resourceVersion"], "7");
        for revision in [3, 1234] {
            let other = version.at_revision(revision);
            let metadata: Value = serde_json::from_slice(other.metadata_bytes()).unwrap();
            assert_eq!(metadata["resourceVersion"], revision.to_string());
            let again = other.at_revision(7);
            assert_eq!((again.line(), again.metadata_bytes()), (version.line(), version.metadata_bytes()));
        }
    }

    #[test]
    fn splices_the_revision_in_key_order() {
        check(
            json!({"metadata": {"uid": "u", "name": "a"}, "kind": "K", "spec": {"z": 1, "b": [null]}}),
            r#"{"kind":"K","metadata":{"name":"a","resourceVersion":"7","uid":"u"},"spec":{"b":[null],"z":1}}"#,
        );
        check(
            json!({"metadata": {"uid": "u", "name": "a", "resourceVersion": "3", "selfLink": "x"}}),
            r#"{"metadata":{"name":"a","resourceVersion":"7","selfLink":"x","uid":"u"}}"#,
        );
        check(
            json!({"metadata": {"uid": "ü\"", "name": "a", "namespace": "n", "sé\"l": "odd"}}),
            r#"{"metadata":{"name":"a","namespace":"n","resourceVersion":"7","sé\"l":"odd","uid":"ü\""}}"#,
        );
    }

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        check(
            json!({"metadata": {"name": "a", "uid": "u"}, "spec": [1, 1.5, -2.5e-6, 1e-7, 2.5e-9, 1e19, 1e20, -1e21, 1.5e300]}),
            r#"{"metadata":{"name":"a","resourceVersion":"7","uid":"u"},"spec":[1,1.5,-0.0000025,1e-7,2.5e-9,10000000000000000000,100000000000000000000,-1e+21,1.5e+300]}"#,
        );
    }

    #[test]
    fn knows_what_changes_nothing() {
        let encoded = |object: Value| Encoded::new(object.as_object().unwrap()).unwrap();
        // What stands right before the resourceVersion must not pass for it.
        let owned = json!({"metadata": {"name": "a", "ownerReferences": [{"uid": "o"}], "uid": "u"}});
        let free = json!({"metadata": {"name": "a", "uid": "u"}});
        for (object, other, same) in [(&owned, &owned, true), (&owned, &free, false), (&free, &owned, false)]
        {
            let version = encoded(object.clone()).at(7, ());
            assert_eq!(encoded(other.clone()).same_as(&version), same, "{object} {other}");
        }
    }

    #[test]
    fn needs_name_and_uid() {
        for object in [json!({}), json!({"metadata": {"name": "a"}}), json!({"metadata": {"uid": "a"}})] {
            assert!(Encoded::new(object.as_object().unwrap()).is_err());
        }
    }
}
