//! Strings, numbers, types.

use serde_json::Value;
use tributary_expr::gotext;

use super::step::Step;
use super::{Validation, count};
use crate::field::Error;
use crate::number::{Fault, Given};
use crate::structural::{Expected, Node, Type};

/// Type and format that kube-openapi sees in a value.
pub(super) type Seen = (Type, &'static str);

impl Validation<'_> {
    /// Whether the type is right; gives the number of checks that count for junctors.
    pub(super) fn type_of(
        &mut self,
        node: &Node,
        (given, format): Seen,
        whole: bool,
        step: &Step<'_>,
    ) -> usize {
        let expected = node.expected;
        let named = node.format_name();
        if expected == Expected::Any && named.is_none() {
            return 0;
        }
        let fits = expected.holds(given, whole);
        if fits && (named.is_none() || expected != Expected::Any) {
            return 2;
        }
        let numeric = expected.contains(Type::Number) || expected.contains(Type::Integer);
        let textual = matches!(given, Type::String | Type::Array);
        match named {
            // kube-openapi leaves strings to the format and, oddly, lets lists pass as formatted strings.
            Some(_) if textual && (!numeric || expected == Expected::Any) => return 2,
            // Other values are told the format instead of the type.
            Some(name) if !textual => self.refuse_type(step, name, format),
            _ => self.refuse_type(step, expected.name(), given.name()),
        }
        1
    }

    /// Only the first of the length and pattern errors is reported, as by kube-openapi's string validator.
    pub(super) fn string(&mut self, node: &Node, text: &str, step: &Step<'_>) -> usize {
        self.check_text(node, text, step);
        let Some(format) = &node.format else { return 1 };
        if !format.matches(text) {
            self.refuse_type(step, &format.name, text);
        }
        2
    }

    fn check_text(&mut self, node: &Node, text: &str, step: &Step<'_>) {
        let length = match (node.length.least, node.length.most) {
            (None, None) => 0,
            _ => count(text.chars().count()),
        };
        if let Some(most) = node.length.most
            && length > most
        {
            return self.push(step, |at, _| Error::too_long(at, most));
        }
        if let Some(least) = node.length.least
            && length < least
        {
            let value = Value::from(text);
            return self.push(step, |at, name| {
                Error::invalid(at, &value, format!("{name} in body should be at least {least} chars long"))
            });
        }
        if let Some(pattern) = &node.pattern
            && !pattern.matches(text)
        {
            let value = Value::from(text);
            self.push(step, |at, name| {
                Error::invalid(at, &value, format!("{name} in body should match '{}'", pattern.source))
            });
        }
    }

    pub(super) fn number(&mut self, node: &Node, given: Given, step: &Step<'_>) -> usize {
        for fault in node.bounds.check(given, || step.name()) {
            match fault {
                Fault::Unlocated(text) => {
                    self.push(&Step::Start, |at, _| Error::invalid(at, &Value::from(""), text));
                }
                Fault::Located { value, text } => {
                    self.push(step, |at, name| Error::invalid(at, &value, format!("{name} in body {text}")));
                }
                Fault::Factor(factor) => self.push(step, |at, name| {
                    let shown = gotext::float(factor);
                    let text = format!("factor MultipleOf declared for {name} must be positive: {shown}");
                    Error::invalid(at, &Value::from(factor), text)
                }),
            }
        }
        2
    }

    pub(super) fn refuse_type(&mut self, step: &Step<'_>, expected: &str, given: &str) {
        self.push(step, |at, name| {
            let text = format!("{name} in body must be of type {expected}: {}", gotext::quoted(given));
            Error::type_invalid(at, &Value::from(given), text)
        });
    }
}

impl Expected {
    /// Whether a value of the `given` type is of these types; numbers without fraction (`whole`) are integers.
    fn holds(self, given: Type, whole: bool) -> bool {
        let number = matches!(given, Type::Number | Type::Integer);
        self.contains(given)
            || (number && (self.contains(Type::Number) || (self.contains(Type::Integer) && whole)))
    }
}

impl Node {
    /// The format as errors name it, if Kubernetes enforces one here.
    fn format_name(&self) -> Option<&str> {
        self.format.as_ref().map(|format| format.name.as_str()).or_else(|| self.bounds.capacity.format_name())
    }
}
