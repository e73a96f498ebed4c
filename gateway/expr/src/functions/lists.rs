//! Functions on lists.

use std::cmp::Ordering;

use super::{Outcome, int_at, no_overload};
use crate::compare;
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::value::{List, Val};

fn list<'a, 'v>(arguments: &'a [Val<'v>]) -> Result<&'a List<'v>, Failure> {
    match arguments.first() {
        Some(Val::List(list)) => Ok(list),
        _ => no_overload(),
    }
}

pub(super) fn first<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(list(arguments)?.get(0).map_or(Val::NONE, Val::some))
}

pub(super) fn last<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(list(arguments)?.iter().next_back().map_or(Val::NONE, Val::some))
}

pub(super) fn range<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let count = int_at(arguments, 0)?.max(0);
    meter.spend(count as u64)?;
    Ok(Val::list((0..count).map(Val::Int).collect()))
}

pub(super) fn reverse<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let list = list(arguments)?;
    meter.spend(list.len() as u64)?;
    Ok(Val::list(list.iter().rev().collect()))
}

pub(super) fn slice<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let list = list(arguments)?;
    let bounds = (usize::try_from(int_at(arguments, 1)?), usize::try_from(int_at(arguments, 2)?));
    match bounds {
        (Ok(start), Ok(end)) if start <= end && end <= list.len() => {
            meter.spend((end - start) as u64)?;
            Ok(Val::list((start..end).filter_map(|index| list.get(index)).collect()))
        }
        _ => Err(ErrorKind::IndexOutOfRange.into()),
    }
}

pub(super) fn flatten<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let depth = if arguments.len() > 1 { int_at(arguments, 1)? } else { 1 };
    if depth < 0 {
        return Err(ErrorKind::InvalidArgument.into());
    }
    let mut flat = Vec::new();
    flatten_into(meter, list(arguments)?, depth, &mut flat)?;
    Ok(Val::list(flat))
}

/// Recurses as deep as the list, which the input's and the expression's depth bound.
fn flatten_into<'v>(
    meter: &mut Meter,
    list: &List<'v>,
    depth: i64,
    flat: &mut Vec<Val<'v>>,
) -> Result<(), Failure> {
    for item in list.iter() {
        meter.spend(2)?;
        match item {
            Val::List(inner) if depth > 0 => flatten_into(meter, &inner, depth - 1, flat)?,
            item => flat.push(item),
        }
    }
    Ok(())
}

pub(super) fn distinct<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let mut unique: Vec<Val<'v>> = Vec::new();
    'items: for item in list(arguments)?.iter() {
        for one in &unique {
            if compare::equal(meter, &item, one)? {
                continue 'items;
            }
        }
        meter.spend(1)?;
        unique.push(item);
    }
    Ok(Val::list(unique))
}

pub(super) fn is_sorted<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let list = list(arguments)?;
    let mut items = list.iter();
    let Some(mut before) = items.next() else { return Ok(Val::Bool(true)) };
    // One element, too, has to be of a type with an order.
    compare::order(meter, &before, &before)?;
    for item in items {
        if compare::order(meter, &before, &item)?.is_gt() {
            return Ok(Val::Bool(false));
        }
        before = item;
    }
    Ok(Val::Bool(true))
}

pub(super) fn sum<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let list = list(arguments)?;
    let mut items = list.iter();
    let Some(mut total) = items.next() else { return Ok(Val::Int(0)) };
    if !matches!(total, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Duration(_)) {
        return no_overload();
    }
    for item in items {
        meter.spend(1)?;
        total = super::arithmetic::add(meter, &[total, item])?;
    }
    Ok(total)
}

pub(super) fn min<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    extreme(meter, arguments, Ordering::Less)
}

pub(super) fn max<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    extreme(meter, arguments, Ordering::Greater)
}

fn extreme<'v>(meter: &mut Meter, arguments: &[Val<'v>], wanted: Ordering) -> Outcome<'v> {
    let mut items = list(arguments)?.iter();
    let Some(mut best) = items.next() else { return Err(ErrorKind::InvalidArgument.into()) };
    compare::order(meter, &best, &best)?;
    for item in items {
        if compare::order(meter, &item, &best)? == wanted {
            best = item;
        }
    }
    Ok(best)
}

pub(super) fn sort<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let keys: Vec<Val<'v>> = list(arguments)?.iter().collect();
    meter.spend(keys.len() as u64)?;
    sorted_by(meter, keys.clone(), &keys)
}

/// Items in the order of their keys, which are of one type. Equal ones keep their places.
pub(crate) fn sorted_by<'v>(meter: &mut Meter, items: Vec<Val<'v>>, keys: &[Val<'v>]) -> Outcome<'v> {
    let Some(first) = keys.first() else { return Ok(Val::list(items)) };
    let kind = first.kind();
    if keys.iter().any(|key| key.kind() != kind) {
        return Err(ErrorKind::InvalidArgument.into());
    }
    compare::order(meter, first, first)?;
    meter.spend(keys.len() as u64)?;
    let mut failed = None;
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|&one, &other| {
        compare::order(meter, &keys[one], &keys[other]).unwrap_or_else(|failure| {
            failed.get_or_insert(failure);
            Ordering::Equal
        })
    });
    match failed {
        Some(failure) => Err(failure),
        None => Ok(Val::list(places.into_iter().map(|place| items[place].clone()).collect())),
    }
}
