//! URLs as Go's `url.ParseRequestURI` and `url.Parse` take them apart.

use std::net::Ipv6Addr;

/// Whether a text is what Go's `url.ParseRequestURI` takes: a URI with a scheme, an absolute path, or `*`.
pub fn is_request_uri(text: &str) -> bool {
    Url::parse_request(text).is_some()
}

/// A URL's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) text: String,
    pub(crate) scheme: String,
    /// Name or address, and port; without the user.
    pub(crate) host: String,
    /// The path as it is escaped.
    pub(crate) path: String,
    query: String,
}

// === impl Url ===

impl Url {
    /// Reads a URL: with a scheme, or an absolute path, or `*`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // A request has no fragment, and then it is read once more, with one.
        let whole = Self::parse_request(text)?;
        match text.split_once('#') {
            Some(("", fragment)) => is_escaped(fragment).then_some(whole),
            Some((before, fragment)) if is_escaped(fragment) => {
                Self::parse_request(before).map(|url| Self { text: text.to_owned(), ..url })
            }
            Some(_) => None,
            None => Some(whole),
        }
    }

    fn parse_request(text: &str) -> Option<Self> {
        if text.is_empty() || text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let parts = |scheme: &str, host: &str, path: &str, query: &str| Self {
            text: text.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            host: unescaped(host),
            path: canonical_path(path),
            query: query.to_owned(),
        };
        if text == "*" {
            return Some(parts("", "", "*", ""));
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !rest.starts_with('/') {
            // With a scheme it is opaque.
            return (!scheme.is_empty()).then(|| parts(scheme, "", "", query));
        }
        match rest.strip_prefix("//") {
            Some(after) if !scheme.is_empty() => {
                let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
                let host = match authority.rsplit_once('@') {
                    Some((user, host)) => is_user(user).then_some(host)?,
                    None => authority,
                };
                (is_host(scheme, host) && is_escaped(path)).then(|| parts(scheme, host, path, query))
            }
            _ => is_escaped(rest).then(|| parts(scheme, "", rest, query)),
        }
    }

    /// The host without its port and brackets.
    pub(crate) fn hostname(&self) -> &str {
        let name = &self.host[..self.host.len() - self.port_length()];
        name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name)
    }

    pub(crate) fn port(&self) -> &str {
        self.host[self.host.len() - self.port_length()..].trim_start_matches(':')
    }

    /// Bytes of the port with its colon.
    fn port_length(&self) -> usize {
        match self.host.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => port.len() + 1,
            _ => 0,
        }
    }

    /// Names and values of the query. What is not escaped as it should be is left out.
    pub(crate) fn query(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')).filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (is_escaped(name) && is_escaped(value))
                .then(|| (unescaped(&name.replace('+', " ")), unescaped(&value.replace('+', " "))))
        })
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

/// Go tolerates an `@` here, in passwords that are not escaped.
fn is_user(user: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:!$&'()*+,;=%@".contains(&byte);
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
    is_port(port) && address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(is_zone)
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
    !zone.is_empty()
        && escapes_are(zone, may_be)
        && zone.bytes().all(|byte| byte == b'%' || is_host_byte(byte))
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
    let mut bytes = text.as_bytes();
    while let Some(at) = bytes.iter().position(|&byte| byte == b'%') {
        match escaped_byte(&bytes[at + 1..]) {
            Some(byte) if may_be(byte) => bytes = &bytes[at + 3..],
            _ => return false,
        }
    }
    true
}

fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|&byte| char::from(byte).to_digit(16));
    u8::try_from(digit(bytes.first())? * 16 + digit(bytes.get(1))?).ok()
}

fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        match escaped_byte(rest).filter(|_| first == b'%') {
            Some(byte) => {
                out.push(byte);
                bytes = &rest[2..];
            }
            None => {
                out.push(first);
                bytes = rest;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A path that is escaped as it may be stays so; otherwise it is escaped anew.
fn canonical_path(path: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    if path.bytes().all(|byte| unreserved(byte) || b"!'()*[]%".contains(&byte)) {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    let mut bytes = path.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        let (byte, after) = match escaped_byte(rest).filter(|_| first == b'%') {
            Some(byte) => (byte, &rest[2..]),
            None => (first, rest),
        };
        match unreserved(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
        bytes = after;
    }
    out
}
