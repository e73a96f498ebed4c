//! The format `duration`: what Go's `time.ParseDuration` takes, or a text with an amount and a unit in it, as in
//! "3 weeks".

use super::is_space;

/// The nanoseconds that no duration may exceed; a negative one may reach them.
const LIMIT: u64 = 1 << 63;

pub(super) fn is_duration(text: &str) -> bool {
    is_go_duration(text) || is_wordy_duration(text)
}

/// `[-+]?(<decimal><unit>)+`, or a zero without unit.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest.is_empty() || rest == "0" {
        return rest == "0";
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let Some((amount, tail)) = amount(rest) else { return false };
        // Go's sum may wrap around too: it looks for an overflow only here.
        total = total.wrapping_add(amount);
        if total > LIMIT {
            return false;
        }
        rest = tail;
    }
    total < LIMIT || text.starts_with('-')
}

/// One decimal with its unit, in nanoseconds, and what follows.
fn amount(text: &str) -> Option<(u64, &str)> {
    let (digits, rest) = leading_digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), leading_digits);
    if digits.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|next: char| next == '.' || next.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let unit: u64 = match name {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let whole = whole(digits)?;
    if whole > LIMIT / unit {
        return None;
    }
    let sum = whole * unit + part(fraction, unit);
    (sum <= LIMIT).then_some((sum, rest))
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|next: char| !next.is_ascii_digit()).unwrap_or(text.len()))
}

/// The number that digits write, up to the limit.
fn whole(digits: &str) -> Option<u64> {
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    significant.parse().ok().filter(|&number| number <= LIMIT)
}

/// A decimal fraction of a unit. As in Go, it is computed in floating point, and digits that do not fit do not count.
fn part(digits: &str, unit: u64) -> u64 {
    let (mut number, mut scale) = (0_u64, 1_f64);
    for digit in digits.bytes() {
        if number > (LIMIT - 1) / 10 {
            break;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > LIMIT {
            break;
        }
        number = next;
        scale *= 10.0;
    }
    // Below the unit, so it fits.
    (number as f64 * (unit as f64 / scale)) as u64
}

/// Whether there is an amount with a unit, and no amount with a word that does not fit 63 bits.
fn is_wordy_duration(text: &str) -> bool {
    let mut found = false;
    let mut rest = text;
    while let Some(begin) = rest.find(|next: char| next.is_ascii_digit()) {
        let (digits, tail) = leading_digits(&rest[begin..]);
        let tail = tail.trim_start_matches(|next: char| u8::try_from(next).is_ok_and(is_space));
        let end =
            tail.find(|next: char| !next.is_ascii_alphabetic() && next != '\u{b5}').unwrap_or(tail.len());
        let (word, tail) = tail.split_at(end);
        if !word.is_empty() {
            if whole(digits).is_none_or(|amount| amount == LIMIT) {
                return false;
            }
            found = found || is_unit(word);
        }
        rest = tail;
    }
    found
}

/// A unit's abbreviation, or anything that begins with its name, in any case.
fn is_unit(word: &str) -> bool {
    const ABBREVIATIONS: [&str; 10] = ["ns", "us", "ms", "s", "m", "h", "hr", "d", "w", "wk"];
    const NAMES: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    let begins = |name: &str| word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    ABBREVIATIONS.iter().any(|name| word.eq_ignore_ascii_case(name))
        || word.eq_ignore_ascii_case("\u{b5}s")
        || NAMES.iter().any(|name| begins(name))
}
