//! Compiling templates.

use serde_json::Value;

use super::scan::{Scanned, scan};
use super::{Part, Piece, TemplateError};
use crate::environment::Environment;
use crate::error::{CompileError, position};
use crate::expression::Expression;
use crate::limits;

struct Compiler<'a> {
    environment: &'a Environment,
    errors: Vec<TemplateError>,
}

pub(super) fn template(
    template: &Value,
    environment: &Environment,
    path: &str,
) -> Result<Part, Vec<TemplateError>> {
    let mut compiler = Compiler { environment, errors: Vec::new() };
    let part = compiler.part(template, path.to_owned(), 1);
    match compiler.errors.is_empty() {
        true => Ok(part),
        false => Err(compiler.errors),
    }
}

impl Compiler<'_> {
    /// A part; what is wrong with it is noted, and something harmless returned.
    fn part(&mut self, template: &Value, path: String, depth: usize) -> Part {
        if depth > limits::TEMPLATE_DEPTH {
            let message =
                format!("template is nested too deeply (more than {} levels)", limits::TEMPLATE_DEPTH);
            self.refuse(path, CompileError::new(1, 1, message));
            return Part::Fixed(Value::Null);
        }
        match template {
            Value::String(text) => self.string(text, path),
            Value::Array(items) => {
                let parts = items.iter().enumerate();
                let parts = parts
                    .map(|(index, item)| self.part(item, format!("{path}[{index}]"), depth + 1))
                    .collect();
                fixed_list(parts)
            }
            Value::Object(fields) => {
                let parts = fields.iter();
                let parts = parts
                    .map(|(name, field)| (name.clone(), self.part(field, child(&path, name), depth + 1)))
                    .collect();
                fixed_object(parts)
            }
            other => Part::Fixed(other.clone()),
        }
    }

    fn string(&mut self, text: &str, path: String) -> Part {
        let scanned = match scan(text) {
            Ok(scanned) => scanned,
            Err(at) => {
                let (line, column) = place(text, at);
                self.refuse(path, CompileError::new(line, column, "'${' is not closed by '}'".to_owned()));
                return Part::Fixed(Value::Null);
            }
        };
        let mut pieces = Vec::with_capacity(scanned.len());
        for part in scanned {
            pieces.push(match part {
                Scanned::Text(literal) => Piece::Text(literal),
                Scanned::Expression(range) => match self.expression(text, range) {
                    Ok(expression) => Piece::Expression(expression),
                    Err(error) => {
                        self.refuse(path.clone(), error);
                        continue;
                    }
                },
            });
        }
        match pieces.pop() {
            None => Part::Fixed(Value::from("")),
            Some(Piece::Text(literal)) if pieces.is_empty() => Part::Fixed(Value::String(literal)),
            Some(Piece::Expression(expression)) if pieces.is_empty() => {
                Part::Expression(Box::new(expression))
            }
            Some(last) => {
                pieces.push(last);
                Part::Text(pieces)
            }
        }
    }

    /// An expression; its error is placed within the string.
    fn expression(&self, text: &str, range: std::ops::Range<usize>) -> Result<Expression, CompileError> {
        let (line, column) = place(text, range.start);
        Expression::compile(&text[range], self.environment).map_err(|error| CompileError {
            column: if error.line == 1 { column + error.column - 1 } else { error.column },
            line: line + error.line - 1,
            ..error
        })
    }

    fn refuse(&mut self, path: String, error: CompileError) {
        if self.errors.len() < limits::TEMPLATE_ERRORS {
            self.errors.push(TemplateError { path, error });
        }
    }
}

/// Line and column of an offset in bytes.
fn place(text: &str, at: usize) -> (usize, usize) {
    position(text, u32::try_from(at).unwrap_or(u32::MAX))
}

/// The path of a field: `.name`, or `[name]` for a key that is no plain name.
pub(super) fn child(path: &str, name: &str) -> String {
    let plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    match (plain, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{name}]"),
    }
}

fn fixed_list(parts: Vec<Part>) -> Part {
    if !parts.iter().all(|part| matches!(part, Part::Fixed(_))) {
        return Part::List(parts);
    }
    Part::Fixed(Value::Array(parts.into_iter().filter_map(Part::into_fixed).collect()))
}

fn fixed_object(fields: Vec<(String, Part)>) -> Part {
    if !fields.iter().all(|(_, part)| matches!(part, Part::Fixed(_))) {
        return Part::Object(fields);
    }
    let fields = fields.into_iter().filter_map(|(name, part)| part.into_fixed().map(|value| (name, value)));
    Part::Fixed(Value::Object(fields.collect()))
}

impl Part {
    fn into_fixed(self) -> Option<Value> {
        match self {
            Self::Fixed(value) => Some(value),
            _ => None,
        }
    }
}
