//! Rendering templates.

use serde_json::{Map, Value};

use super::compile::child;
use super::{Part, Piece, Template, TemplateFailure};
use crate::bindings::Bindings;
use crate::error::ErrorKind;
use crate::meter::Fuel;

/// What a template made.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The value; none if the template is one expression that failed or gave no value.
    pub value: Option<Value>,
    /// What was left out since it failed. The caller decides which paths it cannot do without.
    pub failures: Vec<TemplateFailure>,
}

/// Fuel for a value of the template itself, that is copied: what it says is short, but it says it for every object.
const COPY_FUEL: u64 = 1;

struct Renderer<'r, 'v> {
    bindings: &'r Bindings<'v>,
    fuel: &'r mut Fuel,
    failures: Vec<TemplateFailure>,
}

/// A part, if it has a value; a failure is on its way to the key that is left out.
type Made = Result<Option<Value>, ()>;

impl Template {
    /// Renders with these variables, on what fuel is left for the object.
    pub fn render(&self, bindings: &Bindings<'_>, fuel: &mut Fuel) -> Rendered {
        let mut renderer = Renderer { bindings, fuel, failures: Vec::new() };
        let value = renderer.part(&self.root, "").unwrap_or_default();
        Rendered { value, failures: renderer.failures }
    }
}

impl Renderer<'_, '_> {
    fn part(&mut self, part: &Part, path: &str) -> Made {
        if self.fuel.take(COPY_FUEL).is_err() {
            return self.failed(path, ErrorKind::LimitExceeded);
        }
        match part {
            Part::Fixed(value) => Ok(Some(value.clone())),
            Part::Expression(expression) => match expression.evaluate(self.bindings, self.fuel) {
                Ok(value) => Ok(value),
                Err(error) => self.failed(path, error.kind),
            },
            Part::Text(pieces) => self.text(pieces, path),
            Part::Object(fields) => {
                let mut object = Map::new();
                for (name, field) in fields {
                    if let Ok(Some(value)) = self.part(field, &child(path, name)) {
                        object.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
            Part::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    list.extend(self.part(item, &format!("{path}[{index}]"))?);
                }
                Ok(Some(Value::Array(list)))
            }
        }
    }

    /// Results within a string; without one of them there is none.
    fn text(&mut self, pieces: &[Piece], path: &str) -> Made {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Expression(expression) => match expression.evaluate_text(self.bindings, self.fuel) {
                    Ok(Some(result)) => text.push_str(&result),
                    Ok(None) => return Ok(None),
                    Err(error) => return self.failed(path, error.kind),
                },
            }
        }
        Ok(Some(Value::String(text)))
    }

    fn failed(&mut self, path: &str, kind: ErrorKind) -> Made {
        self.failures.push(TemplateFailure { path: path.to_owned(), kind });
        Err(())
    }
}
