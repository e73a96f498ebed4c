//! Kubernetes' field errors: a path, a reason and a text, as definitions and `Status.details.causes` report them.
//!
//! Texts are those of `k8s.io/apimachinery/pkg/util/validation/field`.

use std::fmt;

use serde_json::Value;
use tributary_expr::gotext;

/// The path of a field: `spec.resources[0].source`, `spec.labels[key]`. The root prints as `<nil>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(String);

/// Why a value was refused; the `reason` of a Status cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A required field is absent.
    Required,
    /// The value is malformed.
    Invalid,
    /// The value is of another type than its schema.
    TypeInvalid,
    /// The value is none of an enumeration.
    NotSupported,
    /// The value must be unique and is not.
    Duplicate,
    /// The value may not be set here.
    Forbidden,
    /// A string is too long.
    TooLong,
    /// A list or map has too many items.
    TooMany,
    /// The value names something that does not exist.
    NotFound,
    /// The server failed, not the value.
    Internal,
}

/// One refused field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Error {
    /// Why.
    pub reason: Reason,
    /// Where: a [`Path`] printed.
    pub field: String,
    /// The text of a Status cause, `Invalid value: "x": must be …`.
    pub message: String,
}

// === impl Path ===

impl Path {
    /// The object itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of a first field.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The field `name` of this one.
    pub fn child(&self, name: impl fmt::Display) -> Self {
        if self.0.is_empty() {
            return Self(name.to_string());
        }
        Self(format!("{}.{name}", self.0))
    }

    /// Item `index` (from 0) of this list.
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The value under `key` of this map.
    pub fn key(&self, key: impl fmt::Display) -> Self {
        Self(format!("{}[{key}]", self.0))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_empty() { "<nil>" } else { &self.0 })
    }
}

// === impl Reason ===

impl Reason {
    /// The reason as a Status cause writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::NotFound => "FieldValueNotFound",
            Self::Internal => "InternalError",
        }
    }

    /// The words that a text starts with.
    fn words(self) -> &'static str {
        match self {
            Self::Required => "Required value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Duplicate => "Duplicate value",
            Self::Forbidden => "Forbidden",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
            Self::NotFound => "Not found",
            Self::Internal => "Internal error",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

// === impl Error ===

impl Error {
    /// A required field is absent; `detail` may be empty.
    pub fn required(at: &Path, detail: impl fmt::Display) -> Self {
        Self::without_value(Reason::Required, at, detail)
    }

    /// The value is malformed.
    pub fn invalid(at: &Path, value: &Value, detail: impl fmt::Display) -> Self {
        Self::with_value(Reason::Invalid, at, value, detail)
    }

    /// The value, which is written as `text`, is not allowed.
    pub fn invalid_text(at: &Path, text: &str, detail: impl fmt::Display) -> Self {
        Self::with_text(Reason::Invalid, at, text, detail)
    }

    /// The value is of a wrong type.
    pub fn type_invalid(at: &Path, value: &Value, detail: impl fmt::Display) -> Self {
        Self::with_value(Reason::TypeInvalid, at, value, detail)
    }

    /// The value is none of `supported`.
    pub fn not_supported(at: &Path, value: &Value, supported: &[impl AsRef<str>]) -> Self {
        let quoted: Vec<String> = supported.iter().map(|one| gotext::quoted(one.as_ref())).collect();
        let detail = match quoted.is_empty() {
            true => String::new(),
            false => format!("supported values: {}", quoted.join(", ")),
        };
        Self::with_value(Reason::NotSupported, at, value, detail)
    }

    /// The value is there already.
    pub fn duplicate(at: &Path, value: &Value) -> Self {
        Self::with_value(Reason::Duplicate, at, value, "")
    }

    /// The field may not be set.
    pub fn forbidden(at: &Path, detail: impl fmt::Display) -> Self {
        Self::without_value(Reason::Forbidden, at, detail)
    }

    /// A string is longer than `limit` (Kubernetes says bytes even where it counts characters).
    pub fn too_long(at: &Path, limit: i64) -> Self {
        let detail = match limit {
            ..=-1 => "value is too long".to_owned(),
            1 => "may not be more than 1 byte".to_owned(),
            _ => format!("may not be more than {limit} bytes"),
        };
        Self::without_value(Reason::TooLong, at, detail)
    }

    /// A list or map of `actual` items has more than `limit`.
    pub fn too_many(at: &Path, actual: usize, limit: i64) -> Self {
        let detail = match limit {
            ..=-1 => "has too many items".to_owned(),
            1 => "must have at most 1 item".to_owned(),
            _ => format!("must have at most {limit} items"),
        };
        Self::with_value(Reason::TooMany, at, &Value::from(actual), detail)
    }

    /// The value names nothing that exists.
    pub fn not_found(at: &Path, value: &Value) -> Self {
        Self::with_value(Reason::NotFound, at, value, "")
    }

    /// The server failed.
    pub fn internal(at: &Path, detail: impl fmt::Display) -> Self {
        Self::without_value(Reason::Internal, at, detail)
    }

    fn without_value(reason: Reason, at: &Path, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        let message = match detail.is_empty() {
            true => reason.words().to_owned(),
            false => format!("{}: {detail}", reason.words()),
        };
        Self { reason, field: at.to_string(), message }
    }

    fn with_value(reason: Reason, at: &Path, value: &Value, detail: impl fmt::Display) -> Self {
        let text = match value {
            Value::String(text) => gotext::quoted(text),
            Value::Number(number) => gotext::number(number),
            other => gotext::json(other),
        };
        Self::with_text(reason, at, &text, detail)
    }

    fn with_text(reason: Reason, at: &Path, value: &str, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        let message = match detail.is_empty() {
            true => format!("{}: {value}", reason.words()),
            false => format!("{}: {value}: {detail}", reason.words()),
        };
        Self { reason, field: at.to_string(), message }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_print_as_kubernetes_prints_them() {
        let cases = [
            (Path::root(), "<nil>"),
            (Path::root().child("spec"), "spec"),
            (Path::new("spec").child("resources").index(0).child("source"), "spec.resources[0].source"),
            (Path::new("spec").child("labels").key("a.b/c"), "spec.labels[a.b/c]"),
        ];
        for (path, expected) in cases {
            assert_eq!(path.to_string(), expected);
        }
    }

    #[test]
    fn errors_print_as_kubernetes_prints_them() {
        let at = Path::new("spec").child("x");
        let none: [&str; 0] = [];
        let cases = [
            (Error::required(&at, ""), "FieldValueRequired", "spec.x: Required value"),
            (
                Error::required(&at, "must be set"),
                "FieldValueRequired",
                "spec.x: Required value: must be set",
            ),
            (
                Error::invalid(&at, &json!("a\"b"), "no"),
                "FieldValueInvalid",
                "spec.x: Invalid value: \"a\\\"b\": no",
            ),
            (Error::invalid(&at, &json!(1.0), "no"), "FieldValueInvalid", "spec.x: Invalid value: 1: no"),
            (
                Error::invalid(&at, &json!({"b": [1, "<"]}), "no"),
                "FieldValueInvalid",
                "spec.x: Invalid value: {\"b\":[1,\"\\u003c\"]}: no",
            ),
            (
                Error::type_invalid(&at, &json!("string"), "no"),
                "FieldValueTypeInvalid",
                "spec.x: Invalid value: \"string\": no",
            ),
            (
                Error::not_supported(&at, &json!("c"), &["a", "b"]),
                "FieldValueNotSupported",
                "spec.x: Unsupported value: \"c\": supported values: \"a\", \"b\"",
            ),
            (
                Error::not_supported(&at, &Value::Null, &none),
                "FieldValueNotSupported",
                "spec.x: Unsupported value: null",
            ),
            (Error::duplicate(&at, &json!(true)), "FieldValueDuplicate", "spec.x: Duplicate value: true"),
            (Error::forbidden(&at, "no"), "FieldValueForbidden", "spec.x: Forbidden: no"),
            (Error::too_long(&at, 3), "FieldValueTooLong", "spec.x: Too long: may not be more than 3 bytes"),
            (Error::too_long(&at, 1), "FieldValueTooLong", "spec.x: Too long: may not be more than 1 byte"),
            (
                Error::too_many(&at, 4, 3),
                "FieldValueTooMany",
                "spec.x: Too many: 4: must have at most 3 items",
            ),
            (
                Error::too_many(&at, 2, 1),
                "FieldValueTooMany",
                "spec.x: Too many: 2: must have at most 1 item",
            ),
            (Error::not_found(&at, &json!("n")), "FieldValueNotFound", "spec.x: Not found: \"n\""),
            (Error::internal(&at, "oops"), "InternalError", "spec.x: Internal error: oops"),
        ];
        for (error, reason, text) in cases {
            assert_eq!(error.to_string(), text);
            assert_eq!(error.reason.as_str(), reason, "{text}");
        }
    }
}
