//! What is wrong with an expression, and what went wrong when it was evaluated.

use std::fmt;

/// Why an expression is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct CompileError {
    /// Line within the expression (or the string that holds it), from 1.
    pub line: usize,
    /// Column within the line, characters from 1.
    pub column: usize,
    /// What is wrong, one line.
    pub message: String,
}

/// Why an evaluation failed: what may be shown to others, since it has no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// A field or key that is not there.
    NoSuchKey,
    /// An index past the end of a list or string.
    IndexOutOfRange,
    /// An operator or function on values of types that it does not take.
    NoSuchOverload,
    /// A number, time or duration that is out of range.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// A value that a function cannot take, as a text that is no number.
    InvalidArgument,
    /// The value of an optional that has none.
    NoValue,
    /// A result that JSON (or the text of a string) cannot hold.
    NotRepresentable,
    /// The evaluation took more than its fuel.
    LimitExceeded,
}

/// A failed evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at {line}:{column}")]
pub struct EvaluationError {
    /// Why.
    pub kind: ErrorKind,
    /// Line within the expression, from 1.
    pub line: usize,
    /// Column within the line, characters from 1.
    pub column: usize,
}

/// What evaluation returns inside of this crate: the kind, and the node that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    /// Offset of the node, in bytes; unknown until the failure leaves a function.
    pub(crate) at: Option<u32>,
}

// === impl CompileError ===

impl CompileError {
    pub(crate) fn new(line: usize, column: usize, message: String) -> Self {
        Self { line, column, message }
    }

    /// An error at an offset (in bytes) of the source.
    pub(crate) fn at(source: &str, offset: u32, message: String) -> Self {
        let (line, column) = position(source, offset);
        Self { line, column, message }
    }
}

/// Line and column of an offset in bytes.
pub(crate) fn position(source: &str, offset: u32) -> (usize, usize) {
    let before = source.bytes().take(offset as usize);
    before.fold((1, 1), |(line, column), byte| match byte {
        b'\n' => (line + 1, 1),
        // Bytes that continue a character are no column.
        0x80..=0xbf => (line, column),
        _ => (line, column + 1),
    })
}

// === impl ErrorKind ===

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoSuchKey => "no such key",
            Self::IndexOutOfRange => "index out of range",
            Self::NoSuchOverload => "no such overload",
            Self::Overflow => "number or time out of range",
            Self::DivisionByZero => "division by zero",
            Self::InvalidArgument => "invalid argument",
            Self::NoValue => "optional without a value",
            Self::NotRepresentable => "result cannot be represented",
            Self::LimitExceeded => "cost limit exceeded",
        })
    }
}

// === impl Failure ===

impl From<ErrorKind> for Failure {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, at: None }
    }
}

impl Failure {
    /// The failure, with the innermost place that is known.
    pub(crate) fn or_at(self, at: u32) -> Self {
        Self { at: self.at.or(Some(at)), ..self }
    }

    pub(crate) fn located(self, source: &str) -> EvaluationError {
        let (line, column) = position(source, self.at.unwrap_or_default());
        EvaluationError { kind: self.kind, line, column }
    }
}
