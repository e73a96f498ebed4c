//! Regular expressions. Those of literals were compiled before; others are compiled for the one call, and paid.

use std::rc::Rc;

use super::{Outcome, no_overload, text, text_at};
use crate::error::Failure;
use crate::meter::Meter;
use crate::pattern::Pattern;
use crate::value::{Text, Val};

pub(super) fn matches<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let pattern = compiled(meter, arguments)?;
    matches_pattern(meter, &arguments[0], &pattern)
}

pub(super) fn find<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let pattern = compiled(meter, arguments)?;
    find_pattern(meter, &arguments[0], &pattern)
}

pub(super) fn find_all<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let pattern = compiled(meter, arguments)?;
    find_all_pattern(meter, &arguments[0], &pattern, arguments.get(2))
}

fn compiled(meter: &mut Meter, arguments: &[Val<'_>]) -> Result<Rc<Pattern>, Failure> {
    text(meter, arguments)?;
    let source = text_at(meter, arguments, 1)?;
    meter.pattern(source)
}

/// The text, for which searching once is paid.
fn searched<'a, 'v>(
    meter: &mut Meter,
    text: &'a Val<'v>,
    pattern: &Pattern,
) -> Result<&'a Text<'v>, Failure> {
    let Val::String(text) = text else { return no_overload() };
    meter.spend(pattern.search_fuel(text.as_str().len()))?;
    Ok(text)
}

pub(crate) fn matches_pattern<'v>(meter: &mut Meter, text: &Val<'v>, pattern: &Pattern) -> Outcome<'v> {
    let text = searched(meter, text, pattern)?;
    Ok(Val::Bool(pattern.matches(text.as_str())))
}

/// The first match, or the empty string.
pub(crate) fn find_pattern<'v>(meter: &mut Meter, text: &Val<'v>, pattern: &Pattern) -> Outcome<'v> {
    let text = searched(meter, text, pattern)?;
    Ok(Val::String(text.part(pattern.find_at(text.as_str(), 0).unwrap_or(0..0))))
}

/// All matches, as Go counts them: an empty one does not follow another at once. A negative limit is none.
pub(crate) fn find_all_pattern<'v>(
    meter: &mut Meter,
    text: &Val<'v>,
    pattern: &Pattern,
    limit: Option<&Val<'v>>,
) -> Outcome<'v> {
    let limit = match limit {
        Some(Val::Int(limit)) => usize::try_from(*limit).unwrap_or(usize::MAX),
        Some(_) => return no_overload(),
        None => usize::MAX,
    };
    let Val::String(whole) = text else { return no_overload() };
    let (haystack, mut from, mut last_end) = (whole.as_str(), 0, None);
    let mut found = Vec::new();
    while found.len() < limit && from <= haystack.len() {
        // Even for a short match a search may read to the end: of `a+b|a` in a text of a's.
        meter.spend(pattern.search_fuel(haystack.len() - from))?;
        let range = pattern.find_at(haystack, from);
        let Some(range) = range else { break };
        let empty_after_another = range.is_empty() && last_end == Some(range.start);
        last_end = Some(range.end);
        from = match range.is_empty() {
            true => range.end + haystack[range.end..].chars().next().map_or(1, char::len_utf8),
            false => range.end,
        };
        if !empty_after_another {
            meter.spend(1)?;
            found.push(Val::String(whole.part(range)));
        }
    }
    Ok(Val::list(found))
}
