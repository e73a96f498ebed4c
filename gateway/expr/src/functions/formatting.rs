//! `string.format`: the verbs %s, %d, %f, %e, %b, %x, %X and %o, with a precision for %f and %e.

use std::fmt::Write;

use super::{Outcome, conversions, invalid, no_overload};
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::value::{List, Map, Val};
use crate::{gonumber, gotext};

/// Digits after the point where no precision is given.
const PRECISION: usize = 6;
/// The largest precision: there are no more digits in a double.
const MOST_PRECISION: usize = 1000;

/// A part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// What is to be written, and how.
    Verb(char, Option<usize>),
}

/// The parts of a format; an error is why it is none.
pub(crate) fn pieces(format: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            pieces.push(Piece::Text("%"));
            rest = after;
            continue;
        }
        let mut precision = None;
        if let Some(after) = rest.strip_prefix('.') {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let number = after[..digits].parse::<usize>().ok().filter(|&number| number <= MOST_PRECISION);
            precision = Some(number.ok_or_else(|| "invalid precision in format".to_owned())?);
            rest = &after[digits..];
        }
        let Some(verb) = rest.chars().next() else { return Err("unexpected end of format".to_owned()) };
        if !matches!(verb, 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o') {
            return Err(format!("unrecognized formatting clause \"{verb}\""));
        }
        pieces.push(Piece::Verb(verb, precision));
        rest = &rest[verb.len_utf8()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

pub(super) fn format<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let format = super::text(meter, arguments)?;
    let Some(Val::List(list)) = arguments.get(1) else { return no_overload() };
    // The parts of the format are kept while it is written.
    meter.spend(4 * format.bytes().filter(|&byte| byte == b'%').count() as u64)?;
    let Ok(pieces) = pieces(format) else { return invalid() };
    let mut values = list.iter();
    let mut out = Paid { text: String::new(), meter };
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push(text)?,
            Piece::Verb(verb, precision) => {
                let Some(value) = values.next() else { return Err(ErrorKind::IndexOutOfRange.into()) };
                out.verb(verb, precision, &value)?;
            }
        }
    }
    Ok(Val::string(out.text))
}

/// A text whose bytes are paid as they are written.
struct Paid<'m> {
    text: String,
    meter: &'m mut Meter,
}

impl Paid<'_> {
    fn push(&mut self, text: &str) -> Result<(), Failure> {
        self.meter.spend(1)?;
        self.meter.bytes(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    fn verb(&mut self, verb: char, precision: Option<usize>, value: &Val<'_>) -> Result<(), Failure> {
        match (verb, value) {
            ('s', value) => self.value(value, false),
            ('d', Val::Int(_) | Val::Uint(_)) => self.value(value, false),
            ('f', value) => {
                let text = gonumber::grouped(double(value)?, precision.unwrap_or(PRECISION));
                self.push(&text)
            }
            ('e', value) => {
                let text = gonumber::scientific(double(value)?, precision.unwrap_or(PRECISION));
                self.push(&text)
            }
            ('b', Val::Bool(value)) => self.push(if *value { "1" } else { "0" }),
            ('b', value) => self.integer(value, |number| format!("{number:b}")),
            ('o', value) => self.integer(value, |number| format!("{number:o}")),
            ('x', Val::String(text)) => self.hexadecimal(text.as_str().as_bytes(), false),
            ('X', Val::String(text)) => self.hexadecimal(text.as_str().as_bytes(), true),
            ('x', Val::Bytes(bytes)) => self.hexadecimal(bytes.as_slice(), false),
            ('X', Val::Bytes(bytes)) => self.hexadecimal(bytes.as_slice(), true),
            ('x', value) => self.integer(value, |number| format!("{number:x}")),
            ('X', value) => self.integer(value, |number| format!("{number:X}")),
            _ => invalid(),
        }
    }

    /// Go writes a negative integer as a minus sign and its amount.
    fn integer(&mut self, value: &Val<'_>, write: fn(u64) -> String) -> Result<(), Failure> {
        match value {
            Val::Int(value) => {
                let amount = write(value.unsigned_abs());
                self.push(if *value < 0 { "-" } else { "" })?;
                self.push(&amount)
            }
            Val::Uint(value) => self.push(&write(*value)),
            _ => invalid(),
        }
    }

    fn hexadecimal(&mut self, bytes: &[u8], upper: bool) -> Result<(), Failure> {
        self.meter.spend(bytes.len() as u64)?;
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = if upper { write!(self.text, "{byte:02X}") } else { write!(self.text, "{byte:02x}") };
        }
        Ok(())
    }

    /// A value as %s writes it; within a list or map as a literal.
    fn value(&mut self, value: &Val<'_>, within: bool) -> Result<(), Failure> {
        match value {
            Val::Null => self.push("null"),
            Val::String(text) if within => self.quoted(text.as_str()),
            Val::String(text) => self.push(text.as_str()),
            Val::Bytes(bytes) => {
                let Ok(text) = std::str::from_utf8(bytes.as_slice()) else { return invalid() };
                if within {
                    self.push("b")?;
                    return self.quoted(text);
                }
                self.push(text)
            }
            Val::Double(number) if within => {
                let text = gonumber::fixed(*number, PRECISION);
                if number.is_finite() { self.push(&text) } else { self.quoted(&text) }
            }
            Val::Timestamp(_) | Val::Duration(_) if within => {
                self.push(if matches!(value, Val::Duration(_)) { "duration(" } else { "timestamp(" })?;
                self.quoted(&conversions::written(value).unwrap_or_default())?;
                self.push(")")
            }
            Val::Bool(_)
            | Val::Int(_)
            | Val::Uint(_)
            | Val::Double(_)
            | Val::Timestamp(_)
            | Val::Duration(_) => self.push(&conversions::written(value).unwrap_or_default()),
            Val::Type(kind) => self.push(kind.name()),
            Val::List(list) => self.list(list),
            Val::Map(map) => self.map(map),
            _ => invalid(),
        }
    }

    fn list(&mut self, list: &List<'_>) -> Result<(), Failure> {
        self.push("[")?;
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.push(", ")?;
            }
            self.value(&item, true)?;
        }
        self.push("]")
    }

    /// Entries are ordered by what their keys are written as.
    fn map(&mut self, map: &Map<'_>) -> Result<(), Failure> {
        let mut entries = Vec::new();
        for (key, value) in map.entries() {
            let start = self.text.len();
            self.value(&key, true)?;
            let written = self.text.split_off(start);
            entries.push((written, value));
        }
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        self.push("{")?;
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.push(", ")?;
            }
            self.push(key)?;
            self.push(":")?;
            self.value(value, true)?;
        }
        self.push("}")
    }

    /// A text as Go quotes it.
    fn quoted(&mut self, text: &str) -> Result<(), Failure> {
        self.meter.spend(text.len() as u64 / 4 + 1)?;
        gotext::push_quoted(&mut self.text, text);
        Ok(())
    }
}

/// What %f and %e take: a double, or the name of one that is not finite.
fn double(value: &Val<'_>) -> Result<f64, Failure> {
    match value {
        Val::Double(value) => Ok(*value),
        Val::String(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            _ => invalid(),
        },
        _ => invalid(),
    }
}
