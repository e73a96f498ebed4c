//! Dates in columns: read as `metav1.Time` reads them, shown as ages by `HumanDuration`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Unix seconds of Go's zero time, which counts as no date.
const ZERO_TIME: i64 = -62_135_596_800;

/// Seconds that Go's `Duration` can hold; ages beyond stop there (292 years).
const LONGEST: i64 = i64::MAX / 1_000_000_000;

/// What a date column found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Date {
    /// Seconds since the epoch.
    At(i64),
    /// An empty string, `null` or Go's zero time.
    Unknown,
    Invalid,
}

/// Reads an RFC 3339 time with Go's leniency: one-digit hours, and a comma before the fraction.
pub(crate) fn parse(text: &str) -> Date {
    if text.is_empty() || text == "null" {
        return Date::Unknown;
    }
    match seconds(text) {
        Some(ZERO_TIME) => Date::Unknown,
        Some(seconds) => Date::At(seconds),
        None => Date::Invalid,
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4..=4, 2..=2, 2..=2])?;
    let zone_start = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_start);
    let clock = match clock.split_once(['.', ',']) {
        None => clock,
        Some((clock, fraction)) if is_digits(fraction) => clock,
        Some(_) => return None,
    };
    let [hour, minute, second] = numbers(clock, ':', [1..=2, 2..=2, 2..=2])?;
    let [hour, minute, second] =
        [i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?];
    let civil =
        DateTime::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?, hour, minute, second, 0)
            .ok()?;
    let local = civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    Some(local - offset(zone)?)
}

/// The seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hours, minutes] = numbers(zone.get(1..)?, ':', [2..=2, 2..=2])?;
    (hours <= 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3_600 + i64::from(minutes) * 60))
}

/// Numbers with their widths, and nothing else.
fn numbers<const N: usize>(
    text: &str,
    separator: char,
    widths: [std::ops::RangeInclusive<usize>; N],
) -> Option<[i16; N]> {
    let mut found = [0; N];
    let mut parts = text.split(separator);
    for (number, width) in found.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| is_digits(part) && width.contains(&part.len()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The age of a date `seconds` ago, as apimachinery's `HumanDuration` shows it.
pub(crate) fn human(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    let seconds = seconds.min(LONGEST);
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        _ if seconds < 2 * MINUTE => format!("{seconds}s"),
        _ if seconds < 10 * MINUTE => two(seconds, MINUTE, 'm', 1, 's'),
        _ if seconds < 3 * HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < 8 * HOUR => two(seconds, HOUR, 'h', MINUTE, 'm'),
        _ if seconds < 2 * DAY => format!("{}h", seconds / HOUR),
        _ if seconds < 8 * DAY => two(seconds, DAY, 'd', HOUR, 'h'),
        _ if seconds < 2 * YEAR => format!("{}d", seconds / DAY),
        _ if seconds < 8 * YEAR => two(seconds, YEAR, 'y', DAY, 'd'),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// Two units, the second only if it is not zero.
fn two(seconds: i64, large: i64, large_name: char, small: i64, small_name: char) -> String {
    match seconds % large / small {
        0 => format!("{}{large_name}", seconds / large),
        rest => format!("{}{large_name}{rest}{small_name}", seconds / large),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_go_reads_them() {
        let cases = [
            ("2026-01-02T03:04:05Z", Date::At(1_767_323_045)),
            ("2026-01-02T03:04:05,5Z", Date::At(1_767_323_045)),
            ("2026-01-02T03:04:05.999999999Z", Date::At(1_767_323_045)),
            ("2026-01-02T3:04:05Z", Date::At(1_767_323_045)),
            ("2026-01-02T03:04:05-23:59", Date::At(1_767_409_385)),
            ("2026-01-02T03:04:05+24:00", Date::At(1_767_236_645)),
            ("0000-01-02T03:04:05Z", Date::At(-62_167_121_755)),
            ("0001-01-01T00:00:00Z", Date::Unknown),
            ("", Date::Unknown),
            ("null", Date::Unknown),
            ("2026-01-02t03:04:05z", Date::Invalid),
            ("2026-01-02T03:04:60Z", Date::Invalid),
            ("2026-02-30T03:04:05Z", Date::Invalid),
            ("2026-01-02T03:04:05+0200", Date::Invalid),
            ("2026-01-02T03:04:05+25:00", Date::Invalid),
            ("2026-01-02T24:04:05Z", Date::Invalid),
            ("2026-01-02T03:04:05.Z", Date::Invalid),
            ("2026-01-02T03:04:05", Date::Invalid),
            ("2026-01-02", Date::Invalid),
            ("yesterday", Date::Invalid),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn ages_are_shown_as_kubectl_shows_them() {
        let (minute, hour, day) = (60, 3_600, 86_400);
        let cases = [
            (-2, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (10 * minute - 1, "9m59s"),
            (10 * minute, "10m"),
            (3 * hour - 1, "179m"),
            (3 * hour, "3h"),
            (3 * hour + minute, "3h1m"),
            (8 * hour - 1, "7h59m"),
            (8 * hour, "8h"),
            (2 * day - 1, "47h"),
            (2 * day, "2d"),
            (2 * day + hour, "2d1h"),
            (8 * day - 1, "7d23h"),
            (8 * day, "8d"),
            (730 * day - 1, "729d"),
            (730 * day, "2y"),
            (731 * day, "2y1d"),
            (8 * 365 * day - 1, "7y364d"),
            (8 * 365 * day, "8y"),
            (i64::MAX, "292y"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(human(seconds), expected, "{seconds}");
        }
    }
}
