//! Validation of values, with the texts, order and quirks of `k8s.io/kube-openapi/pkg/validation/validate` as
//! apiextensions-apiserver turns them into field errors.

use serde_json::{Map, Value};

use crate::field::{Error, Path};
use crate::gotext;
use crate::limits;
use crate::number::{Fault, Given};
use crate::structural::{Additional, Expected, Node, Type};

/// One run over a value.
pub(crate) struct Validation<'a> {
    /// Where the value is: the root, or the `default` of a schema.
    at: &'a Path,
    errors: Vec<Error>,
}

/// The way from the value that is validated to the one at hand; printed only when something is wrong.
#[derive(Clone, Copy)]
enum Step<'a> {
    Start,
    Property(&'a Step<'a>, &'a str),
    /// A key of additionalProperties, or a missing field: kube-openapi puts a dot before it even at the start.
    Key(&'a Step<'a>, &'a str),
    Index(&'a Step<'a>, usize),
}

impl Step<'_> {
    /// kube-openapi's name of the value, which its texts begin with.
    fn name(&self) -> String {
        let mut name = String::new();
        self.push_to(&mut name);
        name
    }

    fn push_to(&self, name: &mut String) {
        match self {
            Step::Start => {}
            Step::Property(parent, field) => {
                parent.push_to(name);
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(field);
            }
            Step::Key(parent, key) => {
                parent.push_to(name);
                name.push('.');
                name.push_str(key);
            }
            Step::Index(parent, index) => {
                parent.push_to(name);
                name.push_str(&format!("[{index}]"));
            }
        }
    }
}

impl<'a> Validation<'a> {
    /// A run whose errors are below `at`.
    pub(crate) fn new(at: &'a Path) -> Self {
        Self { at, errors: Vec::new() }
    }

    /// What was found.
    pub(crate) fn into_errors(self) -> Vec<Error> {
        self.errors
    }

    /// Validates a whole resource; that it is an object is known.
    pub(crate) fn root(&mut self, node: &Node, object: &Map<String, Value>) {
        let among = |allowed: &Value| allowed.as_object().is_some_and(|allowed| allowed == object);
        if !node.allowed.is_empty() && !node.allowed.iter().any(among) {
            self.refuse_unlisted(node, &Value::Object(object.clone()), &Step::Start);
        }
        self.object(node, object, &Step::Start);
    }

    /// Validates a value that stands for itself: a default.
    pub(crate) fn start(&mut self, node: &Node, value: &Value) {
        self.value(node, value, &Step::Start);
    }

    fn value(&mut self, node: &Node, value: &Value, step: &Step<'_>) {
        if value.is_null() {
            self.null(node, step);
            return;
        }
        self.check_type(node, value, step);
        match value {
            Value::String(text) => self.string(node, text, step),
            Value::Number(number) => self.number(node, Given::new(number), step),
            Value::Array(items) => self.array(node, items, step),
            Value::Null | Value::Bool(_) | Value::Object(_) => {}
        }
        if !node.allowed.is_empty() && !node.allowed.iter().any(|allowed| equal(allowed, value)) {
            self.refuse_unlisted(node, value, step);
        }
        if let Value::Object(fields) = value {
            self.object(node, fields, step);
        }
    }

    /// kube-openapi never finds a null among the enumerated values, even if it is one of them.
    fn null(&mut self, node: &Node, step: &Step<'_>) {
        if node.expected != Expected::Any && !node.nullable {
            self.refuse_type(step, node.expected.name(), "null");
        }
        if !node.allowed.is_empty() {
            self.refuse_unlisted(node, &Value::Null, step);
        }
    }

    fn check_type(&mut self, node: &Node, value: &Value, step: &Step<'_>) {
        let Some((given, format)) = type_of(value) else { return };
        let expected = node.expected;
        let unformatted = node.format_name().is_none();
        if expected.holds(given, value) && (unformatted || expected != Expected::Any) {
            return;
        }
        let numeric = expected.contains(Type::Number) || expected.contains(Type::Integer);
        match node.format_name() {
            // kube-openapi leaves strings to the format and, oddly, lets lists pass as formatted strings.
            Some(_)
                if matches!(given, Type::String | Type::Array) && (!numeric || expected == Expected::Any) => {
            }
            // Other values are told the format instead of the type.
            Some(name) if !matches!(given, Type::String | Type::Array) => {
                self.refuse_type(step, name, format)
            }
            _ => self.refuse_type(step, expected.name(), given.name()),
        }
    }

    /// Only the first of the length and pattern errors is reported, as by kube-openapi's string validator.
    fn string(&mut self, node: &Node, text: &str, step: &Step<'_>) {
        self.check_text(node, text, step);
        if let Some(format) = &node.format
            && !format.matches(text)
        {
            self.refuse_type(step, &format.name, text);
        }
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

    fn number(&mut self, node: &Node, given: Given, step: &Step<'_>) {
        for fault in node.bounds.check(given, || step.name()) {
            match fault {
                Fault::Unlocated(text) => self.push_at_start(|at| Error::invalid(at, &Value::from(""), text)),
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
    }

    fn array(&mut self, node: &Node, items: &[Value], step: &Step<'_>) {
        if let Some(schema) = &node.items {
            for (index, item) in items.iter().enumerate() {
                self.value(schema, item, &Step::Index(step, index));
            }
        }
        if let Some(least) = node.count.least
            && count(items.len()) < least
        {
            self.push(step, |at, name| {
                let text = format!("{name} in body should have at least {least} items");
                Error::invalid(at, &Value::from(items.len()), text)
            });
        }
        if let Some(most) = node.count.most
            && count(items.len()) > most
        {
            self.push(step, |at, _| Error::too_many(at, items.len(), most));
        }
    }

    fn object(&mut self, node: &Node, fields: &Map<String, Value>, step: &Step<'_>) {
        if let Some(least) = node.fields.least
            && count(fields.len()) < least
        {
            self.push(step, |at, name| {
                let text = format!("{name} in body should have at least {least} properties");
                Error::invalid(at, &Value::from(fields.len()), text)
            });
        }
        if let Some(most) = node.fields.most
            && count(fields.len()) > most
        {
            self.push(step, |at, _| Error::too_many(at, fields.len(), most));
        }
        self.additional(node, fields, step);
        for (name, schema) in &node.properties {
            if let Some(value) = fields.get(name) {
                self.value(schema, value, &Step::Property(step, name));
            }
        }
        for name in node.required.iter().filter(|name| !fields.contains_key(*name)) {
            self.push(&Step::Key(step, name), |at, _| Error::required(at, ""));
        }
    }

    fn additional(&mut self, node: &Node, fields: &Map<String, Value>, step: &Step<'_>) {
        let others = fields.iter().filter(|(name, _)| !node.properties.contains_key(*name));
        match &node.additional {
            None | Some(Additional::Allowed(true)) => {}
            Some(Additional::Schema(schema)) => {
                others.for_each(|(key, value)| self.value(schema, value, &Step::Key(step, key)));
            }
            Some(Additional::Allowed(false)) => others.for_each(|(key, _)| {
                self.push(step, |at, name| {
                    let text = format!("{name}.{key} in body is a forbidden property");
                    Error::invalid(at, &Value::from(key.as_str()), text)
                });
            }),
        }
    }

    fn refuse_type(&mut self, step: &Step<'_>, expected: &str, given: &str) {
        self.push(step, |at, name| {
            let text = format!("{name} in body must be of type {expected}: {}", gotext::quoted(given));
            Error::type_invalid(at, &Value::from(given), text)
        });
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

    fn push_at_start(&mut self, error: impl FnOnce(&Path) -> Error) {
        self.push(&Step::Start, |at, _| error(at));
    }
}

impl Expected {
    /// Whether a value of the `given` type is of these types; numbers without fraction are integers.
    fn holds(self, given: Type, value: &Value) -> bool {
        if self.contains(given) {
            return true;
        }
        let Value::Number(number) = value else { return false };
        self.contains(Type::Number) || (self.contains(Type::Integer) && Given::new(number).is_integer())
    }
}

impl Node {
    /// The format as errors name it, if Kubernetes enforces one here.
    fn format_name(&self) -> Option<&str> {
        self.format.as_ref().map(|format| format.name.as_str()).or_else(|| self.bounds.capacity.format_name())
    }
}

/// Type and format that kube-openapi sees in a value; null has none.
fn type_of(value: &Value) -> Option<(Type, &'static str)> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some((Type::Boolean, "")),
        Value::Number(number) => match Given::new(number) {
            Given::Integer(_) => Some((Type::Integer, "int64")),
            Given::Float(_) => Some((Type::Number, "float64")),
        },
        Value::String(_) => Some((Type::String, "")),
        Value::Array(_) => Some((Type::Array, "")),
        Value::Object(_) => Some((Type::Object, "")),
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
