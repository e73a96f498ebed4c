//! Timestamps and durations: made of texts and numbers, and their parts, in UTC or another time zone.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::{Outcome, invalid, no_overload, text, text_at};
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::time::{self, Civil, Timestamp};
use crate::value::Val;

pub(super) fn to_duration<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Duration(value)] => Ok(Val::Duration(*value)),
        [Val::String(_)] => time::parse_duration(text(meter, arguments)?)
            .map_or_else(invalid, |value| Ok(Val::Duration(value))),
        // Declared upstream, for integers too, and refused there as well.
        _ => no_overload(),
    }
}

pub(super) fn to_timestamp<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Timestamp(value)] => Ok(Val::Timestamp(*value)),
        [Val::Int(seconds)] => {
            Timestamp::from_seconds(*seconds).map(Val::Timestamp).ok_or_else(|| ErrorKind::Overflow.into())
        }
        [Val::String(_)] => {
            meter.spend(PARSE_FUEL)?;
            Timestamp::parse(text(meter, arguments)?).map_or_else(invalid, |value| Ok(Val::Timestamp(value)))
        }
        _ => no_overload(),
    }
}

/// Reading a timestamp.
const PARSE_FUEL: u64 = 5;

/// Looking a time zone up by name and finding its offset.
const ZONE_FUEL: u64 = 20;

/// A timestamp's date and time of day, in UTC or the time zone of the second argument.
fn civil(meter: &mut Meter, arguments: &[Val<'_>]) -> Result<Civil, Failure> {
    let Some(Val::Timestamp(time)) = arguments.first() else { return no_overload() };
    if arguments.len() == 1 {
        return Ok(time.civil(0));
    }
    meter.spend(ZONE_FUEL)?;
    match zone_offset(*time, text_at(meter, arguments, 1)?) {
        Some(offset) => Ok(time.civil(offset)),
        None => invalid(),
    }
}

/// Seconds east of UTC: of `+02:00`, or of an IANA name at that time.
fn zone_offset(time: Timestamp, zone: &str) -> Option<i32> {
    if let Some((hours, minutes)) = zone.split_once(':') {
        let sign = if hours.starts_with('-') { -1 } else { 1 };
        let hours: i32 = hours.trim_start_matches('+').parse().ok()?;
        let minutes: i32 = minutes.parse().ok().filter(|minutes| (0..60).contains(minutes))?;
        return (-24..=24).contains(&hours).then(|| hours * 3600 + sign * minutes * 60);
    }
    let zone = match zone {
        "" | "UTC" => TimeZone::UTC,
        name => TimeZoneDatabase::bundled().get(name).ok()?,
    };
    let at = jiff::Timestamp::new(time.seconds, 0).ok()?;
    Some(zone.to_offset(at).seconds())
}

pub(super) fn full_year<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    civil(meter, arguments).map(|civil| Val::Int(civil.year))
}

/// From 0.
pub(super) fn month<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    civil(meter, arguments).map(|civil| Val::Int(civil.month - 1))
}

pub(super) fn date<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    civil(meter, arguments).map(|civil| Val::Int(civil.day))
}

/// From 0.
pub(super) fn day_of_month<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    civil(meter, arguments).map(|civil| Val::Int(civil.day - 1))
}

pub(super) fn day_of_week<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    civil(meter, arguments).map(|civil| Val::Int(civil.weekday))
}

pub(super) fn day_of_year<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    civil(meter, arguments).map(|civil| Val::Int(civil.day_of_year))
}

pub(super) fn hours<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Duration(nanos)] => Ok(Val::Int(nanos / 3_600_000_000_000)),
        _ => civil(meter, arguments).map(|civil| Val::Int(civil.hour)),
    }
}

pub(super) fn minutes<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Duration(nanos)] => Ok(Val::Int(nanos / 60_000_000_000)),
        _ => civil(meter, arguments).map(|civil| Val::Int(civil.minute)),
    }
}

pub(super) fn seconds<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Duration(nanos)] => Ok(Val::Int(nanos / 1_000_000_000)),
        _ => civil(meter, arguments).map(|civil| Val::Int(civil.second)),
    }
}

/// All of a duration's milliseconds, but those of a timestamp's second.
pub(super) fn milliseconds<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Duration(nanos)] => Ok(Val::Int(nanos / 1_000_000)),
        [Val::Timestamp(time), ..] => {
            civil(meter, arguments)?;
            Ok(Val::Int(i64::from(time.nanos / 1_000_000)))
        }
        _ => no_overload(),
    }
}
