//! What is wrong, and where: one line each, in the form that editors follow.

use std::fmt;

/// `FILE:LINE: FIELD: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
    /// The path of the field in the index form; empty: the document as a whole.
    pub(super) field: String,
    pub(super) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, field, message } = self;
        write!(formatter, "{file}:{line}: ")?;
        if !field.is_empty() {
            write!(formatter, "{field}: ")?;
        }
        // A message may quote what was written, and that may have lines of its own.
        formatter.write_str(&message.replace('\n', "\\n"))
    }
}

impl Problem {
    /// Something wrong with a file as a whole.
    pub(super) fn of_file(path: &std::path::Path, message: impl Into<String>) -> Self {
        let file = path.to_string_lossy().into_owned();
        Self { file, line: 1, field: String::new(), message: message.into() }
    }
}
