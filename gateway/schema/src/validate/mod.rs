//! Validation of values, with the texts, order and quirks of `k8s.io/kube-openapi/pkg/validation/validate` as
//! apiextensions-apiserver turns them into field errors.
//!
//! Each check gives the number of kube-openapi's checks that were passed on the way, by which junctors choose the errors
//! that they tell.

mod container;
mod junctor;
mod scalar;
mod step;

use std::collections::HashSet;

use serde_json::{Map, Value};
use tributary_expr::gotext;

use crate::field::{Error, Path};
use crate::limits;
use crate::number::Given;
use crate::structural::{Expected, Node, Type};
use crate::unchanged::{has_unchanged_fields, is_unchanged};
use step::Step;

/// One run over a value.
pub(crate) struct Validation<'a> {
    /// Where the value is: the root, the status, or the `default` of a schema.
    at: &'a Path,
    errors: Vec<Error>,
}

impl<'a> Validation<'a> {
    /// A run whose errors are below `at`.
    pub(crate) fn new(at: &'a Path) -> Self {
        Self { at, errors: Vec::new() }
    }

    /// What was found, each once: the schemas of junctors may say the same as those around them.
    pub(crate) fn into_errors(mut self) -> Vec<Error> {
        let mut told = HashSet::new();
        self.errors.retain(|error| told.insert(error.to_string()));
        self.errors
    }

    /// Validates a whole resource; that it is an object is known.
    pub(crate) fn root(
        &mut self,
        node: &Node,
        object: &Map<String, Value>,
        before: Option<&Map<String, Value>>,
    ) {
        self.object(node, object, before, &Step::Start);
    }

    /// Validates a value that stands for itself: a status or a default.
    pub(crate) fn start(&mut self, node: &Node, value: &Value, before: Option<&Value>) {
        self.value(node, value, before, &Step::Start);
    }

    /// Validates a value; what is wrong with one that is as it was `before` does not count.
    fn value(&mut self, node: &Node, value: &Value, before: Option<&Value>, step: &Step<'_>) -> usize {
        if let Value::Object(fields) = value {
            return self.object(node, fields, before.and_then(Value::as_object), step);
        }
        let known = self.errors.len();
        let matches = match value {
            Value::Null => self.null(node, step),
            _ => self.scalar_or_list(node, value, before, step),
        };
        if self.errors.len() > known && before.is_some_and(|before| is_unchanged(node, value, before)) {
            self.errors.truncate(known);
        }
        matches
    }

    fn object(
        &mut self,
        node: &Node,
        fields: &Map<String, Value>,
        before: Option<&Map<String, Value>>,
        step: &Step<'_>,
    ) -> usize {
        let known = self.errors.len();
        let mut matches = 4 + self.type_of(node, (Type::Object, ""), false, step);
        if let Some(junctors) = &node.junctors {
            let judge = |this: &mut Self, node: &Node| this.object(node, fields, None, step);
            matches += self.junctors(junctors, step, &judge);
        }
        if !node.allowed.is_empty() && !node.allowed.iter().any(|allowed| allowed.as_object() == Some(fields))
        {
            self.refuse_unlisted(node, &Value::Object(fields.clone()), step);
        }
        matches += self.fields(node, fields, before, step);
        if self.errors.len() > known
            && before.is_some_and(|before| has_unchanged_fields(node, fields, before))
        {
            self.errors.truncate(known);
        }
        matches
    }

    fn scalar_or_list(
        &mut self,
        node: &Node,
        value: &Value,
        before: Option<&Value>,
        step: &Step<'_>,
    ) -> usize {
        let (seen, whole) = seen(value);
        let mut matches = 4 + self.type_of(node, seen, whole, step);
        if let Some(junctors) = &node.junctors {
            let judge = |this: &mut Self, node: &Node| this.value(node, value, None, step);
            matches += self.junctors(junctors, step, &judge);
        }
        matches += match value {
            Value::String(text) => self.string(node, text, step),
            Value::Number(number) => self.number(node, Given::new(number), step),
            Value::Array(items) => self.array(node, items, before, step),
            Value::Null | Value::Bool(_) | Value::Object(_) => 0,
        };
        if !node.allowed.is_empty() && !node.allowed.iter().any(|allowed| equal(allowed, value)) {
            self.refuse_unlisted(node, value, step);
        }
        matches
    }

    /// kube-openapi never finds a null among the enumerated values, even if it is one of them, and asks no junctor.
    fn null(&mut self, node: &Node, step: &Step<'_>) -> usize {
        let allowed = node.expected == Expected::Any || node.nullable;
        if !allowed {
            self.refuse_type(step, node.expected.name(), "null");
        }
        if !node.allowed.is_empty() {
            self.refuse_unlisted(node, &Value::Null, step);
        }
        usize::from(allowed)
    }

    fn refuse_unlisted(&mut self, node: &Node, value: &Value, step: &Step<'_>) {
        let allowed: Vec<String> = node.allowed.iter().map(shown).collect();
        self.push(step, |at, _| Error::not_supported(at, value, &allowed));
    }

    /// Adds an error about the value at `step`, of which `error` gets the path and kube-openapi's name.
    fn push(&mut self, step: &Step<'_>, error: impl FnOnce(&Path, &str) -> Error) {
        if self.errors.len() >= limits::VALIDATION_ERRORS {
            return;
        }
        let name = step.name();
        let error = match name.strip_prefix('.').unwrap_or(&name) {
            "" => error(self.at, &name),
            below => error(&self.at.child(below), &name),
        };
        self.errors.push(error);
    }
}

/// Type and format that kube-openapi sees in a value that is not null, and whether it is a number without fraction.
fn seen(value: &Value) -> (scalar::Seen, bool) {
    match value {
        Value::Null | Value::Bool(_) => ((Type::Boolean, ""), false),
        Value::Number(number) => {
            let given = Given::new(number);
            let seen = match given {
                Given::Integer(_) => (Type::Integer, "int64"),
                Given::Float(_) => (Type::Number, "float64"),
            };
            (seen, given.is_integer())
        }
        Value::String(_) => ((Type::String, ""), false),
        Value::Array(_) => ((Type::Array, ""), false),
        Value::Object(_) => ((Type::Object, ""), false),
    }
}

/// As kube-openapi compares after converting to the enumerated value's type: 1 is 1.0, and 1.5 is cut to 1.
fn equal(allowed: &Value, value: &Value) -> bool {
    let (Value::Number(allowed_number), Value::Number(number)) = (allowed, value) else {
        return allowed == value;
    };
    match (Given::new(allowed_number), Given::new(number)) {
        (Given::Integer(allowed), Given::Integer(given)) => allowed == given,
        (Given::Integer(allowed), Given::Float(given)) => allowed as f64 == given.trunc(),
        (Given::Float(allowed), Given::Integer(given)) => allowed == given as f64,
        (Given::Float(allowed), Given::Float(given)) => allowed == given,
    }
}

/// An enumerated value in the list of supported ones.
fn shown(allowed: &Value) -> String {
    match allowed {
        Value::String(text) => text.clone(),
        other => gotext::json(other),
    }
}

/// Sizes as the limits are written; a size in memory fits.
fn count(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
