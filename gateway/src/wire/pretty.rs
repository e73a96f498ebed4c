//! JSON for people: indented by two spaces, as Go's `json.MarshalIndent` does it. A list goes through piece by piece.

/// Compact JSON on its way to be indented.
#[derive(Default)]
pub(crate) struct Pretty {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The last thing was `{` or `[`, which may be empty.
    opened: bool,
}

impl Pretty {
    /// Indents a whole text.
    pub(crate) fn all(json: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(json.len() * 2);
        Self::default().write(&mut out, json);
        out
    }

    /// Appends the next piece of a text, which may end anywhere.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, json: &[u8]) {
        for byte in json {
            if self.in_string {
                self.string(*byte);
                out.push(*byte);
            } else if !byte.is_ascii_whitespace() {
                self.token(out, *byte);
            }
        }
    }

    fn string(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
    }

    fn token(&mut self, out: &mut Vec<u8>, byte: u8) {
        let opened = std::mem::take(&mut self.opened);
        if matches!(byte, b'}' | b']') {
            self.depth = self.depth.saturating_sub(1);
            if !opened {
                self.line(out);
            }
        } else if opened {
            self.line(out);
        }
        out.push(byte);
        match byte {
            b'{' | b'[' => {
                self.depth += 1;
                self.opened = true;
            }
            b',' => self.line(out),
            b':' => out.push(b' '),
            b'"' => self.in_string = true,
            _ => {}
        }
    }

    fn line(&self, out: &mut Vec<u8>) {
        out.push(b'\n');
        (0..self.depth).for_each(|_| out.extend_from_slice(b"  "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indents() {
        for (compact, pretty) in [
            ("{}\n", "{}"),
            ("[]", "[]"),
            ("1", "1"),
            (r#"{"a":{},"b":[],"c":[{}]}"#, "{\n  \"a\": {},\n  \"b\": [],\n  \"c\": [\n    {}\n  ]\n}"),
            (
                r#"{"a":"{\\\"[,:","b":[1,"x, y"]}"#,
                "{\n  \"a\": \"{\\\\\\\"[,:\",\n  \"b\": [\n    1,\n    \"x, y\"\n  ]\n}",
            ),
            ("{\"é\":\"\u{1f600}\"}", "{\n  \"é\": \"\u{1f600}\"\n}"),
        ] {
            assert_eq!(String::from_utf8(Pretty::all(compact.as_bytes())).unwrap(), pretty);
            for at in 0..compact.len() {
                let (mut pieces, mut indenter) = (Vec::new(), Pretty::default());
                indenter.write(&mut pieces, &compact.as_bytes()[..at]);
                indenter.write(&mut pieces, &compact.as_bytes()[at..]);
                assert_eq!(pieces, pretty.as_bytes(), "{compact} cut at {at}");
            }
        }
    }
}
