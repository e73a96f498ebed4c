//! Where the expressions of a string are.

use std::ops::Range;

/// A part of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scanned {
    Text(String),
    /// The range of an expression's source, in bytes.
    Expression(Range<usize>),
}

/// The parts of a string; an error is the offset of a `${` that nothing closes.
pub(super) fn scan(text: &str) -> Result<Vec<Scanned>, usize> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('$') {
        let start = at + found;
        literal.push_str(&text[at..start]);
        let rest = &text[start..];
        if rest.starts_with("$${") {
            literal.push_str("${");
            at = start + 3;
        } else if rest.starts_with("${") {
            let end = closing(text, start + 2).ok_or(start)?;
            if !literal.is_empty() {
                parts.push(Scanned::Text(std::mem::take(&mut literal)));
            }
            parts.push(Scanned::Expression(start + 2..end));
            at = end + 1;
        } else {
            literal.push('$');
            at = start + 1;
        }
    }
    literal.push_str(&text[at..]);
    if !literal.is_empty() {
        parts.push(Scanned::Text(literal));
    }
    Ok(parts)
}

/// Where the brace is that closes an expression: not one of a map, a string or a comment.
fn closing(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = 0;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            b'"' | b'\'' => {
                at = string_end(bytes, at, is_raw(bytes, from, at))?;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().position(|&byte| byte == b'\n')?;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether the string that begins here has an r before it (or the r of `br`), which is not the end of a name.
fn is_raw(bytes: &[u8], from: usize, at: usize) -> bool {
    let prefix = bytes[from..at]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    let prefix = &bytes[at - prefix..at];
    prefix.len() <= 2
        && prefix.iter().all(|byte| b"rRbB".contains(byte))
        && prefix.iter().any(|byte| b"rR".contains(byte))
}

/// The offset after a string that begins here.
fn string_end(bytes: &[u8], start: usize, raw: bool) -> Option<usize> {
    let quote = bytes[start];
    let triple = [quote; 3];
    let delimiter: &[u8] = if bytes[start..].starts_with(&triple) { &triple } else { &triple[..1] };
    let mut at = start + delimiter.len();
    while at < bytes.len() {
        if bytes[at] == b'\\' && !raw {
            at += 2;
        } else if bytes[at..].starts_with(delimiter) {
            return Some(at + delimiter.len());
        } else {
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_end_where_they_end() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("plain $ text $", &["'plain $ text $'"]),
            ("${a}", &["a"]),
            ("x ${a} y ${b}", &["'x '", "a", "' y '", "b"]),
            ("${a}${b}", &["a", "b"]),
            ("$${a}", &["'${a}'"]),
            ("$$${a}", &["'$${a}'"]),
            ("$ ${a}", &["'$ '", "a"]),
            ("${ {'a': {'b': 1}}.a }", &[" {'a': {'b': 1}}.a "]),
            ("${'}' + \"}\"}", &["'}' + \"}\""]),
            (r"${'\'}' + a}", &[r"'\'}' + a"]),
            (r"${r'\' + a}", &[r"r'\' + a"]),
            (r"${bR'\' + a}", &[r"bR'\' + a"]),
            (r"${for'\'}' }", &[r"for'\'}' "]),
            ("${'''a'}'b'''}", &["'''a'}'b'''"]),
            ("${'' + a}", &["'' + a"]),
            ("${a // }\n}", &["a // }\n"]),
            ("${a / b}", &["a / b"]),
            ("é${a}é", &["'é'", "a", "'é'"]),
        ];
        for (text, expected) in cases {
            let parts = scan(text).unwrap_or_else(|at| panic!("{text}: open at {at}"));
            let parts: Vec<String> = parts
                .into_iter()
                .map(|part| match part {
                    Scanned::Text(literal) => format!("'{literal}'"),
                    Scanned::Expression(range) => text[range].to_owned(),
                })
                .collect();
            assert_eq!(parts, *expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_told() {
        for (text, at) in
            [("${", 0), ("a ${b", 2), ("${a} ${'}", 5), ("${ {'a': 1}", 0), ("${a // }", 0), (r"${'\'}", 0)]
        {
            assert_eq!(scan(text), Err(at), "{text}");
        }
    }
}
