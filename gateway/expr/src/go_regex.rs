//! Go's regular expressions for the `regex` crate.
//!
//! Both are RE2-like; what differs is rewritten: `\d`, `\w`, `\s` and `\b` are ASCII in Go, a `{` that repeats nothing is
//! itself, and a class has neither nested classes nor set operations. What cannot be rewritten (`\B`,
//! `\Q…\E`) is refused.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// Builds what [`translate`] made, with limits in bytes on the compiled pattern and on what a search may cache; the error
/// is one line.
pub fn build(translated: &str, memory: usize, cache: usize) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(translated);
    builder.size_limit(memory).dfa_size_limit(cache).build().map_err(|error| one_line(&error))
}

/// The reason, without the drawing that points into the (rewritten) pattern.
fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// The pattern in the syntax of `regex`, with Go's meaning; the error is one line.
pub fn translate(source: &str) -> Result<String, String> {
    let mut translation =
        Translation { rest: source.chars().peekable(), out: String::with_capacity(source.len() + 16) };
    while let Some(character) = translation.rest.next() {
        match character {
            '\\' => translation.escape(Context::Outside)?,
            '[' => translation.class()?,
            '{' if !starts_repetition(translation.rest.clone()) => translation.out.push_str("\\{"),
            '(' => translation.group()?,
            _ => translation.out.push(character),
        }
    }
    Ok(translation.out)
}

/// Whether `{` begins `{n}`, `{n,}` or `{n,m}`; otherwise it is itself.
fn starts_repetition(rest: Peekable<Chars<'_>>) -> bool {
    let inner: String = rest.take_while(|&character| character != '}').collect();
    let (least, most) = inner.split_once(',').unwrap_or((&inner, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && is_digits(least) && is_digits(most)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Outside,
    Class,
}

struct Translation<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
}

impl Translation<'_> {
    fn escape(&mut self, context: Context) -> Result<(), String> {
        let Some(character) = self.rest.next() else {
            return Err("trailing backslash at end of expression".to_owned());
        };
        match character {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => self.out.push_str(ascii_class(character)),
            'b' if context == Context::Outside => self.out.push_str("(?-u:\\b)"),
            // Letters that both know, with the same meaning.
            'a' | 'f' | 'n' | 'r' | 't' | 'v' => self.push_escaped(character),
            'x' | 'p' | 'P' => self.named_escape(character),
            'A' | 'z' if context == Context::Outside => self.push_escaped(character),
            '0'..='7' => return self.octal(character),
            _ if character.is_ascii_punctuation() => self.push_literal(character),
            _ => return Err(format!("invalid escape sequence: `\\{character}`")),
        }
        Ok(())
    }

    /// `\x{…}` and `\p{…}`, whose braces are no repetition; `\p{^…}` is `\P{…}` in Go.
    fn named_escape(&mut self, letter: char) {
        let braced = self.rest.next_if_eq(&'{').is_some();
        let negated = letter != 'x' && braced && self.rest.next_if_eq(&'^').is_some();
        self.push_escaped(match (letter, negated) {
            ('p', true) => 'P',
            ('P', true) => 'p',
            _ => letter,
        });
        if braced {
            self.out.push('{');
            self.out.extend(self.rest.by_ref().take_while(|&next| next != '}'));
            self.out.push('}');
        }
    }

    /// Go reads `\0`, `\012` and `\123` as octal codes and refuses back references.
    fn octal(&mut self, first: char) -> Result<(), String> {
        let mut code = first.to_digit(8).unwrap_or_default();
        if first != '0' && !self.rest.peek().is_some_and(|next| next.is_digit(8)) {
            return Err(format!("invalid escape sequence: `\\{first}`"));
        }
        for _ in 0..2 {
            let Some(digit) = self.rest.peek().and_then(|next| next.to_digit(8)) else { break };
            self.rest.next();
            code = code * 8 + digit;
        }
        // Writing to a String cannot fail.
        let _ = write!(self.out, "\\x{{{code:x}}}");
        Ok(())
    }

    fn push_escaped(&mut self, character: char) {
        self.out.push('\\');
        self.out.push(character);
    }

    fn push_literal(&mut self, character: char) {
        // The regex crate reads \< and \> as word boundaries.
        if matches!(character, '<' | '>') {
            self.out.push(character);
            return;
        }
        self.push_escaped(character);
    }

    /// A class, after its `[`.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str("\\]");
        } else if self.rest.next_if_eq(&'-').is_some() {
            self.push_escaped('-');
        }
        while let Some(character) = self.rest.next() {
            match character {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.escape(Context::Class)?,
                '[' if self.rest.peek() == Some(&':') => self.named_class(),
                '[' | '&' | '~' => self.push_escaped(character),
                '-' if self.out.ends_with('-') && !self.out.ends_with("\\-") => self.push_escaped('-'),
                _ => self.out.push(character),
            }
        }
        Err("missing closing ]".to_owned())
    }

    /// `[:alpha:]`, which is ASCII in both; anything else that starts so is a literal `[`.
    fn named_class(&mut self) {
        let ahead: String =
            self.rest.clone().skip(1).take_while(|next| next.is_ascii_alphabetic() || *next == '^').collect();
        let mut after = self.rest.clone().skip(1 + ahead.len());
        if after.next() != Some(':') || after.next() != Some(']') {
            return self.out.push_str("\\[");
        }
        self.out.push('[');
        for character in self.rest.by_ref().take(ahead.len() + 3) {
            self.out.push(character);
        }
    }

    /// A group, after its `(`: only flags that Go has.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.rest.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        self.out.push('?');
        if matches!(self.rest.peek(), Some('P' | '<')) {
            return Ok(());
        }
        while let Some(&flag) = self.rest.peek() {
            match flag {
                'i' | 'm' | 's' | 'U' | '-' => self.out.push(flag),
                ':' | ')' => return Ok(()),
                _ => return Err(format!("invalid or unsupported Perl syntax: `(?{flag}`")),
            }
            self.rest.next();
        }
        Err("missing closing )".to_owned())
    }
}

/// The ASCII class of a Perl letter; within a class it nests, which is a union.
fn ascii_class(letter: char) -> &'static str {
    match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => "[\\t\\n\\f\\r ]",
        _ => "[^\\t\\n\\f\\r ]",
    }
}
