//! Templates: JSON whose strings hold `${expressions}`.
//!
//! A string that is exactly one expression takes its value and type; otherwise the results are texts within it. `$${`
//! is a literal `${`. Keys are not templated. A key whose expression gives an optional without a value is left out, and
//! so is one whose expression fails: a list that an expression fails in is left out with its key.

mod compile;
mod render;
mod scan;

use serde_json::Value;

use crate::environment::Environment;
use crate::error::{CompileError, ErrorKind};
use crate::expression::Expression;
use crate::reads::Reads;

pub use self::render::Rendered;

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    root: Part,
}

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {error}")]
pub struct TemplateError {
    /// The field path, in the index form.
    pub path: String,
    /// The error; line and column are within the string.
    pub error: CompileError,
}

/// A key that was left out since its expression failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFailure {
    /// The path of the string that failed, within the template: `spec.containers[0].name`. Empty for a template that is
    /// one string.
    pub path: String,
    /// Why.
    pub kind: ErrorKind,
}

#[derive(Debug)]
enum Part {
    /// JSON without expressions.
    Fixed(Value),
    Expression(Box<Expression>),
    Text(Vec<Piece>),
    Object(Vec<(String, Part)>),
    List(Vec<Part>),
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Expression(Expression),
}

// === impl Template ===

impl Template {
    /// Compiles a template; `path` is where it stands, as `spec.resources[0].source.view.template`. All errors are
    /// told, up to a limit.
    pub fn compile(
        template: &Value,
        environment: &Environment,
        path: &str,
    ) -> Result<Self, Vec<TemplateError>> {
        compile::template(template, environment, path).map(|root| Self { root })
    }

    /// What it reads of each variable.
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        self.root.add_reads(&mut reads);
        reads
    }

    /// What the value at a path of keys reads; nothing, where there is none.
    pub fn reads_at(&self, path: &[&str]) -> Reads {
        let mut reads = Reads::default();
        if let Some(part) = path.iter().try_fold(&self.root, |part, key| part.below(key)) {
            part.add_reads(&mut reads);
        }
        reads
    }
}

impl Part {
    /// The value of a key; of what is computed as a whole, the whole.
    fn below(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, part)| part),
            Self::Fixed(_) => None,
            whole => Some(whole),
        }
    }

    fn add_reads(&self, reads: &mut Reads) {
        match self {
            Self::Fixed(_) => {}
            Self::Expression(expression) => reads.merge(expression.reads()),
            Self::Text(pieces) => pieces.iter().for_each(|piece| match piece {
                Piece::Text(_) => {}
                Piece::Expression(expression) => reads.merge(expression.reads()),
            }),
            Self::Object(fields) => fields.iter().for_each(|(_, part)| part.add_reads(reads)),
            Self::List(items) => items.iter().for_each(|part| part.add_reads(reads)),
        }
    }
}
