//! The order of a mapping's keys: go-yaml's, in which numbers inside of keys count as numbers.

use std::cmp::Ordering;

/// Sorts fields by their keys. std's sorts may panic on an order that is not total, and keys with very long
/// numbers make this one such: a merge sort does not mind.
pub(super) fn sort<T>(fields: Vec<(&str, T)>) -> Vec<(&str, T)> {
    if fields.len() < 2 {
        return fields;
    }
    let mut left = fields;
    let right = left.split_off(left.len() / 2);
    let (left, right) = (sort(left), sort(right));
    let mut sorted = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
        let next = if compare(b, a) == Ordering::Less { right.next() } else { left.next() };
        sorted.extend(next);
    }
    sorted.extend(left);
    sorted.extend(right);
    sorted
}

/// By the first character that differs: others before digits before letters, and digits by the number that they begin.
fn compare(a: &str, b: &str) -> Ordering {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let same = (0..=same).rev().find(|at| a.is_char_boundary(*at) && b.is_char_boundary(*at)).unwrap_or(0);
    let (Some(first), Some(other)) = (a[same..].chars().next(), b[same..].chars().next()) else {
        return a.len().cmp(&b.len());
    };
    match (first.is_alphabetic(), other.is_alphabetic()) {
        (true, true) => return first.cmp(&other),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A 0 inside of a number makes the longer one larger; at its beginning it does not count.
    let before = a[..same].bytes().rev().take_while(u8::is_ascii_digit);
    let within = (first == '0' || other == '0') && before.into_iter().any(|digit| digit != b'0');
    let number = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit);
        digits.fold((i64::from(within), 0_usize), |(number, length), digit| {
            (number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), length + 1)
        })
    };
    number(&a[same..]).cmp(&number(&b[same..])).then(first.cmp(&other))
}
