//! The formats `ipv4`, `ipv6` and `cidr`.
//!
//! `ipv6` is what Go parses. The other two are what Go parsed before 1.17, with leading zeros, since Kubernetes keeps that
//! for objects that are stored.

use std::net::Ipv6Addr;

/// Colons that an address has at most: `::` may stand beside seven groups.
const SEPARATORS: usize = 8;

/// An address with a dot in it, so also IPv4 within IPv6.
pub(super) fn is_ipv4(text: &str) -> bool {
    text.contains('.') && (is_loose_ipv4(text) || is_loose_ipv6(text))
}

pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let Some(prefix) = decimal(prefix) else { return false };
    is_loose_ipv4(address) && prefix <= 32 || is_loose_ipv6(address) && prefix <= 128
}

fn is_loose_ipv4(text: &str) -> bool {
    let mut parts = 0;
    let valid = text.split('.').all(|part| {
        parts += 1;
        parts <= 4 && decimal(part).is_some_and(|number| number <= 255)
    });
    valid && parts == 4
}

/// The number that ASCII digits write, however many zeros lead them; none of ours has more than three others.
fn decimal(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let significant = text.trim_start_matches('0');
    if text.is_empty() || !digits || significant.len() > 3 {
        return None;
    }
    Some(significant.bytes().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
}

/// IPv6 whose groups, and the bytes of an embedded IPv4, may have leading zeros: these are left out for the parser.
fn is_loose_ipv6(text: &str) -> bool {
    let mut strict = String::new();
    for (index, group) in text.split(':').enumerate() {
        if index > SEPARATORS {
            return false;
        }
        if index > 0 {
            strict.push(':');
        }
        if group.contains('.') {
            if !is_loose_ipv4(group) {
                return false;
            }
            strict.push_str("0.0.0.0");
        } else {
            let significant = group.trim_start_matches('0');
            strict.push_str(if significant.is_empty() && !group.is_empty() { "0" } else { significant });
        }
    }
    is_ipv6(&strict)
}
