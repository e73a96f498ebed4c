//! Operators on numbers, texts, lists and times. Integers do not wrap, and types do not mix.

use super::{Outcome, no_overload};
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::value::{Octets, Val};

pub(super) fn add<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(one), Val::Int(other)] => one.checked_add(*other).map(Val::Int).ok_or_else(overflow),
        [Val::Uint(one), Val::Uint(other)] => one.checked_add(*other).map(Val::Uint).ok_or_else(overflow),
        [Val::Double(one), Val::Double(other)] => Ok(Val::Double(one + other)),
        [Val::String(one), Val::String(other)] => {
            let (one, other) = (one.as_str(), other.as_str());
            meter.bytes(one.len() + other.len())?;
            let mut text = String::with_capacity(one.len() + other.len());
            text.push_str(one);
            text.push_str(other);
            Ok(Val::string(text))
        }
        [Val::Bytes(one), Val::Bytes(other)] => {
            let (one, other) = (one.as_slice(), other.as_slice());
            meter.bytes(one.len() + other.len())?;
            Ok(Val::Bytes(Octets::Made([one, other].concat().into())))
        }
        [Val::List(one), Val::List(other)] => {
            meter.spend((one.len() + other.len()) as u64)?;
            Ok(Val::list(one.iter().chain(other.iter()).collect()))
        }
        [Val::Duration(one), Val::Duration(other)] => {
            one.checked_add(*other).map(Val::Duration).ok_or_else(overflow)
        }
        [Val::Timestamp(time), Val::Duration(duration)] | [Val::Duration(duration), Val::Timestamp(time)] => {
            Ok(Val::Timestamp(time.plus(*duration)?))
        }
        _ => no_overload(),
    }
}

pub(super) fn subtract<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(one), Val::Int(other)] => one.checked_sub(*other).map(Val::Int).ok_or_else(overflow),
        [Val::Uint(one), Val::Uint(other)] => one.checked_sub(*other).map(Val::Uint).ok_or_else(overflow),
        [Val::Double(one), Val::Double(other)] => Ok(Val::Double(one - other)),
        [Val::Duration(one), Val::Duration(other)] => {
            one.checked_sub(*other).map(Val::Duration).ok_or_else(overflow)
        }
        [Val::Timestamp(time), Val::Duration(duration)] => {
            let negated = duration.checked_neg().ok_or_else(overflow)?;
            Ok(Val::Timestamp(time.plus(negated)?))
        }
        [Val::Timestamp(one), Val::Timestamp(other)] => Ok(Val::Duration(one.since(*other)?)),
        _ => no_overload(),
    }
}

pub(super) fn multiply<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(one), Val::Int(other)] => one.checked_mul(*other).map(Val::Int).ok_or_else(overflow),
        [Val::Uint(one), Val::Uint(other)] => one.checked_mul(*other).map(Val::Uint).ok_or_else(overflow),
        [Val::Double(one), Val::Double(other)] => Ok(Val::Double(one * other)),
        _ => no_overload(),
    }
}

pub(super) fn divide<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(_), Val::Int(0)] | [Val::Uint(_), Val::Uint(0)] => Err(ErrorKind::DivisionByZero.into()),
        [Val::Int(one), Val::Int(other)] => one.checked_div(*other).map(Val::Int).ok_or_else(overflow),
        [Val::Uint(one), Val::Uint(other)] => Ok(Val::Uint(one / other)),
        [Val::Double(one), Val::Double(other)] => Ok(Val::Double(one / other)),
        _ => no_overload(),
    }
}

pub(super) fn modulo<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(_), Val::Int(0)] | [Val::Uint(_), Val::Uint(0)] => Err(ErrorKind::DivisionByZero.into()),
        [Val::Int(one), Val::Int(other)] => one.checked_rem(*other).map(Val::Int).ok_or_else(overflow),
        [Val::Uint(one), Val::Uint(other)] => Ok(Val::Uint(one % other)),
        _ => no_overload(),
    }
}

pub(super) fn negate<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Int(value)] => value.checked_neg().map(Val::Int).ok_or_else(overflow),
        [Val::Double(value)] => Ok(Val::Double(-value)),
        [Val::Duration(value)] => value.checked_neg().map(Val::Duration).ok_or_else(overflow),
        _ => no_overload(),
    }
}

fn overflow() -> Failure {
    ErrorKind::Overflow.into()
}
