//! Lists as sets.

use super::{Outcome, no_overload};
use crate::compare;
use crate::error::Failure;
use crate::meter::Meter;
use crate::value::{List, Val};

fn two<'a, 'v>(arguments: &'a [Val<'v>]) -> Result<(&'a List<'v>, &'a List<'v>), Failure> {
    match arguments {
        [Val::List(one), Val::List(other)] => Ok((one, other)),
        _ => no_overload(),
    }
}

fn has<'v>(meter: &mut Meter, list: &List<'v>, item: &Val<'v>) -> Result<bool, Failure> {
    for one in list.iter() {
        if compare::equal(meter, &one, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_all<'v>(meter: &mut Meter, list: &List<'v>, items: &List<'v>) -> Result<bool, Failure> {
    for item in items.iter() {
        meter.spend(1)?;
        if !has(meter, list, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn contains<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (list, items) = two(arguments)?;
    has_all(meter, list, items).map(Val::Bool)
}

pub(super) fn equivalent<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (one, other) = two(arguments)?;
    Ok(Val::Bool(has_all(meter, one, other)? && has_all(meter, other, one)?))
}

pub(super) fn intersects<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (one, other) = two(arguments)?;
    for item in one.iter() {
        meter.spend(1)?;
        if has(meter, other, &item)? {
            return Ok(Val::Bool(true));
        }
    }
    Ok(Val::Bool(false))
}
