//! Timestamps and durations as Go reads and writes them.

use std::cmp::Ordering;
use std::fmt::Write;

use crate::error::ErrorKind;
use crate::rfc3339::{self, Written};

pub(crate) const SECONDS_PER_DAY: i64 = 86_400;
const NANOS: i64 = 1_000_000_000;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: the timestamps of CEL.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

/// A point in time, and the offset that it was written with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timestamp {
    /// Since 1970-01-01T00:00:00Z.
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    /// Seconds east of UTC; it shows when the timestamp is written, and nowhere else.
    offset: i32,
}

/// Date and time of day of a timestamp at some offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    /// 0 is Sunday.
    pub(crate) weekday: i64,
    /// From 0.
    pub(crate) day_of_year: i64,
}

// === impl Timestamp ===

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

impl Timestamp {
    pub(crate) fn from_seconds(seconds: i64) -> Option<Self> {
        Self::new(seconds, 0, 0)
    }

    pub(crate) fn new(seconds: i64, nanos: u32, offset: i32) -> Option<Self> {
        (FIRST_SECOND..=LAST_SECOND).contains(&seconds).then_some(Self { seconds, nanos, offset })
    }

    /// Whether it is Go's zero time, the first second of the year 1.
    pub(crate) fn is_zero(self) -> bool {
        (self.seconds, self.nanos) == (FIRST_SECOND, 0)
    }

    /// RFC 3339 as Go reads it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Written { seconds, nanos, offset } = rfc3339::parse(text).ok()?;
        Self::new(seconds, nanos, offset)
    }

    /// The timestamp a duration (nanoseconds) later.
    pub(crate) fn plus(self, duration: i64) -> Result<Self, ErrorKind> {
        let nanos = i64::from(self.nanos) + duration.rem_euclid(NANOS);
        let seconds = self.seconds + duration.div_euclid(NANOS) + nanos / NANOS;
        Self::new(seconds, (nanos % NANOS) as u32, self.offset).ok_or(ErrorKind::Overflow)
    }

    /// Nanoseconds since another.
    pub(crate) fn since(self, other: Self) -> Result<i64, ErrorKind> {
        (self.seconds - other.seconds)
            .checked_mul(NANOS)
            .and_then(|nanos| nanos.checked_add(i64::from(self.nanos) - i64::from(other.nanos)))
            .ok_or(ErrorKind::Overflow)
    }

    pub(crate) fn civil(self, offset: i32) -> Civil {
        let local = self.seconds + i64::from(offset);
        let day_number = local.div_euclid(SECONDS_PER_DAY);
        let of_day = local.rem_euclid(SECONDS_PER_DAY);
        let (year, month, day) = date(day_number);
        Civil {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            weekday: (day_number + 4).rem_euclid(7),
            day_of_year: day_number - days(year, 1, 1),
        }
    }

    /// RFC 3339 with as many digits of the second as it has.
    pub(crate) fn write(self, out: &mut String) {
        let Civil { year, month, day, hour, minute, second, .. } = self.civil(self.offset);
        // Writing to a String cannot fail.
        let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        write_fraction(self.nanos, out);
        let minutes = self.offset / 60;
        let _ = match minutes {
            0 => write!(out, "Z"),
            _ => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(out, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        };
    }
}

fn write_fraction(nanos: u32, out: &mut String) {
    if nanos > 0 {
        let digits = format!("{nanos:09}");
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted in eras of 400 years that start in March.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// A duration as Go reads it (`1h30m`, `-1.5s`), in nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (whole, after) = leading_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => leading_digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after
            .find(|character: char| character == '.' || character.is_ascii_digit())
            .unwrap_or(after.len());
        let unit: u128 = match &after[..end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        rest = &after[end..];
        // As Go does: an overflow of the whole part is an error, digits of the fraction beyond 18 are dropped.
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        let digits = &fraction[..fraction.len().min(18)];
        if !digits.is_empty() {
            let scale = 10_u128.pow(digits.len() as u32);
            total = total.checked_add(digits.parse::<u128>().ok()? * unit / scale)?;
        }
        if total > 1 << 63 {
            return None;
        }
    }
    match negative {
        true => i64::try_from(-(total as i128)).ok(),
        false => i64::try_from(total).ok(),
    }
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Seconds with as many digits as they have, as `string(duration)` writes them.
pub(crate) fn write_duration(nanos: i64, out: &mut String) {
    if nanos < 0 {
        out.push('-');
    }
    let nanos = nanos.unsigned_abs();
    let seconds = (nanos / NANOS as u64) as f64 + (nanos % NANOS as u64) as f64 / NANOS as f64;
    let _ = write!(out, "{seconds}s");
}
