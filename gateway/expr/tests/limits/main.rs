//! Hostile expressions: they are refused, or end in time, and never end the process.

mod chains;
mod mutations;
mod timing;

use serde_json::Value;
use tributary_expr::{Bindings, Environment, EvaluationError, Expression, Fuel, Input};

fn environment() -> Environment {
    Environment::new(["object"])
}

/// Compiles and evaluates over an object.
fn run(source: &str, object: &Value) -> Result<Result<Option<Value>, EvaluationError>, String> {
    let environment = environment();
    let expression = Expression::compile(source, &environment).map_err(|error| error.to_string())?;
    let mut bindings = Bindings::new(&environment);
    bindings.set(&environment, "object", Input::Json(object));
    Ok(expression.evaluate(&bindings, &mut Fuel::default()))
}
