//! Quantities of resources.

use std::rc::Rc;

use super::{Outcome, invalid, no_overload, text};
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::quantity::Quantity;
use crate::value::Val;

/// Reading or adding a quantity.
const FUEL: u64 = 5;

pub(super) fn quantity<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    meter.spend(FUEL)?;
    match Quantity::parse(text(meter, arguments)?) {
        Some(quantity) => Ok(Val::Quantity(Rc::new(quantity))),
        None => invalid(),
    }
}

pub(super) fn is_quantity<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    meter.spend(FUEL)?;
    Ok(Val::Bool(Quantity::parse(text(meter, arguments)?).is_some()))
}

fn one<'a>(arguments: &'a [Val<'_>]) -> Result<&'a Quantity, Failure> {
    match arguments.first() {
        Some(Val::Quantity(quantity)) => Ok(quantity),
        _ => no_overload(),
    }
}

pub(super) fn add<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    combined(meter, arguments, Quantity::plus)
}

pub(super) fn sub<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    combined(meter, arguments, Quantity::minus)
}

fn combined<'v>(
    meter: &mut Meter,
    arguments: &[Val<'v>],
    operation: fn(&Quantity, &Quantity) -> Option<Quantity>,
) -> Outcome<'v> {
    meter.spend(FUEL)?;
    let first = one(arguments)?;
    let result = match arguments.get(1) {
        Some(Val::Quantity(other)) => operation(first, other),
        Some(Val::Int(other)) => operation(first, &Quantity::of_integer(*other)),
        _ => return no_overload(),
    };
    result.map(|quantity| Val::Quantity(Rc::new(quantity))).ok_or_else(|| ErrorKind::Overflow.into())
}

pub(super) fn as_approximate_float<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Double(one(arguments)?.approximate()))
}

pub(super) fn as_integer<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    one(arguments)?.integer().map_or_else(invalid, |value| Ok(Val::Int(value)))
}

pub(super) fn is_integer<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(one(arguments)?.integer().is_some()))
}

pub(super) fn sign<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(one(arguments)?.sign()))
}
