//! The body of a request: bounded, decoded once.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use tributary_registry::{Duplicates, Reason, Status, check_type_meta};

use super::syntax;

/// The most bytes of a body (apiserver, `MaxRequestBodyBytes`).
const BODY_MOST: usize = 3 << 20;
/// How long it may take to come: it takes room from others.
const BODY_TIME: Duration = Duration::from_secs(15);
/// The most paths of duplicate fields that are remembered, and the most bytes of one: more say nothing new.
const DUPLICATES_MOST: usize = 64;
const DUPLICATE_BYTES: usize = 512;

/// The most bytes of a body that an error shows. The reference shows all.
const SHOWN_MOST: usize = 4 << 10;

/// A decoded body.
#[derive(Debug, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) value: Value,
    /// Fields that are given more than once; the last one counts, as in Go.
    pub(crate) duplicates: Duplicates,
}

/// The most bytes that a body can turn out to have.
pub(crate) fn most(body: &Body) -> u64 {
    body.size_hint().upper().unwrap_or(BODY_MOST as u64).min(BODY_MOST as u64)
}

/// Reads a whole body.
pub(crate) async fn read(body: Body) -> Result<Bytes, Status> {
    let Ok(read) = tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_MOST).collect()).await else {
        return Err(Status::failure(
            Reason::Timeout,
            "Timeout: the body of the request did not come in time",
        ));
    };
    match read {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Status::failure(
            Reason::RequestEntityTooLarge,
            format!("Request entity too large: limit is {BODY_MOST}"),
        )),
        Err(error) => Err(Status::bad_request(format!("the body could not be read: {error}"))),
    }
}

/// Decodes JSON.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let (value, duplicates) = decode_noting(bytes)?;
    Ok(Decoded { value, duplicates: Duplicates::of_json(&duplicates) })
}

/// Decodes JSON, and returns the paths of the fields that are given more than once. Depth is bounded by serde_json
/// (128).
pub(crate) fn decode_noting(bytes: &[u8]) -> Result<(Value, Vec<String>), String> {
    // What is JSON and refused all the same, such as for its depth, is told in the words of our own decoder.
    node(bytes).map_err(|error| syntax::error(bytes).unwrap_or_else(|| error.to_string()))
}

fn node(bytes: &[u8]) -> Result<(Value, Vec<String>), serde_json::Error> {
    let mut duplicates = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value =
        Node { path: &mut String::new(), duplicates: &mut duplicates }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, duplicates))
}

/// A body has to say of what kind it is; its beginning is shown in the error (apimachinery, `NewMissingKindErr`).
pub(crate) fn check_kind(value: &Value, body: &[u8]) -> Result<(), String> {
    check_type_meta(value)?;
    if value.get("kind").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(format!("Object 'Kind' is missing in '{}'", shown(body)));
    }
    Ok(())
}

/// The beginning of a body.
pub(crate) fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SHOWN_MOST)]).into_owned()
}

/// A value at `path`, built like serde_json builds it, noticing fields that are there twice.
struct Node<'a> {
    path: &'a mut String,
    duplicates: &'a mut Vec<String>,
}

impl Node<'_> {
    /// Decodes what is below with `segment` added to the path.
    fn below<T>(&mut self, segment: fmt::Arguments<'_>, decode: impl FnOnce(Node<'_>) -> T) -> T {
        let length = self.path.len();
        let _ = fmt::Write::write_fmt(self.path, segment);
        let decoded = decode(Node { path: self.path, duplicates: self.duplicates });
        self.path.truncate(length);
        decoded
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    /// To the reference, an integer that is no int64 is a float.
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::from(value as f64), Value::from))
    }

    /// A float stays one until it is stored, even without a fraction: 1.0 is not 1 to a set. What was `-0` is read as a
    /// float, too.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value == 0.0 && value.is_sign_negative() {
            return Ok(Value::from(0));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let index = values.len();
            match self.below(format_args!("[{index}]"), |node| items.next_element_seed(node))? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let separator = if self.path.is_empty() { "" } else { "." };
            let known = map.contains_key(&key);
            let value = self.below(format_args!("{separator}{key}"), |node| {
                let room = node.duplicates.len() < DUPLICATES_MOST && node.path.len() <= DUPLICATE_BYTES;
                if known && room && !node.duplicates.contains(node.path) {
                    node.duplicates.push(node.path.clone());
                }
                fields.next_value_seed(node)
            })?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn decodes_like_serde_json() {
        for text in ["null", "[1,-2,3.5,1.0,true,\"a\\u00e9\"]", r#"{"a":{"b":[{}]},"":{}}"#] {
            let decoded = decode(text.as_bytes()).unwrap();
            assert_eq!(decoded.value, serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(decoded.duplicates, Duplicates::default());
        }
        for text in ["", "{", "1 2", "{\"a\":1,}", "nul", &"[".repeat(100_000)] {
            assert!(decode(text.as_bytes()).is_err(), "{:.20}", text);
        }
    }

    #[test]
    fn integers_are_told_from_floats() {
        for (text, expected) in [
            ("3", json!(3)),
            ("3.0", json!(3.0)),
            ("1e3", json!(1000.0)),
            ("-0.5", json!(-0.5)),
            ("-0", json!(0)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("9223372036854775807", json!(i64::MAX)),
            ("9223372036854775808", json!(9_223_372_036_854_775_808.0)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615.0)),
            ("1e30", json!(1e30)),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap().value, expected, "{text}");
        }
        assert_ne!(json!(3), json!(3.0));
    }

    #[test]
    fn long_duplicates_are_not_remembered() {
        let key = "k".repeat(600);
        let body = format!(r#"{{"{key}":{{"a":1,"a":2}},"b":1,"b":2}}"#);
        assert_eq!(decode_noting(body.as_bytes()).unwrap().1, ["b"]);
    }

    #[test]
    fn kinds() {
        for (text, expected) in [
            (r#"{"kind":"Task"}"#, None),
            ("null", Some("Object 'Kind' is missing in 'null'")),
            (r#"{"a":1}"#, Some(r#"Object 'Kind' is missing in '{"a":1}'"#)),
            (
                r#"{"kind":1}"#,
                Some(
                    "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
                ),
            ),
            (r#"{"apiVersion":"a/b/c"}"#, Some("unexpected GroupVersion string: a/b/c")),
            (
                r#"{"apiVersion":"a/b/c","kind":1}"#,
                Some(
                    "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
                ),
            ),
            (r#"{"apiVersion":"/","kind":"Task"}"#, None),
            (
                "[]",
                Some(
                    r#"couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#,
                ),
            ),
        ] {
            let value = decode(text.as_bytes()).unwrap().value;
            assert_eq!(check_kind(&value, text.as_bytes()).err().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn notices_duplicates() {
        let (value, duplicates) =
            decode_noting(br#"{"a":1,"b":[{"c":1,"c":{"d":2}},{"c":1}],"a":2,"a":3}"#).unwrap();
        assert_eq!(value, json!({"a": 3, "b": [{"c": {"d": 2}}, {"c": 1}]}));
        assert_eq!(duplicates, ["b[0].c", "a"]);
    }
}
