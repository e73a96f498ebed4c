//! Semantic versions, and the comparisons that they share with quantities.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Outcome, invalid, no_overload, text};
use crate::error::Failure;
use crate::meter::Meter;
use crate::semver::Semver;
use crate::value::Val;

/// Reading a version beyond its bytes.
const FUEL: u64 = 15;

fn parsed(meter: &mut Meter, arguments: &[Val<'_>]) -> Result<Option<Semver>, Failure> {
    meter.spend(FUEL)?;
    let text = text(meter, arguments)?;
    // Its parts are allocated one by one.
    meter.spend(text.len() as u64)?;
    match arguments.get(1) {
        None | Some(Val::Bool(false)) => Ok(Semver::parse(text)),
        Some(Val::Bool(true)) => Ok(Semver::parse_lenient(text)),
        Some(_) => no_overload(),
    }
}

pub(super) fn semver<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match parsed(meter, arguments)? {
        Some(version) => Ok(Val::Semver(Rc::new(version))),
        None => invalid(),
    }
}

pub(super) fn is_semver<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(parsed(meter, arguments)?.is_some()))
}

fn one<'a>(arguments: &'a [Val<'_>]) -> Result<&'a Semver, Failure> {
    match arguments {
        [Val::Semver(version)] => Ok(version),
        _ => no_overload(),
    }
}

pub(super) fn major<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(one(arguments)?.major as i64))
}

pub(super) fn minor<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(one(arguments)?.minor as i64))
}

pub(super) fn patch<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(one(arguments)?.patch as i64))
}

fn order(meter: &mut Meter, arguments: &[Val<'_>]) -> Result<Ordering, Failure> {
    meter.spend(FUEL)?;
    match arguments {
        [Val::Semver(one), Val::Semver(other)] => Ok(one.cmp(other)),
        [Val::Quantity(one), Val::Quantity(other)] => Ok(one.cmp(other)),
        _ => no_overload(),
    }
}

pub(super) fn compare_to<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(order(meter, arguments)? as i64))
}

pub(super) fn is_greater_than<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(order(meter, arguments)?.is_gt()))
}

pub(super) fn is_less_than<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(order(meter, arguments)?.is_lt()))
}
