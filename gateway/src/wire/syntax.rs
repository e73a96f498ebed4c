//! What is wrong with a text that is no JSON, in the words of Go's decoder (`encoding/json`, scanner.go).

/// Where in a value the scanner is.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Value,
    /// After `[`, where a `]` may come.
    FirstItem,
    /// After `{`, where a `}` may come.
    FirstKey,
    Key,
    AfterKey,
    AfterValue,
}

const END: &str = "unexpected end of JSON input";

/// The first error of a text; None: it is JSON.
pub(crate) fn error(text: &[u8]) -> Option<String> {
    Scanner { text, at: 0 }.document().err()
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), String> {
        // What each open collection is: an object or a list.
        let mut open: Vec<bool> = Vec::new();
        let mut place = Place::Value;
        loop {
            self.space();
            let Some(byte) = self.next() else {
                let done = place == Place::AfterValue && open.is_empty();
                return if done { Ok(()) } else { Err(END.to_owned()) };
            };
            place = match (place, byte) {
                (Place::FirstItem, b']') | (Place::FirstKey, b'}') => {
                    open.pop();
                    Place::AfterValue
                }
                (Place::Value | Place::FirstItem, _) => self.value(byte, &mut open)?,
                (Place::Key | Place::FirstKey, b'"') => {
                    self.string()?;
                    Place::AfterKey
                }
                (Place::Key | Place::FirstKey, _) => {
                    return refused(byte, "looking for beginning of object key string");
                }
                (Place::AfterKey, b':') => Place::Value,
                (Place::AfterKey, _) => return refused(byte, "after object key"),
                (Place::AfterValue, _) => match (open.last(), byte) {
                    (Some(true), b',') => Place::Key,
                    (Some(false), b',') => Place::Value,
                    (Some(true), b'}') | (Some(false), b']') => {
                        open.pop();
                        Place::AfterValue
                    }
                    (Some(true), _) => return refused(byte, "after object key:value pair"),
                    (Some(false), _) => return refused(byte, "after array element"),
                    (None, _) => return refused(byte, "after top-level value"),
                },
            };
        }
    }

    fn value(&mut self, byte: u8, open: &mut Vec<bool>) -> Result<Place, String> {
        match byte {
            b'{' => {
                open.push(true);
                return Ok(Place::FirstKey);
            }
            b'[' => {
                open.push(false);
                return Ok(Place::FirstItem);
            }
            b'"' => self.string()?,
            b't' => self.literal("true")?,
            b'f' => self.literal("false")?,
            b'n' => self.literal("null")?,
            b'-' | b'0'..=b'9' => self.number(byte)?,
            _ => return refused(byte, "looking for beginning of value"),
        }
        Ok(Place::AfterValue)
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.bytes().skip(1) {
            let byte = self.next_or_space();
            if byte != expected {
                let context = format!("in literal {word} (expecting {})", quoted(expected));
                return refused(byte, &context);
            }
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        loop {
            match self.next().ok_or(END)? {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                byte @ 0..0x20 => return refused(byte, "in string literal"),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.next_or_space() {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => Ok(()),
            b'u' => (0..4).try_for_each(|_| match self.next_or_space() {
                digit if digit.is_ascii_hexdigit() => Ok(()),
                byte => refused(byte, "in \\u hexadecimal character escape"),
            }),
            byte => refused(byte, "in string escape code"),
        }
    }

    fn number(&mut self, first: u8) -> Result<(), String> {
        let first = if first == b'-' { self.digit("in numeric literal")? } else { first };
        if first != b'0' {
            self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digit("after decimal point in numeric literal")?;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digit("in exponent of numeric literal")?;
            self.digits();
        }
        Ok(())
    }

    fn digit(&mut self, context: &str) -> Result<u8, String> {
        match self.next_or_space() {
            digit if digit.is_ascii_digit() => Ok(digit),
            byte => refused(byte, context),
        }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Within a word or a number, Go takes the end for a space.
    fn next_or_space(&mut self) -> u8 {
        self.next().unwrap_or(b' ')
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

fn refused<T>(byte: u8, context: &str) -> Result<T, String> {
    Err(format!("invalid character {} {context}", quoted(byte)))
}

/// A byte as Go quotes it: taken for a character.
fn quoted(byte: u8) -> String {
    match char::from(byte) {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        '\\' => "'\\\\'".to_owned(),
        '\u{7}' => "'\\a'".to_owned(),
        '\u{8}' => "'\\b'".to_owned(),
        '\u{b}' => "'\\v'".to_owned(),
        '\u{c}' => "'\\f'".to_owned(),
        '\n' => "'\\n'".to_owned(),
        '\r' => "'\\r'".to_owned(),
        '\t' => "'\\t'".to_owned(),
        ' '..='~' => format!("'{}'", char::from(byte)),
        '\0'..='\u{1f}' | '\u{7f}' => format!("'\\x{byte:02x}'"),
        '\u{80}'..='\u{a0}' | '\u{ad}' => format!("'\\u{byte:04x}'"),
        character => format!("'{character}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_go() {
        let begin = "looking for beginning of value";
        for (text, expected) in [
            ("", END.to_owned()),
            (" {", END.to_owned()),
            ("[1,", END.to_owned()),
            ("\"a", END.to_owned()),
            ("\"\\u12", "invalid character ' ' in \\u hexadecimal character escape".to_owned()),
            ("tru", "invalid character ' ' in literal true (expecting 'e')".to_owned()),
            ("-", "invalid character ' ' in numeric literal".to_owned()),
            ("x", format!("invalid character 'x' {begin}")),
            ("{\"a\":}", format!("invalid character '}}' {begin}")),
            ("[1,]", format!("invalid character ']' {begin}")),
            ("'", format!("invalid character '\\'' {begin}")),
            ("\u{e9}", format!("invalid character 'Ã' {begin}")),
            ("{a", "invalid character 'a' looking for beginning of object key string".to_owned()),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string".to_owned()),
            ("{\"a\" 1", "invalid character '1' after object key".to_owned()),
            ("{\"a\":1 \"b\"", "invalid character '\"' after object key:value pair".to_owned()),
            ("[1 2", "invalid character '2' after array element".to_owned()),
            ("[01]", "invalid character '1' after array element".to_owned()),
            ("{} x", "invalid character 'x' after top-level value".to_owned()),
            ("\"a\nb\"", "invalid character '\\n' in string literal".to_owned()),
            ("\"\\q\"", "invalid character 'q' in string escape code".to_owned()),
            ("\"\\u12g\"", "invalid character 'g' in \\u hexadecimal character escape".to_owned()),
            ("-a", "invalid character 'a' in numeric literal".to_owned()),
            ("1.a", "invalid character 'a' after decimal point in numeric literal".to_owned()),
            ("1e+a", "invalid character 'a' in exponent of numeric literal".to_owned()),
            ("nul]", "invalid character ']' in literal null (expecting 'l')".to_owned()),
        ] {
            assert_eq!(error(text.as_bytes()), Some(expected), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err());
        }
        for text in ["null", " [1, -2.5e3, {\"a\": [], \"b\": {}}, true, \"\\u00e9\\n\"] ", "0"] {
            assert_eq!(error(text.as_bytes()), None, "{text}");
        }
    }
}
