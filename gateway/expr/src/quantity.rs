//! Quantities of resources, `1.5Gi`: exact down to a billionth, as Kubernetes keeps them.

use std::cmp::Ordering;

const NANOS: i128 = 1_000_000_000;

/// The largest amount, in billionths: 10^24. Kubernetes keeps any number of digits, which no resource needs.
const LARGEST: i128 = 10_i128.pow(33);

/// Digits of a number that is read.
const DIGITS: usize = 60;

/// The amount that a text such as `1.5Gi` gives, as near as a float comes; none if it is no quantity.
#[must_use]
pub fn quantity(text: &str) -> Option<f64> {
    Quantity::parse(text).map(|quantity| quantity.approximate())
}

#[derive(Debug, Clone)]
pub(crate) struct Quantity {
    /// Billionths.
    nanos: i128,
    notation: Notation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Decimal,
    Exponent,
    Binary,
}

// === impl Quantity ===

impl Quantity {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (whole, rest) = split_digits(rest);
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => split_digits(rest),
            None => ("", rest),
        };
        // Without digits it is zero, as upstream reads it.
        if text.is_empty() {
            return None;
        }
        let (notation, base, exponent) = suffix_value(suffix)?;
        let magnitude = magnitude(whole, fraction, base, exponent)?;
        let nanos = if notation == Notation::Binary {
            magnitude.min(i128::from(i64::MAX) * NANOS)
        } else {
            magnitude
        };
        let notation = if notation == Notation::Binary && nanos < NANOS && nanos > 0 {
            Notation::Decimal
        } else {
            notation
        };
        (nanos <= LARGEST).then_some(Self { nanos: if negative { -nanos } else { nanos }, notation })
    }

    pub(crate) fn of_integer(value: i64) -> Self {
        Self { nanos: i128::from(value) * NANOS, notation: Notation::Exponent }
    }

    pub(crate) fn sign(&self) -> i64 {
        self.nanos.signum() as i64
    }

    /// The amount, if it is an integer of 64 bits.
    pub(crate) fn integer(&self) -> Option<i64> {
        (self.nanos % NANOS == 0).then(|| i64::try_from(self.nanos / NANOS).ok())?
    }

    pub(crate) fn approximate(&self) -> f64 {
        (self.nanos / NANOS) as f64 + (self.nanos % NANOS) as f64 / NANOS as f64
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        // A sum takes its notation from the first that is not zero.
        let notation = if self.nanos == 0 { other.notation } else { self.notation };
        let nanos = self.nanos.checked_add(other.nanos).filter(|nanos| nanos.abs() <= LARGEST)?;
        Some(Self { nanos, notation })
    }

    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&Self { nanos: -other.nanos, notation: other.notation })
    }

    /// The canonical text.
    pub(crate) fn text(&self) -> String {
        if self.nanos == 0 {
            return "0".to_owned();
        }
        let integer = self.nanos / NANOS;
        let is_binary = self.notation == Notation::Binary && integer.abs() >= 1024 && self.nanos % NANOS == 0;
        if is_binary {
            let powers = (integer.trailing_zeros() / 10).min(6);
            return format!(
                "{}{}",
                integer >> (10 * powers),
                ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][powers as usize]
            );
        }
        let (mut number, mut exponent) = (self.nanos, -9_i32);
        while number % 1000 == 0 {
            (number, exponent) = (number / 1000, exponent + 3);
        }
        match (self.notation, exponent) {
            (_, 0) => number.to_string(),
            (Notation::Exponent, _) | (_, 19..) => format!("{number}e{exponent}"),
            _ => format!(
                "{number}{}",
                ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][(exponent / 3 + 3) as usize]
            ),
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Notation, base and exponent of a suffix.
fn suffix_value(suffix: &str) -> Option<(Notation, i128, i32)> {
    const DECIMAL: [(&str, i32); 10] = [
        ("n", -9),
        ("u", -6),
        ("m", -3),
        ("", 0),
        ("k", 3),
        ("M", 6),
        ("G", 9),
        ("T", 12),
        ("P", 15),
        ("E", 18),
    ];
    const BINARY: [(&str, i32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
    if let Some((_, exponent)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((Notation::Decimal, 10, *exponent));
    }
    if let Some((_, exponent)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some((Notation::Binary, 2, *exponent));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
    Some((Notation::Exponent, 10, exponent))
}

/// Billionths, rounded away from zero.
fn magnitude(whole: &str, fraction: &str, base: i128, exponent: i32) -> Option<i128> {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    if digits.len() > DIGITS {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()?;
    if base == 2 {
        let number = digits.parse::<i128>().ok()?.checked_mul(1 << exponent)?;
        return scaled(number, 9 - scale);
    }
    // More digits than fit are dropped where they are far below a billionth.
    let shift = 9 - scale + i64::from(exponent);
    let dropped = usize::try_from(-shift).unwrap_or(0).min(digits.len());
    let kept = &digits[..digits.len() - dropped];
    let rest = digits[kept.len()..].bytes().any(|digit| digit != b'0');
    let number = if kept.is_empty() { 0 } else { kept.parse::<i128>().ok()? };
    let number = if shift > 0 { scaled(number, shift)? } else { number };
    number.checked_add(i128::from(rest || (kept.is_empty() && dropped > 0)))
}

/// A number times a power of ten, rounded up.
fn scaled(number: i128, shift: i64) -> Option<i128> {
    if shift >= 0 {
        return number.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?);
    }
    let divisor = 10_i128.checked_pow(u32::try_from(-shift).ok()?)?;
    Some(number / divisor + i128::from(number % divisor != 0))
}
