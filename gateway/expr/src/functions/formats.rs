//! Named formats.

use super::{Function, Outcome, no_overload, text, text_at};
use crate::format::{Format, with_format_names};
use crate::meter::Meter;
use crate::value::Val;

/// What is wrong with a text is told in long sentences.
const FUEL: u64 = 50;

/// The function `format.<name>()`.
pub(super) fn constant(name: &str) -> Option<Function> {
    macro_rules! constants {
        ($($name:literal),*) => {
            match name {
                $($name => Some(|_, _| Format::named($name).map_or_else(no_overload, |format| Ok(Val::Format(format)))),)*
                _ => None,
            }
        };
    }
    with_format_names!(constants)
}

pub(super) fn named<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Format::named(text(meter, arguments)?).map_or(Val::NONE, |format| Val::some(Val::Format(format))))
}

pub(super) fn validate<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let Some(Val::Format(format)) = arguments.first() else { return no_overload() };
    meter.spend(FUEL)?;
    let text = text_at(meter, arguments, 1)?;
    meter.bytes(4 * text.len())?;
    let faults = format.faults(text);
    Ok(match faults.is_empty() {
        true => Val::NONE,
        false => Val::some(Val::list(faults.into_iter().map(Val::string).collect())),
    })
}
