//! Values as cells of a row.

use serde_json::Value;

use crate::age::{self, Date};
use crate::jsonpath;

/// How a column turns what is found into a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Date,
    Integer,
    Number,
    String,
}

/// One cell of a row, as good as computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Shown as it is; null when there is nothing to show.
    Value(Value),
    /// A date in Unix seconds, shown as its age.
    Timestamp(i64),
    /// A date that says nothing: `<unknown>`.
    UnknownDate,
    /// A text that is no date: `<invalid>`.
    InvalidDate,
}

impl Kind {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            _ => return None,
        })
    }

    /// A value of another type is shown as nothing, but for strings, which any value has a text as.
    pub(super) fn cell(self, value: &Value) -> Cell {
        match (self, value) {
            (Self::String, value) => Cell::Value(Value::from(jsonpath::text(value))),
            (Self::Boolean, Value::Bool(value)) => Cell::Value(Value::Bool(*value)),
            (Self::Integer, Value::Number(number)) => {
                // Floats are cut, as Go converts them.
                let integer = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64));
                Cell::Value(integer.map_or(Value::Null, Value::from))
            }
            (Self::Number, Value::Number(number)) => Cell::Value(Value::Number(number.clone())),
            (Self::Date, Value::String(text)) => match age::parse(text) {
                Date::At(seconds) => Cell::Timestamp(seconds),
                Date::Unknown => Cell::UnknownDate,
                Date::Invalid => Cell::InvalidDate,
            },
            _ => Cell::Value(Value::Null),
        }
    }
}

impl Cell {
    /// The JSON of the cell at `now_unix_seconds`.
    pub fn render(&self, now_unix_seconds: i64) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Timestamp(seconds) => Value::from(age::human(now_unix_seconds.saturating_sub(*seconds))),
            Self::UnknownDate => Value::from("<unknown>"),
            Self::InvalidDate => Value::from("<invalid>"),
        }
    }
}
