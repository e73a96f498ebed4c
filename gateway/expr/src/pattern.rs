//! Patterns: Go's regular expressions, compiled by the `regex` crate with Go's meaning.
//!
//! What they may cost is known: by its states, what a search of so many bytes takes.

use std::ops::Range;

use regex::Regex;
use regex_automata::nfa::thompson;

use crate::go_regex::{build, translate};

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
        let regex = build(&translated, COMPILED_BYTES, CACHE_BYTES)?;
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
