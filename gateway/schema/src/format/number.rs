//! The formats of numbers with check digits or separators: `creditcard`, `isbn` and its lengths, `ssn`.

use super::is_space;

/// Digits of one of the known issuers with a Luhn check digit; whatever else is in the text does not count.
pub(super) fn is_credit_card(text: &str) -> bool {
    // No issuer has more than 16.
    let digits: Vec<u8> =
        text.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').take(17).collect();
    is_issued(&digits) && luhn(&digits).is_multiple_of(10)
}

fn is_issued(digits: &[u8]) -> bool {
    let lengths: &[usize] = match digits {
        [4, ..] => &[13, 16],
        [5, 1..=5, ..] | [6, 0, 1, 1, ..] | [6, 5, ..] | [3, 5, ..] => &[16],
        [3, 4 | 7, ..] | [2, 1, 3, 1, ..] | [1, 8, 0, 0, ..] => &[15],
        [3, 0, 0..=5, ..] | [3, 6 | 8, ..] => &[14],
        _ => &[],
    };
    lengths.contains(&digits.len())
}

/// The sum of digits, every second from the right doubled; the digits of a doubled one count.
fn luhn(digits: &[u8]) -> u32 {
    let weigh = |(index, &digit): (usize, &u8)| match (index % 2, digit) {
        (0, digit) => u32::from(digit),
        (_, digit @ 5..) => u32::from(digit) * 2 - 9,
        (_, digit) => u32::from(digit) * 2,
    };
    digits.iter().rev().enumerate().map(weigh).sum()
}

/// Nine digits and a check digit, which may be `X` for ten. Spaces and dashes do not count.
pub(super) fn is_isbn10(text: &str) -> bool {
    let characters = compact(text);
    let Some((&check, digits)) = characters.split_last() else { return false };
    if digits.len() != 9 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let check = match check {
        b'X' => 10,
        b'0'..=b'9' => u32::from(check - b'0'),
        _ => return false,
    };
    let sum: u32 = (1..).zip(digits).map(|(weight, digit)| weight * u32::from(digit - b'0')).sum();
    (sum + 10 * check).is_multiple_of(11)
}

/// Thirteen digits, the last of which checks the others. Spaces and dashes do not count.
pub(super) fn is_isbn13(text: &str) -> bool {
    let digits = compact(text);
    let weighted = [1, 3].into_iter().cycle().zip(&digits);
    digits.len() == 13
        && digits.iter().all(u8::is_ascii_digit)
        && weighted.map(|(weight, digit)| weight * u32::from(digit - b'0')).sum::<u32>().is_multiple_of(10)
}

/// What is left without spaces and dashes: all of it if it is not longer than an ISBN.
fn compact(text: &str) -> Vec<u8> {
    text.bytes().filter(|&byte| !is_space(byte) && byte != b'-').take(14).collect()
}

/// Eleven characters, so both separators are there.
pub(super) fn is_ssn(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            3 | 6 => matches!(byte, b'-' | b' '),
            _ => byte.is_ascii_digit(),
        })
}
