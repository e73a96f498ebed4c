//! Patterns: Go's regular expressions, compiled by the `regex` crate with Go's meaning.

use regex::Regex;
use tributary_expr::go_regex::{build, translate};

use crate::limits;

/// A compiled `pattern`.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// As the schema writes it.
    pub(crate) source: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles; the error is one line.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        if source.len() > limits::PATTERN_LENGTH {
            return Err(format!("it is longer than {} bytes", limits::PATTERN_LENGTH));
        }
        let regex = build(&translate(source)?, limits::PATTERN_MEMORY, limits::PATTERN_CACHE)?;
        Ok(Self { source: source.to_owned(), regex })
    }

    /// Whether the pattern occurs anywhere in `text`, as in Go.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
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
        let long = "a".repeat(limits::PATTERN_LENGTH + 1);
        for source in
            ["(", "[a", "a\\", r"(a)\1", "(?=a)", "(?x)a", r"\u0041", r"(\pL{99}){99}", "*", r"\q", &long]
        {
            let error = Pattern::compile(source).expect_err(source);
            assert!(!error.is_empty() && !error.contains('\n'), "{source}: {error:?}");
        }
    }
}
