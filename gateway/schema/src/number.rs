//! Bounds of numbers, checked with the integer and float arithmetic that kube-openapi uses.

use std::cmp::Ordering;

use serde_json::{Number, Value};
use tributary_expr::gotext;

/// `minimum`, `maximum` and `multipleOf`, and the range of the type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bounds {
    pub(crate) capacity: Capacity,
    pub(crate) least: Option<Bound>,
    pub(crate) most: Option<Bound>,
    pub(crate) factor: Option<f64>,
}

/// A limit, itself excluded or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) value: f64,
    pub(crate) exclusive: bool,
}

/// What type and format can hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Capacity {
    /// Any number: `type: number`, or no single type.
    #[default]
    Any,
    Integer,
    Int32,
    Int64,
    Float,
    Double,
}

/// A number as Kubernetes decodes it: int64 if it is one, else float64.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given {
    Integer(i64),
    Float(f64),
}

/// What is wrong with a number.
pub(crate) enum Fault {
    /// Kubernetes gives these no field of their own.
    Unlocated(String),
    /// `value` is what the error shows; the text follows the field's name.
    Located { value: Value, text: String },
    /// `multipleOf` itself is unusable.
    Factor(f64),
}

impl Given {
    pub(crate) fn new(number: &Number) -> Self {
        match number.as_i64() {
            Some(integer) => Self::Integer(integer),
            None => Self::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        }
    }

    /// Whether JSON Schema counts it as an integer: within 53 bits and without fraction.
    pub(crate) fn is_integer(self) -> bool {
        const LARGEST: f64 = ((1u64 << 53) - 1) as f64;
        match self {
            Self::Integer(_) => true,
            Self::Float(float) => float.abs() <= LARGEST && float.fract() == 0.0,
        }
    }

    fn as_float(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    fn as_value(self) -> Value {
        match self {
            Self::Integer(integer) => Value::from(integer),
            Self::Float(float) => Value::from(float),
        }
    }
}

impl Capacity {
    fn holds(self, given: Given) -> bool {
        match (self, given) {
            (Self::Any | Self::Double, _) | (Self::Integer | Self::Int64, Given::Integer(_)) => true,
            (Self::Int32, Given::Integer(integer)) => i32::try_from(integer).is_ok(),
            (Self::Integer | Self::Int64, Given::Float(float)) => {
                whole(float, i64::MIN as f64, i64::MAX as f64)
            }
            (Self::Int32, Given::Float(float)) => {
                whole(float, f64::from(i32::MIN), f64::from(i32::MAX) + 1.0)
            }
            (Self::Float, _) => (given.as_float() as f32).is_finite(),
        }
    }

    /// The format that the schema named and Kubernetes enforces.
    pub(crate) fn format_name(self) -> Option<&'static str> {
        match self {
            Self::Any | Self::Integer => None,
            Self::Int32 => Some("int32"),
            Self::Int64 => Some("int64"),
            Self::Float => Some("float"),
            Self::Double => Some("double"),
        }
    }

    /// The text for `subject` ("Checked", "Minimum boundary", …) that does not fit.
    fn refusal(self, subject: &str, at: &str) -> Fault {
        let kind = match self {
            Self::Any => "number (default format)",
            Self::Double => "number with format double",
            Self::Integer => "integer (default format)",
            Self::Int32 => "integer with format int32",
            Self::Int64 => "integer with format int64",
            Self::Float => "number with format float",
        };
        Fault::Unlocated(format!("{subject} value must be of type {kind} in {at}"))
    }
}

/// Whether a float prints as an integer of `[least, beyond)`.
fn whole(float: f64, least: f64, beyond: f64) -> bool {
    float.fract() == 0.0 && float >= least && float < beyond
}

impl Bound {
    /// Whether `given` lies on the `wrong` side. kube-openapi cuts the limit to an integer when the value is one.
    fn exceeds(self, given: Given, wrong: Ordering) -> bool {
        let order = match given {
            Given::Integer(integer) => Some(integer.cmp(&(self.value as i64))),
            Given::Float(float) => float.partial_cmp(&self.value),
        };
        order == Some(wrong) || (self.exclusive && order == Some(Ordering::Equal))
    }

    fn fault(self, given: Given, words: &str) -> Fault {
        let limit = match given {
            Given::Integer(_) => (self.value as i64).to_string(),
            Given::Float(_) => gotext::float(self.value),
        };
        Fault::Located { value: given.as_value(), text: format!("should be {words} {limit}") }
    }
}

impl Bounds {
    /// Everything wrong with `given`, whose field has the `name`, in kube-openapi's order.
    pub(crate) fn check(&self, given: Given, name: impl Fn() -> String) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !self.capacity.holds(given) {
            faults.push(self.capacity.refusal("Checked", &name()));
        }
        if let Some(factor) = self.factor {
            self.check_factor(given, factor, &name, &mut faults);
        }
        if let Some(bound) = self.least {
            let native = self.native("Minimum boundary", given, bound.value, &name, &mut faults);
            if bound.exceeds(native, Ordering::Less) {
                let words = if bound.exclusive { "greater than" } else { "greater than or equal to" };
                faults.push(bound.fault(native, words));
            }
        }
        if let Some(bound) = self.most {
            let native = self.native("Maximum boundary", given, bound.value, &name, &mut faults);
            if bound.exceeds(native, Ordering::Greater) {
                let words = if bound.exclusive { "less than" } else { "less than or equal to" };
                faults.push(bound.fault(native, words));
            }
        }
        faults
    }

    fn check_factor(&self, given: Given, factor: f64, at: &impl Fn() -> String, faults: &mut Vec<Fault>) {
        match self.native("MultipleOf", given, factor, at, faults) {
            // kube-openapi cuts the factor to an integer when the value is one.
            Given::Integer(integer) => {
                let factor = factor as i64;
                if factor <= 0 {
                    faults.push(Fault::Factor(factor as f64));
                } else if integer % factor != 0 {
                    let text = format!("should be a multiple of {factor}");
                    faults.push(Fault::Located { value: Value::from(integer), text });
                }
            }
            Given::Float(_) if factor <= 0.0 => faults.push(Fault::Factor(factor)),
            Given::Float(float) => {
                let multiple = if factor < 1.0 { 1.0 / factor * float } else { float / factor };
                if !nearly_integer(multiple) {
                    let text = format!("should be a multiple of {}", gotext::float(factor));
                    faults.push(Fault::Located { value: Value::from(float), text });
                }
            }
        }
    }

    /// The value to compare with a constraint: an integer only if the constraint fits the type too.
    fn native(
        &self,
        subject: &str,
        given: Given,
        constraint: f64,
        at: &impl Fn() -> String,
        faults: &mut Vec<Fault>,
    ) -> Given {
        if self.capacity.holds(Given::Float(constraint)) {
            return given;
        }
        faults.push(self.capacity.refusal(subject, &at()));
        Given::Float(given.as_float())
    }
}

/// go-openapi's tolerance for multiples.
fn nearly_integer(float: f64) -> bool {
    const LARGEST: f64 = ((1u64 << 53) - 1) as f64;
    const TOLERANCE: f64 = 1e-9;
    if !float.is_finite() || float.abs() > LARGEST {
        return false;
    }
    let cut = float.trunc();
    let difference = (float - cut).abs();
    difference == 0.0 || (cut != 0.0 && difference / (float.abs() + cut.abs()) < TOLERANCE)
}
