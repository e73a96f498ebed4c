//! Values while they are evaluated. What comes from the input or the expression is borrowed, what is made is shared:
//! a clone is cheap, and nothing of the input is copied.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::address::{Cidr, Ip};
use crate::error::{ErrorKind, Failure};
use crate::format::Format;
use crate::kind::Kind;
use crate::meter::Meter;
use crate::quantity::Quantity;
use crate::semver::Semver;
use crate::time::Timestamp;
use crate::url::Url;

/// Fuel for keeping a key in a map that is made.
const KEY_FUEL: u64 = 5;

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Val<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Text<'v>),
    Bytes(Octets<'v>),
    List(List<'v>),
    Map(Map<'v>),
    Timestamp(Timestamp),
    /// Nanoseconds.
    Duration(i64),
    Optional(Option<Rc<Val<'v>>>),
    Type(Kind),
    Quantity(Rc<Quantity>),
    Url(Rc<Url>),
    Ip(Rc<Ip>),
    Cidr(Rc<Cidr>),
    Semver(Rc<Semver>),
    Format(Format),
}

/// A string.
#[derive(Debug, Clone)]
pub(crate) enum Text<'v> {
    Borrowed(&'v str),
    Made(Rc<str>),
}

#[derive(Debug, Clone)]
pub(crate) enum Octets<'v> {
    Borrowed(&'v [u8]),
    Made(Rc<[u8]>),
}

#[derive(Debug, Clone)]
pub(crate) enum List<'v> {
    Json(&'v [Value]),
    /// Objects that the caller holds apart, as a join's.
    Objects(&'v [&'v Value]),
    Made(Rc<Vec<Val<'v>>>),
}

#[derive(Debug, Clone)]
pub(crate) enum Map<'v> {
    Json(&'v serde_json::Map<String, Value>),
    Made(Rc<BTreeMap<Key<'v>, Val<'v>>>),
}

/// The key of a map that was made. Integers of both kinds are one key if they are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'v> {
    Bool(bool),
    Number(Number),
    String(Cow<'v, str>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    value: i128,
    unsigned: bool,
}

// === impl Number ===

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

// === impl Val ===

impl<'v> Val<'v> {
    /// A value of the input: integers that fit are int, other numbers double, as Kubernetes decodes JSON.
    pub(crate) fn of(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Self::Int(integer),
                None => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::String(Text::Borrowed(text)),
            Value::Array(items) => Self::List(List::Json(items)),
            Value::Object(fields) => Self::Map(Map::Json(fields)),
        }
    }

    pub(crate) fn string(text: impl Into<Rc<str>>) -> Self {
        Self::String(Text::Made(text.into()))
    }

    pub(crate) fn list(items: Vec<Val<'v>>) -> Self {
        Self::List(List::Made(Rc::new(items)))
    }

    pub(crate) fn some(value: Val<'v>) -> Self {
        Self::Optional(Some(Rc::new(value)))
    }

    pub(crate) const NONE: Self = Self::Optional(None);

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Uint(_) => Kind::Uint,
            Self::Double(_) => Kind::Double,
            Self::String(_) => Kind::String,
            Self::Bytes(_) => Kind::Bytes,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
            Self::Timestamp(_) => Kind::Timestamp,
            Self::Duration(_) => Kind::Duration,
            Self::Optional(_) => Kind::Optional,
            Self::Type(_) => Kind::Type,
            Self::Quantity(_) => Kind::Quantity,
            Self::Url(_) => Kind::Url,
            Self::Ip(_) => Kind::Ip,
            Self::Cidr(_) => Kind::Cidr,
            Self::Semver(_) => Kind::Semver,
            Self::Format(_) => Kind::Format,
        }
    }

    pub(crate) fn as_bool(&self) -> Result<bool, Failure> {
        match self {
            Self::Bool(value) => Ok(*value),
            _ => Err(ErrorKind::NoSuchOverload.into()),
        }
    }
}

// === impl Text ===

impl<'v> Text<'v> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }

    /// A part of the text: borrowed if the whole is.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> Self {
        match self {
            Self::Borrowed(text) => Self::Borrowed(&text[range]),
            Self::Made(text) => Self::Made(text[range].into()),
        }
    }
}

// === impl Octets ===

impl Octets<'_> {
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }
}

// === impl List ===

impl<'v> List<'v> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Objects(items) => items.len(),
            Self::Made(items) => items.len(),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Val<'v>> {
        match self {
            Self::Json(items) => items.get(index).map(Val::of),
            Self::Objects(items) => items.get(index).map(|item| Val::of(item)),
            Self::Made(items) => items.get(index).cloned(),
        }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Val<'v>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

// === impl Map ===

impl<'v> Map<'v> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(fields) => fields.len(),
            Self::Made(entries) => entries.len(),
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<Val<'v>> {
        match self {
            Self::Json(fields) => fields.get(name).map(Val::of),
            Self::Made(entries) => entries.get(&Key::String(Cow::Borrowed(name))).cloned(),
        }
    }

    /// The value under a key; none as well if no map can have such a key.
    pub(crate) fn get(&self, key: &Val<'v>) -> Option<Val<'v>> {
        match (self, key) {
            (_, Val::String(name)) => self.field(name.as_str()),
            (Self::Made(entries), key) => entries.get(&Key::to_find(key)?).cloned(),
            (Self::Json(_), _) => None,
        }
    }

    /// Keys and values, ordered by key.
    pub(crate) fn entries(&self) -> Box<dyn Iterator<Item = (Val<'v>, Val<'v>)> + '_> {
        match self {
            Self::Json(fields) => {
                let fields: &'v serde_json::Map<String, Value> = fields;
                Box::new(fields.iter().map(|(key, value)| (Val::String(Text::Borrowed(key)), Val::of(value))))
            }
            Self::Made(entries) => Box::new(entries.iter().map(|(key, value)| (key.value(), value.clone()))),
        }
    }
}

// === impl Key ===

impl<'v> Key<'v> {
    /// The key that a value makes.
    pub(crate) fn of(value: &Val<'v>) -> Option<Self> {
        Some(match value {
            Val::Bool(value) => Self::Bool(*value),
            Val::Int(value) => Self::Number(Number { value: i128::from(*value), unsigned: false }),
            Val::Uint(value) => Self::Number(Number { value: i128::from(*value), unsigned: true }),
            Val::String(Text::Borrowed(text)) => Self::String(Cow::Borrowed(text)),
            Val::String(Text::Made(text)) => Self::String(Cow::Owned(text.to_string())),
            _ => return None,
        })
    }

    /// The key that a value makes, paid: it is kept.
    pub(crate) fn paid(meter: &mut Meter, value: &Val<'v>) -> Result<Self, Failure> {
        meter.spend(KEY_FUEL)?;
        if let Val::String(text) = value {
            meter.bytes(text.as_str().len())?;
        }
        Self::of(value).ok_or_else(|| ErrorKind::NoSuchOverload.into())
    }

    /// The key that a value finds: a double finds the integer that equals it.
    pub(crate) fn to_find(value: &Val<'v>) -> Option<Self> {
        match value {
            Val::Double(double) if double.fract() == 0.0 && double.abs() < 1e19 => {
                Some(Self::Number(Number { value: *double as i128, unsigned: false }))
            }
            other => Self::of(other),
        }
    }

    pub(crate) fn value(&self) -> Val<'v> {
        match self {
            Self::Bool(value) => Val::Bool(*value),
            Self::Number(number) if number.unsigned => Val::Uint(number.value as u64),
            Self::Number(number) => Val::Int(number.value as i64),
            Self::String(Cow::Borrowed(text)) => Val::String(Text::Borrowed(text)),
            Self::String(Cow::Owned(text)) => Val::string(text.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_small() {
        assert!(std::mem::size_of::<Val<'_>>() <= 32, "{}", std::mem::size_of::<Val<'_>>());
    }
}
