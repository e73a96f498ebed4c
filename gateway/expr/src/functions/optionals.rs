//! Optional values.

use super::{Outcome, no_overload};
use crate::error::ErrorKind;
use crate::meter::Meter;
use crate::value::Val;

pub(super) fn none<'v>(_: &mut Meter, _: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::NONE)
}

pub(super) fn of<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    arguments.first().cloned().map(Val::some).ok_or_else(|| ErrorKind::NoSuchOverload.into())
}

pub(super) fn of_non_zero<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let zero = match arguments {
        [value] => is_zero(value),
        _ => return no_overload(),
    };
    if zero { Ok(Val::NONE) } else { of(meter, arguments) }
}

fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Null => true,
        Val::Bool(value) => !value,
        Val::Int(value) | Val::Duration(value) => *value == 0,
        Val::Uint(value) => *value == 0,
        Val::Double(value) => *value == 0.0,
        Val::String(text) => text.as_str().is_empty(),
        Val::Bytes(bytes) => bytes.as_slice().is_empty(),
        Val::List(list) => list.len() == 0,
        Val::Map(map) => map.len() == 0,
        Val::Optional(value) => value.is_none(),
        // Go's zero time is not the epoch.
        Val::Timestamp(time) => time.is_zero(),
        _ => false,
    }
}

pub(super) fn has_value<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Optional(value)] => Ok(Val::Bool(value.is_some())),
        _ => no_overload(),
    }
}

pub(super) fn value<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Optional(Some(value))] => Ok(value.as_ref().clone()),
        [Val::Optional(None)] => Err(ErrorKind::NoValue.into()),
        _ => no_overload(),
    }
}

pub(super) fn unwrap<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = arguments else { return no_overload() };
    let mut values = Vec::new();
    for item in list.iter() {
        meter.spend(1)?;
        match item {
            Val::Optional(value) => values.extend(value.map(|value| value.as_ref().clone())),
            _ => return no_overload(),
        }
    }
    Ok(Val::list(values))
}
