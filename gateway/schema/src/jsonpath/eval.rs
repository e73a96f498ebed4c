//! Finding values.

use std::cmp::Ordering;

use serde_json::Value;

use super::{End, Filter, Operand, Operator, Slice, Step};
use crate::limits;

/// Why a path finds nothing that can be shown. Texts are client-go's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// An index or slice on something that is no list.
    #[error("{0} is not a list")]
    NotAList(&'static str),
    /// A filter on something that is no list.
    #[error("{0} is not a list and cannot be filtered")]
    NotFilterable(&'static str),
    /// An index beyond the list.
    #[error("array index out of bounds: index {index}, length {length}")]
    OutOfBounds {
        /// The index, counted from the start.
        index: i64,
        /// Items of the list.
        length: i64,
    },
    /// A slice that ends before it starts.
    #[error("starting index {from} is greater than ending index {to}")]
    Backwards {
        /// First index.
        from: i64,
        /// The index after the last.
        to: i64,
    },
    /// A slice that does not advance.
    #[error("step must be > 0")]
    NoStep,
    /// An operand with several values.
    #[error("can only compare one element at a time")]
    SeveralOperands,
    /// Values of two types.
    #[error("incompatible types for comparison")]
    Incompatible,
    /// Values that have no order or no equality.
    #[error("invalid type for comparison")]
    Incomparable,
    /// More values than the limit.
    #[error("the path finds more than {} values", limits::JSONPATH_RESULTS)]
    TooMany,
}

type Found<'a> = Result<Vec<&'a Value>, EvalError>;

/// Follows `steps` from `values`.
pub(super) fn steps<'a>(steps: &'a [Step], mut values: Vec<&'a Value>) -> Found<'a> {
    for step in steps {
        let mut next = Vec::new();
        for value in values {
            follow(step, value, &mut next)?;
            if next.len() > limits::JSONPATH_RESULTS {
                return Err(EvalError::TooMany);
            }
        }
        values = next;
    }
    Ok(values)
}

fn follow<'a>(step: &'a Step, value: &'a Value, next: &mut Vec<&'a Value>) -> Result<(), EvalError> {
    match step {
        Step::Field(name) => next.extend(value.get(name)),
        Step::Wildcard => children(value, next),
        Step::Recursive => descend(value, next)?,
        Step::Slice(slice) => match value {
            Value::Null => {}
            Value::Array(items) => self::slice(*slice, items, next)?,
            other => return Err(EvalError::NotAList(kind(other))),
        },
        Step::Filter(filter) => {
            let Value::Array(items) = value else { return Err(EvalError::NotFilterable(kind(value))) };
            for item in items {
                if passes(filter, item)? {
                    next.push(item);
                }
            }
        }
    }
    Ok(())
}

fn children<'a>(value: &'a Value, next: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => next.extend(items),
        Value::Object(fields) => next.extend(fields.values()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The value and everything below it, in order, leaving out what contains nothing. Recursion is as deep as the object.
fn descend<'a>(value: &'a Value, next: &mut Vec<&'a Value>) -> Result<(), EvalError> {
    let mut below = Vec::new();
    children(value, &mut below);
    if below.is_empty() {
        return Ok(());
    }
    next.push(value);
    if next.len() > limits::JSONPATH_RESULTS {
        return Err(EvalError::TooMany);
    }
    below.into_iter().try_for_each(|child| descend(child, next))
}

fn slice<'a>(slice: Slice, items: &'a [Value], next: &mut Vec<&'a Value>) -> Result<(), EvalError> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_end = |index: i64| if index < 0 { index + length } else { index };
    let from = from_end(slice.from.unwrap_or(0));
    let to = match slice.to {
        End::Open => length,
        End::At(index) => from_end(index),
        // The index -1 ends where the list does.
        End::Derived(0) => length,
        End::Derived(index) => from_end(index),
    };
    if from == to {
        return Ok(());
    }
    if !(0..length).contains(&from) {
        return Err(EvalError::OutOfBounds { index: from, length });
    }
    if !(0..=length).contains(&to) {
        return Err(EvalError::OutOfBounds { index: to - 1, length });
    }
    if from > to {
        return Err(EvalError::Backwards { from, to });
    }
    let by = slice.by.unwrap_or(1);
    let by = usize::try_from(by).ok().filter(|&by| by > 0).ok_or(EvalError::NoStep)?;
    let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
    next.extend(items[from..to].iter().step_by(by));
    Ok(())
}

fn passes(filter: &Filter, item: &Value) -> Result<bool, EvalError> {
    match filter {
        // As in client-go, what fails to be found does not exist.
        Filter::Exists(path) => Ok(steps(path, vec![item]).is_ok_and(|found| !found.is_empty())),
        Filter::Compare { left, operator, right } => {
            let (Some(left), Some(right)) = (operand(left, item)?, operand(right, item)?) else {
                return Ok(false);
            };
            compare(left, *operator, right)
        }
    }
}

fn operand<'a>(operand: &'a Operand, item: &'a Value) -> Result<Option<&'a Value>, EvalError> {
    let path = match operand {
        Operand::Literal(literal) => return Ok(Some(literal)),
        Operand::Path(path) => path,
    };
    match steps(path, vec![item])?.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(EvalError::SeveralOperands),
    }
}

/// Go's templates compare only values of one kind; integers and floats are two.
fn compare(left: &Value, operator: Operator, right: &Value) -> Result<bool, EvalError> {
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            (None, None) => left.as_f64().partial_cmp(&right.as_f64()),
            _ => return Err(EvalError::Incompatible),
        },
        (Value::Bool(left), Value::Bool(right)) => match operator {
            Operator::Equal => return Ok(left == right),
            Operator::NotEqual => return Ok(left != right),
            _ => return Err(EvalError::Incomparable),
        },
        (Value::Null | Value::Array(_) | Value::Object(_), _)
        | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
            return Err(EvalError::Incomparable);
        }
        _ => return Err(EvalError::Incompatible),
    };
    Ok(match operator {
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Greater => order == Some(Ordering::Greater),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
