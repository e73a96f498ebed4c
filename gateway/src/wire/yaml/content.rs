//! What a scalar of YAML is: a value, or a number that JSON has no type for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use granit_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};
use tributary_schema::gotext;

use super::go_syntax::shown;
use super::refusal::{Step, Undecodable};
use super::resolve::{Plain, is_timestamp, resolve};

const CORE: &str = "tag:yaml.org,2002:";
/// An int64 is below this: 2^63.
const INTEGERS_MOST: f64 = 9_223_372_036_854_775_808.0;

/// A mistake, and where in its work the reference finds it.
pub(super) type Mistake = (Step, Undecodable);

/// What a node is.
#[derive(Clone)]
pub(super) enum Content {
    Json(Value),
    /// Infinite and not a number, too.
    Float(f64),
    /// An integer above the largest `i64`.
    Natural(u64),
}

impl Content {
    /// A scalar by its tag, or by what it looks like.
    pub(super) fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Self, Mistake> {
        let as_text = || Self::Json(Value::from(text));
        let Some(tag) = tag else {
            return Ok(if style == ScalarStyle::Plain { Self::of(resolve(text), text) } else { as_text() });
        };
        let kind = tag.suffix_in_namespace(CORE);
        match (kind.as_deref(), resolve(text)) {
            (Some("null"), plain @ Plain::Null)
            | (Some("bool"), plain @ Plain::Bool(_))
            | (Some("int"), plain @ (Plain::Integer(_) | Plain::Natural(_)))
            | (Some("float"), plain @ Plain::Float(_)) => Ok(Self::of(plain, text)),
            (Some("float"), Plain::Integer(integer)) => Ok(Self::Float(integer as f64)),
            (Some("timestamp"), _) if is_timestamp(text) => Ok(as_text()),
            (Some("binary"), _) => match STANDARD.decode(text.replace(['\n', '\r'], "")) {
                Ok(bytes) => Ok(Self::Json(Value::from(String::from_utf8_lossy(&bytes)))),
                Err(_) => Err(refused("!!binary value contains invalid base64 data")),
            },
            (Some(kind @ ("null" | "bool" | "int" | "float" | "timestamp")), found) => {
                Err(refused(format_args!("cannot decode !!{} `{text}` as a !!{kind}", short(found))))
            }
            _ => Ok(as_text()),
        }
    }

    fn of(plain: Plain, text: &str) -> Self {
        Self::Json(match plain {
            Plain::Null => Value::Null,
            Plain::Bool(value) => Value::Bool(value),
            Plain::Integer(value) => Value::from(value),
            Plain::Natural(value) => return Self::Natural(value),
            Plain::Float(value) => return Self::Float(value),
            Plain::Timestamp | Plain::Text => Value::from(text),
        })
    }

    /// As JSON, where a float without a fraction is an integer, and one that is no int64 is a float.
    pub(super) fn into_json(self) -> Result<Value, Mistake> {
        match self {
            Self::Json(value) => Ok(value),
            Self::Natural(value) => Ok(Value::from(value as f64)),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < INTEGERS_MOST => {
                Ok(Value::from(value as i64))
            }
            Self::Float(value) => Number::from_f64(value).map(Value::Number).ok_or_else(|| {
                let why = format!("json: unsupported value: {}", gotext::float(value));
                (Step::Encoding, Undecodable::json(why))
            }),
        }
    }

    /// Whether it can be a key to go-yaml.
    pub(super) fn check_key(&self) -> Result<(), Mistake> {
        match self {
            Self::Json(key @ (Value::Array(_) | Value::Object(_))) => {
                Err(refused(format_args!("invalid map key: {}", shown(key))))
            }
            _ => Ok(()),
        }
    }

    /// The name that a key of `value` becomes: JSON has only texts there.
    pub(super) fn name(&self, value: &Value) -> Result<String, Mistake> {
        let unsupported = |kind: &str| {
            let (key, value) = (self.shown(), shown(value));
            let why = format!("unsupported map key of type: {kind}, key: {key}, value: {value}");
            (Step::Conversion, Undecodable::json(why))
        };
        match self {
            Self::Json(Value::String(text)) => Ok(text.clone()),
            Self::Json(Value::Null) => Err(unsupported("%!s(<nil>)")),
            Self::Json(other) => Ok(other.to_string()),
            Self::Natural(_) => Err(unsupported("uint64")),
            // go-yaml makes fewer digits of it than it has.
            Self::Float(value) if value.is_finite() => Ok(gotext::float_32(*value as f32)),
            Self::Float(value) if value.is_nan() => Ok(".nan".to_owned()),
            Self::Float(value) => Ok(if *value < 0.0 { "-.inf" } else { ".inf" }.to_owned()),
        }
    }

    /// As Go's `%#v` prints it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Json(value) => shown(value),
            Self::Float(value) => gotext::float(*value),
            Self::Natural(value) => format!("{value:#x}"),
        }
    }
}

/// Whether a tag is one of YAML's own.
pub(super) fn is(tag: Option<&Tag>, kind: &str) -> bool {
    tag.is_some_and(|tag| tag.suffix_in_namespace(CORE).is_some_and(|suffix| suffix == kind))
}

/// What go-yaml refuses when it decodes.
pub(super) fn refused(why: impl std::fmt::Display) -> Mistake {
    (Step::Decoding, Undecodable::yaml(why))
}

fn short(plain: Plain) -> &'static str {
    match plain {
        Plain::Null => "null",
        Plain::Bool(_) => "bool",
        Plain::Integer(_) | Plain::Natural(_) => "int",
        Plain::Float(_) => "float",
        Plain::Timestamp => "timestamp",
        Plain::Text => "str",
    }
}
