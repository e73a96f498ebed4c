//! Finding texts in strings, and elements in lists. Positions count characters.

use super::{Outcome, int_at, no_overload, text, text_at};
use crate::compare;
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::value::Val;

pub(super) fn contains<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (whole, part) = (text(meter, arguments)?, text_at(meter, arguments, 1)?);
    Ok(Val::Bool(whole.contains(part)))
}

pub(super) fn starts_with<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (whole, part) = (text(meter, arguments)?, text_at(meter, arguments, 1)?);
    Ok(Val::Bool(whole.starts_with(part)))
}

pub(super) fn ends_with<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (whole, part) = (text(meter, arguments)?, text_at(meter, arguments, 1)?);
    Ok(Val::Bool(whole.ends_with(part)))
}

pub(super) fn index_of<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    if let [Val::List(list), item] = arguments {
        for (index, one) in list.iter().enumerate() {
            if compare::equal(meter, &one, item)? {
                return Ok(Val::Int(index as i64));
            }
        }
        return Ok(Val::Int(-1));
    }
    let (whole, part) = (text(meter, arguments)?, text_at(meter, arguments, 1)?);
    let from = if arguments.len() > 2 { int_at(arguments, 2)? } else { 0 };
    if part.is_empty() {
        return Ok(Val::Int(from));
    }
    let Some(start) = start_of(whole, from)? else { return Ok(Val::Int(-1)) };
    Ok(Val::Int(match whole[start..].find(part) {
        Some(found) => from + characters(&whole[start..start + found]),
        None => -1,
    }))
}

pub(super) fn last_index_of<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    if let [Val::List(list), item] = arguments {
        for (back, one) in list.iter().rev().enumerate() {
            if compare::equal(meter, &one, item)? {
                return Ok(Val::Int((list.len() - 1 - back) as i64));
            }
        }
        return Ok(Val::Int(-1));
    }
    let (whole, part) = (text(meter, arguments)?, text_at(meter, arguments, 1)?);
    let Some(Val::Int(from)) = arguments.get(2) else {
        if arguments.len() > 2 {
            return no_overload();
        }
        return Ok(Val::Int(whole.rfind(part).map_or(-1, |found| characters(&whole[..found]))));
    };
    if part.is_empty() {
        return Ok(Val::Int(*from));
    }
    let Some(start) = start_of(whole, *from)? else { return Ok(Val::Int(-1)) };
    // What begins at `from` at the latest ends within its length from there.
    let end = whole.len().min(start + part.len());
    let end = (end..=whole.len()).find(|&end| whole.is_char_boundary(end)).unwrap_or(whole.len());
    let found = whole[..end].rfind(part).filter(|&found| found <= start);
    Ok(Val::Int(found.map_or(-1, |found| characters(&whole[..found]))))
}

/// The offset in bytes of a position; none past the last character.
fn start_of(whole: &str, position: i64) -> Result<Option<usize>, Failure> {
    let position = usize::try_from(position).map_err(|_| ErrorKind::IndexOutOfRange)?;
    Ok(whole.char_indices().nth(position).map(|(offset, _)| offset))
}

fn characters(text: &str) -> i64 {
    text.chars().count() as i64
}
