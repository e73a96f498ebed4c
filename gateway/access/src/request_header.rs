//! Identity in headers, as the aggregator sends it: `X-Remote-User` and its kin. Which headers these are is
//! configured in kube-system/extension-apiserver-authentication.

use std::collections::BTreeMap;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::user::User;

const USERNAME_KEY: &str = "requestheader-username-headers";
const UID_KEY: &str = "requestheader-uid-headers";
const GROUP_KEY: &str = "requestheader-group-headers";
const EXTRA_KEY: &str = "requestheader-extra-headers-prefix";
const NAMES_KEY: &str = "requestheader-allowed-names";

/// The headers that every Kubernetes cluster uses, removed whatever is configured.
const STANDARD: [HeaderName; 3] = [
    HeaderName::from_static("x-remote-user"),
    HeaderName::from_static("x-remote-uid"),
    HeaderName::from_static("x-remote-group"),
];
const STANDARD_EXTRA_PREFIX: &str = "x-remote-extra-";

/// Which headers carry an identity, and who may send them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHeaders {
    username: Vec<HeaderName>,
    uid: Vec<HeaderName>,
    group: Vec<HeaderName>,
    /// Lower-case, never empty.
    extra_prefixes: Vec<String>,
    /// Common names of front proxies; empty allows any.
    allowed_names: Vec<String>,
}

/// Why the configuration of headers cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestHeaderError {
    /// The value is not a JSON array of strings.
    #[error("{0} is not a JSON array of strings")]
    NotStrings(&'static str),
    /// An entry is no header name.
    #[error("{0} holds something that is not a header name")]
    NotAHeader(&'static str),
}

/// A configured header holds bytes that are not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

// === impl RequestHeaders ===

impl RequestHeaders {
    /// Reads the `requestheader-*` keys of the ConfigMap. A missing key is an empty list.
    ///
    /// # Errors
    /// A value is not a JSON array of strings, or an entry is no header name.
    pub fn parse(data: &BTreeMap<String, String>) -> Result<Self, RequestHeaderError> {
        Ok(Self {
            username: header_names(data, USERNAME_KEY)?,
            uid: header_names(data, UID_KEY)?,
            group: header_names(data, GROUP_KEY)?,
            extra_prefixes: header_prefixes(data)?,
            allowed_names: strings(data, NAMES_KEY)?,
        })
    }

    /// Whether a front proxy of this common name may speak for others.
    pub(crate) fn allows(&self, common_name: &str) -> bool {
        self.allowed_names.is_empty() || self.allowed_names.iter().any(|name| name == common_name)
    }

    /// The user named by `headers`; `None` without a user name. The caller has verified who sent them.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Result<Option<User>, Unreadable> {
        let name = first_value(headers, &self.username)?;
        if name.is_empty() {
            return Ok(None);
        }
        let uid = first_value(headers, &self.uid)?;
        let mut groups = Vec::new();
        for value in self.group.iter().flat_map(|header| headers.get_all(header)) {
            let group = text(value)?;
            if !group.is_empty() {
                groups.push(group.to_owned());
            }
        }
        Ok(Some(User { name: name.to_owned(), uid: uid.to_owned(), groups, extra: self.extra(headers)? }))
    }

    fn extra(&self, headers: &HeaderMap) -> Result<BTreeMap<String, Vec<String>>, Unreadable> {
        let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for prefix in &self.extra_prefixes {
            // Header names are lower-case here, as Kubernetes wants the keys before they are unescaped.
            for (header, value) in headers {
                if let Some(key) = header.as_str().strip_prefix(prefix.as_str()) {
                    extra.entry(unescape(key)).or_default().push(text(value)?.to_owned());
                }
            }
        }
        Ok(extra)
    }

    fn carries_identity(&self, header: &HeaderName) -> bool {
        let configured = [&self.username, &self.uid, &self.group].into_iter().flatten();
        configured.chain(&STANDARD).any(|name| name == header)
            || header.as_str().starts_with(STANDARD_EXTRA_PREFIX)
            || self.extra_prefixes.iter().any(|prefix| header.as_str().starts_with(prefix.as_str()))
    }

    /// Removes every header that could be taken for an identity, configured or standard, and Authorization.
    pub(crate) fn strip(&self, headers: &mut HeaderMap) {
        headers.remove(header::AUTHORIZATION);
        let found: Vec<HeaderName> =
            headers.keys().filter(|name| self.carries_identity(name)).cloned().collect();
        for name in found {
            headers.remove(name);
        }
    }
}

fn strings(data: &BTreeMap<String, String>, key: &'static str) -> Result<Vec<String>, RequestHeaderError> {
    match data.get(key).map(String::as_str) {
        None | Some("") => Ok(Vec::new()),
        Some(json) => {
            let list: Option<Vec<String>> =
                serde_json::from_str(json).map_err(|_| RequestHeaderError::NotStrings(key))?;
            Ok(list.unwrap_or_default())
        }
    }
}

fn header_names(
    data: &BTreeMap<String, String>,
    key: &'static str,
) -> Result<Vec<HeaderName>, RequestHeaderError> {
    let parse = |name: String| HeaderName::try_from(name).map_err(|_| RequestHeaderError::NotAHeader(key));
    strings(data, key)?.into_iter().map(parse).collect()
}

/// A prefix is a header name too; an empty one, which would turn every header into an extra, is refused.
fn header_prefixes(data: &BTreeMap<String, String>) -> Result<Vec<String>, RequestHeaderError> {
    let names = header_names(data, EXTRA_KEY)?;
    Ok(names.into_iter().map(|name| name.as_str().to_owned()).collect())
}

/// The first non-empty value among `names`; of each header only its first value counts.
fn first_value<'h>(headers: &'h HeaderMap, names: &[HeaderName]) -> Result<&'h str, Unreadable> {
    let mut values = names.iter().filter_map(|name| headers.get(name));
    values.find(|value| !value.is_empty()).map_or(Ok(""), text)
}

fn text(value: &HeaderValue) -> Result<&str, Unreadable> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| Unreadable)
}

/// Percent-decodes an extra key; one that is malformed is kept as it is.
fn unescape(key: &str) -> String {
    if !key.contains('%') {
        return key.to_owned();
    }
    decode(key.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| key.to_owned())
}

fn decode(key: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(key.len());
    let mut bytes = key.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let high = hex_digit(*bytes.next()?)?;
        let low = hex_digit(*bytes.next()?)?;
        decoded.push(high << 4 | low);
    }
    Some(decoded)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
#[path = "request_header_tests.rs"]
mod tests;
