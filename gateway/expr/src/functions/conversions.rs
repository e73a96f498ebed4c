//! Conversions between types, `type()`, `dyn()` and `size()`.

use super::{Outcome, invalid, no_overload, text};
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::time;
use crate::value::{Octets, Text, Val};
use crate::{gonumber, gotext};

/// Fuel for writing a number or a time.
const TEXT_FUEL: u64 = 10;

pub(super) fn same<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    arguments.first().cloned().ok_or_else(|| ErrorKind::NoSuchOverload.into())
}

pub(super) fn type_of<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    arguments.first().map(|value| Val::Type(value.kind())).ok_or_else(|| ErrorKind::NoSuchOverload.into())
}

pub(super) fn to_bool<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Bool(value)] => Ok(Val::Bool(*value)),
        [Val::String(_)] => match text(meter, arguments)? {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Val::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Val::Bool(false)),
            _ => invalid(),
        },
        _ => no_overload(),
    }
}

pub(super) fn to_bytes<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [value @ Val::Bytes(_)] => Ok(value.clone()),
        [Val::String(Text::Borrowed(text))] => Ok(Val::Bytes(Octets::Borrowed(text.as_bytes()))),
        [Val::String(_)] => Ok(Val::Bytes(Octets::Made(text(meter, arguments)?.as_bytes().into()))),
        _ => no_overload(),
    }
}

pub(super) fn to_int<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(value)] => Ok(Val::Int(*value)),
        [Val::Uint(value)] => i64::try_from(*value).map(Val::Int).map_err(|_| overflow()),
        // 2^63 itself is out; so is -2^63, which a rounded double may not have been.
        [Val::Double(value)] if *value > i64::MIN as f64 && *value < i64::MAX as f64 => {
            Ok(Val::Int(*value as i64))
        }
        [Val::Double(_)] => Err(overflow()),
        [Val::String(_)] => text(meter, arguments)?.parse().map(Val::Int).or_else(|_| invalid()),
        [Val::Timestamp(time)] => Ok(Val::Int(time.seconds)),
        [Val::Duration(nanos)] => Ok(Val::Int(*nanos)),
        _ => no_overload(),
    }
}

pub(super) fn to_uint<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Uint(value)] => Ok(Val::Uint(*value)),
        [Val::Int(value)] => u64::try_from(*value).map(Val::Uint).map_err(|_| overflow()),
        [Val::Double(value)] if *value >= 0.0 && *value < u64::MAX as f64 => Ok(Val::Uint(*value as u64)),
        [Val::Double(_)] => Err(overflow()),
        // Unlike a signed one, an unsigned integer has no sign at all.
        [Val::String(_)] => match text(meter, arguments)? {
            text if text.starts_with('+') => invalid(),
            text => text.parse().map(Val::Uint).or_else(|_| invalid()),
        },
        _ => no_overload(),
    }
}

pub(super) fn to_double<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Double(value)] => Ok(Val::Double(*value)),
        [Val::Int(value)] => Ok(Val::Double(*value as f64)),
        [Val::Uint(value)] => Ok(Val::Double(*value as f64)),
        [Val::String(_)] => gonumber::parse_double(text(meter, arguments)?)
            .map_or_else(invalid, |value| Ok(Val::Double(value))),
        _ => no_overload(),
    }
}

pub(super) fn to_string<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [value @ Val::String(_)] => Ok(value.clone()),
        [Val::Bytes(bytes)] => {
            meter.bytes(bytes.as_slice().len())?;
            match bytes {
                Octets::Borrowed(bytes) => std::str::from_utf8(bytes)
                    .map_or_else(|_| invalid(), |text| Ok(Val::String(Text::Borrowed(text)))),
                Octets::Made(bytes) => {
                    std::str::from_utf8(bytes).map_or_else(|_| invalid(), |text| Ok(Val::string(text)))
                }
            }
        }
        [value] => match meter.spend(TEXT_FUEL).map(|()| written(value))? {
            Some(text) => Ok(Val::string(text)),
            None => no_overload(),
        },
        _ => no_overload(),
    }
}

/// A value that is short and has a text: a number, a time, an address.
pub(crate) fn written(value: &Val<'_>) -> Option<String> {
    Some(match value {
        Val::Bool(value) => value.to_string(),
        Val::Int(value) => value.to_string(),
        Val::Uint(value) => value.to_string(),
        Val::Double(value) => gotext::float(*value),
        Val::Timestamp(value) => {
            let mut text = String::new();
            value.write(&mut text);
            text
        }
        Val::Duration(nanos) => {
            let mut text = String::new();
            time::write_duration(*nanos, &mut text);
            text
        }
        Val::Ip(value) => value.to_string(),
        Val::Cidr(value) => value.to_string(),
        _ => return None,
    })
}

pub(super) fn size<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let size = match arguments {
        [Val::String(text)] => {
            meter.bytes(text.as_str().len())?;
            text.as_str().chars().count()
        }
        [Val::Bytes(bytes)] => bytes.as_slice().len(),
        [Val::List(list)] => list.len(),
        [Val::Map(map)] => map.len(),
        _ => return no_overload(),
    };
    Ok(Val::Int(size as i64))
}

fn overflow() -> Failure {
    ErrorKind::Overflow.into()
}
