//! The format `uri`: what Go's `url.ParseRequestURI` takes, which is a URI with a scheme, an absolute path, or `*`.

use std::net::Ipv6Addr;

pub(super) fn is_request_uri(text: &str) -> bool {
    if text.is_empty() || text.bytes().any(|byte| byte.is_ascii_control()) {
        return false;
    }
    if text == "*" {
        return true;
    }
    let Some((scheme, rest)) = split_scheme(text) else { return false };
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !path.starts_with('/') {
        // With a scheme it is opaque.
        return !scheme.is_empty();
    }
    match path.strip_prefix("//") {
        Some(rest) if !scheme.is_empty() => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            is_authority(scheme, authority) && is_escaped(path)
        }
        _ => is_escaped(path),
    }
}

/// Scheme (empty if there is none) and what follows it. None before a colon is an error.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let end = text.bytes().position(|byte| !inner(byte)).unwrap_or(text.len());
    match text.split_at(end) {
        ("", rest) if rest.starts_with(':') => None,
        (scheme, rest)
            if rest.starts_with(':') && scheme.starts_with(|first: char| first.is_ascii_alphabetic()) =>
        {
            Some((scheme, &rest[1..]))
        }
        _ => Some(("", text)),
    }
}

fn is_authority(scheme: &str, authority: &str) -> bool {
    match authority.rsplit_once('@') {
        Some((user, host)) => is_user(user) && is_host(scheme, host),
        None => is_host(scheme, authority),
    }
}

/// Go tolerates an `@` here, in passwords that are not escaped.
fn is_user(user: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    user.bytes().all(known) && is_escaped(user)
}

fn is_host(scheme: &str, host: &str) -> bool {
    match host.rfind('[') {
        Some(0) => is_bracketed(&host[1..]),
        Some(_) => false,
        None => is_named(scheme, host),
    }
}

/// `<IPv6>]` or `<IPv6>%25<zone>]`, and perhaps a port.
fn is_bracketed(host: &str) -> bool {
    let Some((inner, port)) = host.rsplit_once(']') else { return false };
    let (address, zone) = match inner.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (inner, None),
    };
    is_port(port)
        && address.parse::<Ipv6Addr>().is_ok()
        && zone.is_none_or(|zone| !zone.is_empty() && is_zone(zone))
}

/// A name, an IPv4 address, or what a database driver takes for a list of them, and perhaps a port.
fn is_named(scheme: &str, host: &str) -> bool {
    // Only in these schemes must the first colon be that of the port.
    let strict = ["http", "https"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    let colon = if strict { host.find(':') } else { host.rfind(':') };
    colon.is_none_or(|colon| is_port(&host[colon..])) && is_name(host)
}

fn is_port(port: &str) -> bool {
    port.strip_prefix(':').map_or(port.is_empty(), |digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Only bytes that are not ASCII, and the percent sign, may be escaped.
fn is_name(host: &str) -> bool {
    escapes_are(host, |byte| !byte.is_ascii() || byte == b'%')
        && host.bytes().all(|byte| byte == b'%' || is_host_byte(byte))
}

/// As a name, but all that may be in a name may be escaped too, and a space, which Windows has.
fn is_zone(zone: &str) -> bool {
    let may_be = |byte| matches!(byte, b'%' | b' ') || byte.is_ascii() && is_host_byte(byte);
    escapes_are(zone, may_be) && zone.bytes().all(|byte| byte == b'%' || is_host_byte(byte))
}

fn is_host_byte(byte: u8) -> bool {
    !byte.is_ascii() || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

/// Whether two hexadecimal digits follow every percent sign.
fn is_escaped(text: &str) -> bool {
    escapes_are(text, |_| true)
}

/// Whether two hexadecimal digits follow every percent sign, and write a byte that may be written so.
fn escapes_are(text: &str, may_be: impl Fn(u8) -> bool) -> bool {
    let digit = |byte: Option<&u8>| byte.and_then(|&byte| char::from(byte).to_digit(16));
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            continue;
        }
        let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else { return false };
        if !u8::try_from(high * 16 + low).is_ok_and(&may_be) {
            return false;
        }
    }
    true
}
