//! Functions that make strings of strings. Positions count characters.

use super::{Outcome, int_at, no_overload, text, text_at};
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::value::{Text, Val};

/// Fuel for a part of a text.
const PART_FUEL: u64 = 3;

pub(super) fn char_at<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (whole, index) = (text(meter, arguments)?, int_at(arguments, 1)?);
    let start = offset_of(whole, index)?;
    let end = start + whole[start..].chars().next().map_or(0, char::len_utf8);
    part(arguments, start, end)
}

pub(super) fn substring<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (whole, from) = (text(meter, arguments)?, int_at(arguments, 1)?);
    let start = offset_of(whole, from)?;
    if arguments.len() < 3 {
        return part(arguments, start, whole.len());
    }
    let to = int_at(arguments, 2)?;
    if from > to {
        return Err(ErrorKind::IndexOutOfRange.into());
    }
    part(arguments, start, offset_of(whole, to)?)
}

/// Where a character is, in bytes; the end is one too.
fn offset_of(text: &str, index: i64) -> Result<usize, Failure> {
    let index = usize::try_from(index).map_err(|_| ErrorKind::IndexOutOfRange)?;
    let ends = text.char_indices().map(|(offset, _)| offset).chain([text.len()]);
    ends.into_iter().nth(index).ok_or_else(|| ErrorKind::IndexOutOfRange.into())
}

fn part<'v>(arguments: &[Val<'v>], start: usize, end: usize) -> Outcome<'v> {
    match arguments {
        [Val::String(text), ..] => Ok(Val::String(text.part(start..end))),
        _ => no_overload(),
    }
}

pub(super) fn trim<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let whole = text(meter, arguments)?;
    let start = whole.len() - whole.trim_start().len();
    let end = whole.trim_end().len().max(start);
    part(arguments, start, end)
}

pub(super) fn lower_ascii<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    text(meter, arguments).map(|text| Val::string(text.to_ascii_lowercase()))
}

pub(super) fn upper_ascii<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    text(meter, arguments).map(|text| Val::string(text.to_ascii_uppercase()))
}

pub(super) fn replace<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let whole = text(meter, arguments)?;
    let (from, to) = (text_at(meter, arguments, 1)?, text_at(meter, arguments, 2)?);
    let limit = match arguments.get(3) {
        Some(_) => usize::try_from(int_at(arguments, 3)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    // An empty text is found before every character and at the end.
    let found = match from.is_empty() {
        true => whole.chars().count() + 1,
        false => whole.matches(from).count(),
    }
    .min(limit);
    let made = found.saturating_mul(to.len()).saturating_add(whole.len());
    meter.spend(found as u64)?;
    meter.bytes(made)?;
    Ok(Val::string(whole.replacen(from, to, found)))
}

pub(super) fn split<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let (whole, separator) = (text(meter, arguments)?, text_at(meter, arguments, 1)?);
    let limit = match arguments.get(2) {
        Some(_) => usize::try_from(int_at(arguments, 2)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let ranges = split_ranges(meter, whole, separator, limit)?;
    let parts =
        ranges.into_iter().map(|(start, end)| part(arguments, start, end)).collect::<Result<Vec<_>, _>>()?;
    Ok(Val::list(parts))
}

/// The ranges of at most `limit` parts. An empty separator splits into characters.
fn split_ranges(
    meter: &mut Meter,
    whole: &str,
    separator: &str,
    limit: usize,
) -> Result<Vec<(usize, usize)>, Failure> {
    let mut ranges = Vec::new();
    if limit == 0 || (separator.is_empty() && whole.is_empty()) {
        return Ok(ranges);
    }
    let mut start = 0;
    loop {
        meter.spend(PART_FUEL)?;
        let next = match (ranges.len() + 1 < limit, separator.is_empty()) {
            (false, _) => None,
            (true, true) => {
                whole[start..].chars().next().map(char::len_utf8).filter(|end| start + end < whole.len())
            }
            (true, false) => whole[start..].find(separator),
        };
        let Some(length) = next else {
            ranges.push((start, whole.len()));
            return Ok(ranges);
        };
        ranges.push((start, start + length));
        start += length + separator.len();
    }
}

pub(super) fn join<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let Some(Val::List(list)) = arguments.first() else { return no_overload() };
    let separator = match arguments.get(1) {
        Some(_) => text_at(meter, arguments, 1)?,
        None => "",
    };
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let Val::String(text) = &item else { return Err(ErrorKind::InvalidArgument.into()) };
        meter.spend(1)?;
        meter.bytes(text.as_str().len() + separator.len())?;
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text.as_str());
    }
    Ok(Val::string(joined))
}

pub(super) fn quote<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let whole = text(meter, arguments)?;
    meter.bytes(2 * whole.len())?;
    let mut quoted = String::with_capacity(whole.len() + 2);
    quoted.push('"');
    for character in whole.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    Ok(Val::String(Text::Made(quoted.into())))
}
