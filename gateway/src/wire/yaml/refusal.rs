//! Why a text is no YAML, or has no JSON form, in the words of go-yaml and sigs.k8s.io/yaml.
//!
//! The rules of the parser are those of YAML 1.2, go-yaml's are older: of 20,000 texts with mistakes in them, most have
//! the same error at the same line, some another one, and a few are none to one of both.

use std::fmt;

use granit_parser::{ErrorKind as Kind, ScanError};

use super::breaks::{ends_line, line_of};

/// Why a text is no YAML that has a JSON form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undecodable(String);

/// Where in the work of the reference an error is found: those of an earlier step come first, wherever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// When the nodes of a document are made values.
    Decoding,
    /// When those are made JSON.
    Conversion,
    /// When that is written.
    Encoding,
}

/// Which part of libyaml finds a mistake: they count lines in two ways.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It names the line that it has come to.
    Scanner,
    /// It counts from 0 and names the token that is wrong.
    Parser,
}

impl fmt::Display for Undecodable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Undecodable {
    /// Of go-yaml.
    pub(super) fn yaml(why: impl fmt::Display) -> Self {
        Self(format!("yaml: {why}"))
    }

    /// Of what makes JSON of it.
    pub(super) fn json(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    /// Bytes that are no UTF-8, of which `valid` are.
    pub(super) fn encoding(bytes: &[u8], valid: usize) -> Self {
        let wrong = &bytes[valid..];
        let width = match wrong.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            _ => return Self::yaml("invalid leading UTF-8 octet"),
        };
        let Some(octets) = wrong.get(..width) else { return Self::yaml("incomplete UTF-8 octet sequence") };
        if octets[1..].iter().any(|octet| octet & 0xc0 != 0x80) {
            return Self::yaml("invalid trailing UTF-8 octet");
        }
        match octets {
            [0xc0 | 0xc1, ..] | [0xe0, ..=0x9f, ..] | [0xf0, ..=0x8f, ..] => {
                Self::yaml("invalid length of a UTF-8 sequence")
            }
            _ => Self::yaml("invalid Unicode character"),
        }
    }

    /// A mistake in the syntax of `text`.
    pub(super) fn syntax(error: &ScanError, text: &str) -> Self {
        let mark = error.marker();
        let fault = Fault { text, at: mark.byte_offset().unwrap_or(text.len()).min(text.len()) };
        let (part, problem) = fault.problem(error.kind());
        // From 0.
        let line = match error.kind() {
            Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => fault.line_of_next(),
            Kind::UnclosedFlowCollection { .. } => fault.last_line(),
            Kind::UnclosedQuotedScalar => text.matches(ends_line).count(),
            Kind::TabInPlainScalar => line_of(mark, text),
            _ if part == Part::Parser && fault.rest().is_empty() => fault.last_line(),
            _ => line_of(mark, text).saturating_sub(1),
        };
        Self::at_line(part, line, problem)
    }

    /// The same where a document may be over: what no token begins with is wrong, but what stands there is not.
    pub(super) fn at_end(error: &ScanError, text: &str) -> Option<Self> {
        let at = error.marker().byte_offset().unwrap_or_default().min(text.len());
        let (part, _) = Fault { text, at }.problem(error.kind());
        (part == Part::Scanner).then(|| Self::syntax(error, text))
    }

    /// A key of a mapping that is not there, at the line with this number (from 1).
    pub(super) fn no_key(line: usize, in_flow: bool) -> Self {
        let problem = if in_flow { NO_NODE } else { NO_KEY };
        Self::at_line(Part::Parser, line.saturating_sub(1), problem)
    }

    fn at_line(part: Part, line: usize, problem: &str) -> Self {
        match (line, part) {
            (0, _) => Self::yaml(problem),
            (line, Part::Scanner) => Self::yaml(format_args!("line {}: {problem}", line + 1)),
            (line, Part::Parser) => Self::yaml(format_args!("line {line}: {problem}")),
        }
    }
}

const NO_NODE: &str = "did not find expected node content";
const NO_KEY: &str = "did not find expected key";
const NO_BRACE: &str = "did not find expected ',' or '}'";
const NO_BRACKET: &str = "did not find expected ',' or ']'";
const NO_TOKEN: &str = "found character that cannot start any token";

/// A mistake in a text.
struct Fault<'a> {
    text: &'a str,
    at: usize,
}

impl Fault<'_> {
    /// What libyaml says of it.
    fn problem(&self, kind: &Kind) -> (Part, &'static str) {
        match kind {
            Kind::MappingValueNotAllowed => (Part::Scanner, "mapping values are not allowed in this context"),
            Kind::MappingKeyNotAllowed => (Part::Scanner, "mapping keys are not allowed in this context"),
            Kind::BlockSequenceEntryNotAllowed => {
                (Part::Scanner, "block sequence entries are not allowed in this context")
            }
            Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
                (Part::Scanner, "could not find expected ':'")
            }
            Kind::ExpectedBlockMappingKey | Kind::CommentInterceptedScalar => (Part::Parser, NO_KEY),
            Kind::ExpectedBlockSequenceEntry => (Part::Parser, "did not find expected '-' indicator"),
            Kind::ExpectedNodeContent
            | Kind::UnexpectedEofBlockSequence
            | Kind::BlockEntryInFlowCollection => (Part::Parser, NO_NODE),
            Kind::MisplacedFlowCollectionEnd | Kind::UnexpectedEndOfPlainScalar => {
                (Part::Parser, self.instead_of_node())
            }
            Kind::UnexpectedCharacter { character: ',' } => (Part::Parser, NO_NODE),
            Kind::UnclosedFlowCollection { open } => (Part::Parser, self.unclosed(*open)),
            Kind::ExpectedFlowMappingSeparator
            | Kind::FlowMappingValueAdjacentCollection
            | Kind::MismatchedFlowCollectionEnd { open: '{', .. } => (Part::Parser, NO_BRACE),
            Kind::ExpectedFlowSequenceSeparator | Kind::MismatchedFlowCollectionEnd { .. } => {
                (Part::Parser, NO_BRACKET)
            }
            Kind::ExpectedDocumentStart => (Part::Parser, "did not find expected <document start>"),
            Kind::UndeclaredTagHandle => (Part::Parser, "found undefined tag handle"),
            Kind::DuplicateVersionDirective => (Part::Parser, "found duplicate %YAML directive"),
            Kind::UnsupportedYamlMajorVersion => (Part::Parser, "found incompatible YAML document"),
            Kind::DuplicateTagDirective => (Part::Parser, "found duplicate %TAG directive"),
            Kind::UnclosedQuotedScalar => (Part::Scanner, "found unexpected end of stream"),
            Kind::DocumentIndicatorInQuotedScalar => (Part::Scanner, "found unexpected document indicator"),
            Kind::UnknownQuotedScalarEscape => (Part::Scanner, "found unknown escape character"),
            Kind::InvalidQuotedScalarHexEscape => (Part::Scanner, "did not find expected hexdecimal number"),
            Kind::InvalidUnicodeEscape | Kind::MissingLowSurrogate | Kind::UnpairedLowSurrogate => {
                (Part::Scanner, "found invalid Unicode character escape code")
            }
            Kind::InvalidTrailingDoubleQuotedScalar
            | Kind::InvalidTrailingSingleQuotedScalar
            | Kind::InvalidColonPlacement => (Part::Parser, self.innermost().map_or(NO_KEY, separator)),
            Kind::TabInPlainScalar => (Part::Scanner, "found a tab character that violates indentation"),
            Kind::MissingAnchorOrAliasName => {
                (Part::Scanner, "did not find expected alphabetic or numeric character")
            }
            Kind::InvalidBlockScalarHeader | Kind::InvalidDirectiveTerminator => {
                (Part::Scanner, "did not find expected comment or line break")
            }
            Kind::ZeroBlockScalarIndent => (Part::Scanner, "found an indentation indicator equal to 0"),
            Kind::TabAtBlockScalarStart => {
                (Part::Scanner, "found a tab character where an indentation space is expected")
            }
            Kind::MissingYamlVersion => (Part::Scanner, "did not find expected version number"),
            Kind::MissingYamlVersionSeparator => {
                (Part::Scanner, "did not find expected digit or '.' character")
            }
            Kind::YamlVersionTooLong => (Part::Scanner, "found extremely long version number"),
            Kind::MissingDirectiveName => (Part::Scanner, "could not find expected directive name"),
            Kind::InvalidDirectiveName => (Part::Scanner, "found unexpected non-alphabetical character"),
            Kind::InvalidTagTerminator | Kind::InvalidTagDirectiveTerminator => {
                (Part::Scanner, "did not find expected whitespace or line break")
            }
            Kind::MissingTagUri => (Part::Scanner, "did not find expected tag URI"),
            Kind::UnclosedVerbatimTag => (Part::Scanner, "did not find the expected '>'"),
            Kind::ExpectedTagBang | Kind::ExpectedTagDirectiveBang => {
                (Part::Scanner, "did not find expected '!'")
            }
            Kind::InvalidTagEscape => (Part::Scanner, "did not find URI escaped octet"),
            Kind::InvalidTagUtf8LeadingByte => (Part::Scanner, "found an incorrect leading UTF-8 octet"),
            Kind::InvalidTagUtf8TrailingByte => (Part::Scanner, "found an incorrect trailing UTF-8 octet"),
            Kind::RecursionLimitExceeded => (Part::Scanner, "exceeded max depth of 10000"),
            _ => (Part::Scanner, NO_TOKEN),
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Of the end, for which libyaml begins a line.
    fn last_line(&self) -> usize {
        let unfinished = self.text.chars().next_back().is_some_and(|last| !ends_line(last));
        self.text.matches(ends_line).count() + usize::from(unfinished)
    }

    /// Of what comes after this line: there it is noticed that this is no key.
    fn line_of_next(&self) -> usize {
        let mut below = self.rest().split_inclusive(ends_line).enumerate().skip(1);
        let token = below.find(|(_, line)| !line.trim_start().is_empty());
        let before = self.text[..self.at].matches(ends_line).count();
        token.map_or_else(|| self.last_line(), |(lines, _)| before + lines)
    }

    /// Of what ends a bracket that was not begun: after a value it is where a key should be.
    fn instead_of_node(&self) -> &'static str {
        let before = self.text[..self.at].trim_end();
        if before.is_empty() || before.ends_with([':', '-', '?']) { NO_NODE } else { NO_KEY }
    }

    fn unclosed(&self, open: char) -> &'static str {
        let last = self.text.trim_end().bytes().next_back();
        if matches!(last, Some(b'[' | b'{' | b',' | b':')) { NO_NODE } else { separator(open) }
    }

    /// The bracket around the place, if there is one; quotes are taken as they are mostly meant.
    fn innermost(&self) -> Option<char> {
        let mut open = Vec::new();
        let mut quote = None;
        let mut characters = self.text[..self.at].chars();
        while let Some(character) = characters.next() {
            match (quote, character) {
                (Some('"'), '\\') => drop(characters.next()),
                (Some(begun), end) if begun == end => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(character),
                (None, '[' | '{') => open.push(character),
                (None, ']' | '}') => drop(open.pop()),
                (None, _) => {}
            }
        }
        open.pop()
    }
}

/// What follows an item within a bracket.
fn separator(open: char) -> &'static str {
    if open == '{' { NO_BRACE } else { NO_BRACKET }
}
