//! Semantic versions, ordered by their specification.

use std::cmp::Ordering;
use std::fmt;

/// A version; what is built of it (`+…`) does not order.
#[derive(Debug, Clone)]
pub(crate) struct Semver {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
    before: Vec<Identifier>,
    build: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    // Numbers order before words.
    Number(u64),
    Word(String),
}

// === impl Semver ===

impl Semver {
    /// Reads a version as the specification writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (text, None),
        };
        let (numbers, before) = match rest.split_once('-') {
            Some((numbers, before)) => (numbers, Some(before)),
            None => (rest, None),
        };
        if build.is_some_and(|build| !build.split('.').all(is_identifier)) {
            return None;
        }
        let mut parts = numbers.splitn(3, '.').map(number);
        let (major, minor, patch) = (parts.next()??, parts.next()??, parts.next()??);
        let before = before.map_or(Some(Vec::new()), |before| before.split('.').map(identifier).collect())?;
        Some(Self { major, minor, patch, before, build: build.map(str::to_owned) })
    }

    /// Reads a version that may begin with v, lack numbers or have zeros before them.
    pub(crate) fn parse_lenient(text: &str) -> Option<Self> {
        let mut parts: Vec<&str> = text.strip_prefix('v').unwrap_or(text).splitn(3, '.').collect();
        if parts.len() < 3 && parts.last().is_some_and(|last| last.contains(['+', '-'])) {
            return None;
        }
        parts.resize(3, "0");
        let parts: Vec<&str> = parts.into_iter().map(without_zeros).collect();
        Self::parse(&parts.join("."))
    }
}

impl fmt::Display for Semver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        for (index, identifier) in self.before.iter().enumerate() {
            formatter.write_str(if index == 0 { "-" } else { "." })?;
            match identifier {
                Identifier::Number(number) => write!(formatter, "{number}")?,
                Identifier::Word(word) => formatter.write_str(word)?,
            }
        }
        self.build.iter().try_for_each(|build| write!(formatter, "+{build}"))
    }
}

impl PartialEq for Semver {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Semver {}

impl PartialOrd for Semver {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Semver {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.before.is_empty(), other.before.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.before.cmp(&other.before),
            }
        })
    }
}

/// A part without zeros before its number, of which one stays if there is no other digit.
fn without_zeros(part: &str) -> &str {
    let trimmed = part.trim_start_matches('0');
    match trimmed.starts_with(|first: char| first.is_ascii_digit()) || trimmed.len() == part.len() {
        true => trimmed,
        false => &part[part.len() - trimmed.len() - 1..],
    }
}

fn number(digits: &str) -> Option<u64> {
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && !(digits.len() > 1 && digits.starts_with('0'));
    digits.parse().ok().filter(|_| plain)
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn identifier(text: &str) -> Option<Identifier> {
    if !is_identifier(text) {
        return None;
    }
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => number(text).map(Identifier::Number),
        false => Some(Identifier::Word(text.to_owned())),
    }
}
