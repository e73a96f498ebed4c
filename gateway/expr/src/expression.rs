//! One expression, compiled once and evaluated often.

use serde_json::Value;

use crate::bindings::Bindings;
use crate::check;
use crate::convert;
use crate::environment::Environment;
use crate::error::{CompileError, EvaluationError, Failure};
use crate::evaluate::Evaluation;
use crate::ir::Node;
use crate::meter::{Fuel, Meter};
use crate::reads::Reads;
use crate::syntax;
use crate::value::Val;

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    source: Box<str>,
    root: Node,
    slots: usize,
    variables: usize,
    reads: Reads,
}

// === impl Expression ===

impl Expression {
    /// Compiles an expression; the error is the first.
    pub fn compile(source: &str, environment: &Environment) -> Result<Self, CompileError> {
        let tree = syntax::parse(source)?;
        let checked = check::check(source, &tree, environment)?;
        Ok(Self {
            source: source.into(),
            reads: Reads::of(&checked.root, environment),
            root: checked.root,
            slots: checked.slots,
            variables: environment.len(),
        })
    }

    /// The source.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it reads of each variable.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Evaluates to JSON; none is an optional without a value. Bindings are of the environment that it was compiled in.
    pub fn evaluate(
        &self,
        bindings: &Bindings<'_>,
        fuel: &mut Fuel,
    ) -> Result<Option<Value>, EvaluationError> {
        self.run(bindings, fuel, convert::to_json)
    }

    /// Evaluates a condition.
    pub fn evaluate_bool(&self, bindings: &Bindings<'_>, fuel: &mut Fuel) -> Result<bool, EvaluationError> {
        self.run(bindings, fuel, |_, value| value.as_bool())
    }

    /// Evaluates to the text that stands within a string; none is an optional without a value.
    pub fn evaluate_text(
        &self,
        bindings: &Bindings<'_>,
        fuel: &mut Fuel,
    ) -> Result<Option<String>, EvaluationError> {
        self.run(bindings, fuel, convert::interpolated)
    }

    fn run<T>(
        &self,
        bindings: &Bindings<'_>,
        fuel: &mut Fuel,
        result: impl FnOnce(&mut Meter, &Val<'_>) -> Result<T, Failure>,
    ) -> Result<T, EvaluationError> {
        debug_assert_eq!(bindings.values().len(), self.variables, "bindings of another environment");
        let outcome = fuel.spend(|meter| {
            let mut evaluation =
                Evaluation { variables: bindings.values(), locals: vec![Val::Null; self.slots], meter };
            let value = evaluation.node(&self.root)?;
            result(evaluation.meter, &value)
        });
        outcome.map_err(|failure: Failure| failure.located(&self.source))
    }
}
