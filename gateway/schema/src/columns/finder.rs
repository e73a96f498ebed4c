//! Where the value of a column comes from.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use tributary_expr::{Bindings, Environment, EvaluationError, Expression, Fuel, Input};

use crate::field::{Error, Path};
use crate::jsonpath::JsonPath;

/// The variable of expressions.
const OBJECT: &str = "object";
/// Fuel for all cells of a row: what one call of an expression may use. Whoever writes an object waits for its row.
pub(super) const FUEL: u64 = 1_000_000;

/// What finds a value in an object.
#[derive(Debug, Clone)]
pub(super) enum Finder {
    Path(JsonPath),
    Expression(Arc<Expression>),
}

impl Finder {
    pub(super) fn path(text: &str, at: &Path) -> Result<Self, Error> {
        let invalid = |detail: &str| Error::invalid(at, &Value::from(text), detail);
        match text.chars().next() {
            None => Err(Error::required(at, "")),
            Some('.') => JsonPath::parse(text)
                .map(Self::Path)
                .map_err(|error| invalid(&format!("must be a JSONPath, but isn't: {error}"))),
            Some(_) => Err(invalid("must be a simple json path starting with .")),
        }
    }

    pub(super) fn expression(text: &str, at: &Path) -> Result<Self, Error> {
        Expression::compile(text, &environment())
            .map(|expression| Self::Expression(Arc::new(expression)))
            .map_err(|error| Error::invalid(at, &Value::from(text), error))
    }

    /// The value, if there is one. Of a path that finds several the first counts; one that fails finds none.
    pub(super) fn find<'a>(
        &'a self,
        object: &'a Value,
        fuel: &mut Fuel,
    ) -> Result<Option<Cow<'a, Value>>, EvaluationError> {
        match self {
            Self::Path(path) => {
                Ok(path.find(object).unwrap_or_default().first().map(|value| Cow::Borrowed(*value)))
            }
            Self::Expression(expression) => {
                let environment = environment();
                let mut bindings = Bindings::new(&environment);
                bindings.set(&environment, OBJECT, Input::Json(object));
                Ok(expression.evaluate(&bindings, fuel)?.map(Cow::Owned))
            }
        }
    }
}

fn environment() -> Environment {
    Environment::new([OBJECT])
}
