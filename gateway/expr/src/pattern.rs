//! Patterns: Go's regular expressions, compiled by the `regex` crate with Go's meaning.
//!
//! Both are RE2-like; what differs is rewritten: `\d`, `\w`, `\s` and `\b` are ASCII in Go, a `{` that repeats nothing is
//! itself, and a class has neither nested classes nor set operations. What cannot be rewritten (`\B`,
//! `\Q…\E`) is refused.

use std::fmt::Write;
use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;

use regex::{Regex, RegexBuilder};
use regex_automata::nfa::thompson;

/// Bytes of a pattern's source.
const SOURCE_BYTES: usize = 1024;

/// Bytes of a compiled pattern.
const COMPILED_BYTES: usize = 256 << 10;

/// Bytes of the automaton that a search builds as it goes.
const CACHE_BYTES: usize = 1 << 20;

/// States of a pattern whose automaton always fits in the cache, so that a byte is one step.
const FEW_STATES: u64 = 12;

/// Fuel for compiling a pattern when an expression is evaluated.
pub(crate) const COMPILE_FUEL: u64 = 5_000;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    states: u64,
}

impl Pattern {
    /// Compiles; the error is one line.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        if source.len() > SOURCE_BYTES {
            return Err(format!("it is longer than {SOURCE_BYTES} bytes"));
        }
        let translated = translate(source)?;
        let regex = RegexBuilder::new(&translated)
            .size_limit(COMPILED_BYTES)
            .dfa_size_limit(CACHE_BYTES)
            .build()
            .map_err(|error| one_line(&error))?;
        let config = thompson::Config::new().nfa_size_limit(Some(COMPILED_BYTES));
        let automaton = thompson::Compiler::new().configure(config).build(&translated);
        let states = automaton.map_err(|_| "it is too large".to_owned())?.states().len() as u64;
        Ok(Self { regex, states })
    }

    /// Fuel for what compiling made.
    pub(crate) fn size_fuel(&self) -> u64 {
        30 * self.states
    }

    /// Fuel for searching so many bytes. Where the automaton outgrows its cache, a search follows every state at every
    /// byte.
    pub(crate) fn search_fuel(&self, bytes: usize) -> u64 {
        5 + (bytes as u64) * (1 + self.states.saturating_sub(FEW_STATES)) / 8
    }

    /// Whether the pattern occurs anywhere in `text`, as in Go.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The first match from an offset on.
    pub(crate) fn find_at(&self, text: &str, from: usize) -> Option<Range<usize>> {
        self.regex.find_at(text, from).map(|found| found.range())
    }
}

/// The reason, without the drawing that points into the (rewritten) pattern.
fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn translate(source: &str) -> Result<String, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("b", &["abc"], &["xyz"]),
            ("^[a-z]+$", &["abc"], &["ab\n", "aBc", ""]),
            (r"^\d$", &["7"], &["\u{663}", "a"]),
            (r"^[\d-]+$", &["7-8"], &["a"]),
            (r"^\w+$", &["a_9"], &["é"]),
            (r"^[^\w]$", &["é", "-"], &["a"]),
            (r"^[\W]$", &["é"], &["a"]),
            (r"^\s$", &[" ", "\n"], &["\u{a0}", "\x0b"]),
            (r"\bfoo\b", &["a foo b", "éfoo"], &["xfoo"]),
            ("^.$", &["é", "a"], &["ab", "\n"]),
            ("^{a}$", &["{a}"], &["a"]),
            ("^a{2}$", &["aa"], &["a{2}"]),
            ("^a{,2}$", &["a{,2}"], &["a", "aa"]),
            ("^[[a]+$", &["[a"], &["b"]),
            ("^[a&&b]+$", &["a&b"], &["c"]),
            ("^[]a]+$", &["]a"], &["b"]),
            ("^[[:alpha:]]+$", &["ab"], &["é", "1"]),
            (r"^\<a\>$", &["<a>"], &["a"]),
            (r"^\_\-\/$", &["_-/"], &["a"]),
            ("(?i)^abc$", &["aBC"], &["ab"]),
            (r"^\x41\x{42}\103$", &["ABC"], &["abc"]),
            ("^(?P<n>a)(?:b)$", &["ab"], &["a"]),
            (r"^\pL+$", &["é"], &["1"]),
            (r"^\p{Greek}\p{^L}$", &["Ω1"], &["a1", "ΩΩ"]),
            ("^[--a]$", &["-", "A", "a"], &["b", "+"]),
            ("^[+--]$", &["+", ",", "-"], &["."]),
        ];
        for (source, matching, other) in cases {
            let pattern = Pattern::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
            for text in *matching {
                assert!(pattern.matches(text), "{source} does not match {text:?}");
            }
            for text in *other {
                assert!(!pattern.matches(text), "{source} matches {text:?}");
            }
        }
    }

    #[test]
    fn what_go_or_the_limits_refuse_is_refused() {
        let long = "a".repeat(SOURCE_BYTES + 1);
        for source in
            ["(", "[a", "a\\", r"(a)\1", "(?=a)", "(?x)a", r"\u0041", r"(\pL{99}){99}", "*", r"\q", &long]
        {
            let error = Pattern::compile(source).expect_err(source);
            assert!(!error.is_empty() && !error.contains('\n'), "{source}: {error:?}");
        }
    }
}
