//! Equality and order of values. Numbers of different types are equal, and ordered, by what they are worth.

use std::cmp::Ordering;

use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::value::Val;

/// Whether two values are equal. Values of different types are not; those of Kubernetes' own types cannot be compared
/// with others.
pub(crate) fn equal(meter: &mut Meter, one: &Val<'_>, other: &Val<'_>) -> Result<bool, Failure> {
    meter.spend(1)?;
    Ok(match (one, other) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(one), Val::Bool(other)) => one == other,
        (Val::Int(one), Val::Int(other)) => one == other,
        (Val::Uint(one), Val::Uint(other)) => one == other,
        (Val::Double(one), Val::Double(other)) => one == other,
        (Val::Int(_) | Val::Uint(_) | Val::Double(_), Val::Int(_) | Val::Uint(_) | Val::Double(_)) => {
            numbers(one, other) == Some(Ordering::Equal)
        }
        (Val::String(one), Val::String(other)) => {
            let (one, other) = (one.as_str(), other.as_str());
            meter.bytes(one.len().min(other.len()))?;
            one == other
        }
        (Val::Bytes(one), Val::Bytes(other)) => {
            meter.bytes(one.as_slice().len().min(other.as_slice().len()))?;
            one.as_slice() == other.as_slice()
        }
        (Val::List(one), Val::List(other)) => {
            if one.len() != other.len() {
                return Ok(false);
            }
            for (one, other) in one.iter().zip(other.iter()) {
                if !equal(meter, &one, &other)? {
                    return Ok(false);
                }
            }
            true
        }
        (Val::Map(one), Val::Map(other)) => {
            if one.len() != other.len() {
                return Ok(false);
            }
            for (key, value) in one.entries() {
                meter.spend(1)?;
                match other.get(&key) {
                    Some(found) if equal(meter, &value, &found)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (Val::Timestamp(one), Val::Timestamp(other)) => one == other,
        (Val::Duration(one), Val::Duration(other)) => one == other,
        (Val::Type(one), Val::Type(other)) => one == other,
        (Val::Optional(Some(one)), Val::Optional(Some(other))) => equal(meter, one, other)?,
        (Val::Optional(one), Val::Optional(other)) => one.is_none() && other.is_none(),
        (Val::Quantity(one), Val::Quantity(other)) => one == other,
        (Val::Ip(one), Val::Ip(other)) => one == other,
        (Val::Cidr(one), Val::Cidr(other)) => one == other,
        (Val::Semver(one), Val::Semver(other)) => one == other,
        (Val::Url(one), Val::Url(other)) => one.text == other.text,
        (Val::Format(one), Val::Format(other)) => one == other,
        (Val::Quantity(_) | Val::Ip(_) | Val::Cidr(_) | Val::Semver(_) | Val::Url(_) | Val::Format(_), _) => {
            return Err(ErrorKind::NoSuchOverload.into());
        }
        _ => false,
    })
}

/// How two values are ordered, if their types are.
pub(crate) fn order(meter: &mut Meter, one: &Val<'_>, other: &Val<'_>) -> Result<Ordering, Failure> {
    meter.spend(1)?;
    Ok(match (one, other) {
        (Val::Int(one), Val::Int(other)) => one.cmp(other),
        (Val::Bool(one), Val::Bool(other)) => one.cmp(other),
        (Val::Int(_) | Val::Uint(_) | Val::Double(_), Val::Int(_) | Val::Uint(_) | Val::Double(_)) => {
            return numbers(one, other).ok_or_else(|| ErrorKind::InvalidArgument.into());
        }
        (Val::String(one), Val::String(other)) => {
            let (one, other) = (one.as_str(), other.as_str());
            meter.bytes(one.len().min(other.len()))?;
            one.cmp(other)
        }
        (Val::Bytes(one), Val::Bytes(other)) => {
            meter.bytes(one.as_slice().len().min(other.as_slice().len()))?;
            one.as_slice().cmp(other.as_slice())
        }
        (Val::Timestamp(one), Val::Timestamp(other)) => one.cmp(other),
        (Val::Duration(one), Val::Duration(other)) => one.cmp(other),
        _ => return Err(ErrorKind::NoSuchOverload.into()),
    })
}

/// Order of numbers of any types; none if one is not a number at all. An integer and a double compare as doubles, as
/// upstream has it.
fn numbers(one: &Val<'_>, other: &Val<'_>) -> Option<Ordering> {
    match (one, other) {
        (Val::Double(one), Val::Double(other)) => one.partial_cmp(other),
        (Val::Double(one), other) => double_and_integer(*one, other),
        (one, Val::Double(other)) => double_and_integer(*other, one).map(Ordering::reverse),
        (one, other) => Some(integer(one).cmp(&integer(other))),
    }
}

fn integer(value: &Val<'_>) -> i128 {
    match value {
        Val::Int(value) => i128::from(*value),
        Val::Uint(value) => i128::from(*value),
        _ => 0,
    }
}

fn double_and_integer(double: f64, integer: &Val<'_>) -> Option<Ordering> {
    match integer {
        Val::Int(value) => double.partial_cmp(&(*value as f64)),
        Val::Uint(value) => double.partial_cmp(&(*value as f64)),
        _ => None,
    }
}
