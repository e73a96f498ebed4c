//! Encoded words of mail (RFC 2047), `=?<charset>?<b or q>?<text>?=`, as far as it matters whether they are sound.

use tributary_expr::strfmt::is_padded_base64;

/// What Go's mail parser takes a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// None that is encoded, or not soundly: it stands for itself.
    Plain,
    /// An encoded word for nothing.
    Empty,
    /// An encoded word for some text.
    Text,
    /// An encoded word in a charset that Go does not know: an error.
    Unknown,
}

impl Word {
    pub(super) fn of(word: &str) -> Self {
        let Some((charset, text)) = decoded(word) else { return Self::Plain };
        let known = ["utf-8", "us-ascii", "iso-8859-1"].iter().any(|name| fold_equal(charset, name));
        match (known, text.is_empty()) {
            (false, _) => Self::Unknown,
            (true, true) => Self::Empty,
            (true, false) => Self::Text,
        }
    }
}

/// Charset and (still encoded) text of an encoded word that can be decoded.
fn decoded(word: &str) -> Option<(&str, &str)> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.split('?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    let sound = match encoding {
        "b" | "B" => is_base64(text),
        "q" | "Q" => is_quoted(text),
        _ => false,
    };
    (sound && !charset.is_empty() && parts.next().is_none()).then_some((charset, text))
}

/// Base64 in which line ends do not count; there may be no digits.
fn is_base64(text: &str) -> bool {
    let digits: String = text.chars().filter(|&next| next != '\r' && next != '\n').collect();
    digits.len().is_multiple_of(4) && is_padded_base64(&digits)
}

/// Printable ASCII, with bytes as `=` and two hexadecimal digits.
fn is_quoted(text: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        let sound = match byte {
            b'=' => digit(bytes.next()) && digit(bytes.next()),
            b' '..=b'~' | b'\n' | b'\r' | b'\t' => true,
            _ => false,
        };
        if !sound {
            return false;
        }
    }
    true
}

/// Equality under Unicode's simple case folding, by which `ſ` is an s (and the Kelvin sign a k, which no name has).
fn fold_equal(text: &str, ascii: &str) -> bool {
    text.chars().count() == ascii.len()
        && text
            .chars()
            .zip(ascii.chars())
            .all(|(given, wanted)| given.eq_ignore_ascii_case(&wanted) || (given, wanted) == ('\u{17f}', 's'))
}
