//! Durations as users write them: `30s`, `10h`, `1h30m`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest text of a duration, in characters: room for every unit with seven digits.
const MAX_LENGTH: usize = 32;

/// A duration as text: decimal integers with the units `ms`, `s`, `m` and `h`, or `0`.
///
/// It is parsed when it is used, not when it is decoded: one object with a bad duration must not make a whole list
/// unreadable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(String);

/// Why a text is not a duration.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DurationError {
    /// Not numbers with units.
    #[error("invalid duration {0:?}: want integers with the units ms, s, m or h, like 30s or 1h30m")]
    Syntax(String),
    /// More than 64 bits of milliseconds.
    #[error("invalid duration {0:?}: out of range")]
    Range(String),
}

// === impl Duration ===

impl Duration {
    /// The duration that a text states; it is checked by [`Duration::parse`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the text.
    ///
    /// # Errors
    /// [`DurationError`] when the text is not a duration or does not fit.
    pub fn parse(&self) -> Result<std::time::Duration, DurationError> {
        if self.0 == "0" {
            return Ok(std::time::Duration::ZERO);
        }
        if self.0.is_empty() || self.0.len() > MAX_LENGTH {
            return Err(DurationError::Syntax(self.0.clone()));
        }
        let mut rest = self.0.as_str();
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (milliseconds, tail) = self.term(rest)?;
            total = total.checked_add(milliseconds).ok_or_else(|| DurationError::Range(self.0.clone()))?;
            rest = tail;
        }
        Ok(std::time::Duration::from_millis(total))
    }

    /// One number with its unit, in milliseconds, and what follows it.
    fn term<'a>(&self, text: &'a str) -> Result<(u64, &'a str), DurationError> {
        let syntax = || DurationError::Syntax(self.0.clone());
        let range = || DurationError::Range(self.0.clone());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = text.split_at(digits);
        let (unit, tail) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((*unit, tail.strip_prefix(name)?)))
            .ok_or_else(syntax)?;
        if number.is_empty() {
            return Err(syntax());
        }
        let number: u64 = number.parse().map_err(|_| range())?;
        Ok((number.checked_mul(unit).ok_or_else(range)?, tail))
    }
}

/// Units in milliseconds; `ms` before `m`, of which it would otherwise be the beginning.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

impl From<&str> for Duration {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": MAX_LENGTH,
            "pattern": "^(0|([0-9]{1,7}(ms|s|m|h))+)$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Result<u64, &str>) {
        let got = Duration::from(text).parse().map(|value| value.as_millis() as u64);
        match want {
            Ok(milliseconds) => assert_eq!(got, Ok(milliseconds), "{text}"),
            Err(part) => {
                let message = got.expect_err(text).to_string();
                assert!(message.contains(part), "{text}: {message}");
            }
        }
    }

    #[test]
    fn durations() {
        check("0", Ok(0));
        check("0s", Ok(0));
        check("30s", Ok(30_000));
        check("1h30m", Ok(5_400_000));
        check("250ms", Ok(250));
        check("87600h", Ok(315_360_000_000));
        check("", Err("want integers"));
        check("30", Err("want integers"));
        check("s", Err("want integers"));
        check("1.5h", Err("want integers"));
        check("-1s", Err("want integers"));
        check("1d", Err("want integers"));
        check("1h ", Err("want integers"));
        check("18446744073709551615h", Err("out of range"));
        check("99999999999999999999s", Err("out of range"));
    }
}
