//! What kube-apiserver's own CEL environment answers, and what we answer: `data/oracle.go` wrote the tables.

mod differences;

use serde_json::Value;
use tributary_expr::{Bindings, Environment, Expression, Fuel, Input};

/// What became of an expression.
#[derive(Debug, PartialEq)]
enum Answer {
    /// The value, and its type.
    Value(Value, String),
    Compile(String),
    Runtime(String),
}

struct Inputs {
    environment: Environment,
    values: Value,
}

#[test]
fn the_table_is_answered_as_kubernetes_answers_it() {
    compare(include_str!("table.json"), 500);
}

#[test]
fn random_expressions_are_answered_as_kubernetes_answers_them() {
    compare(include_str!("random.json"), 500);
}

#[test]
fn differences_that_are_listed_are_there() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("table.json")).expect("a table");
    let inputs = Inputs::read();
    for (expression, reason) in differences::SINGLE {
        let row = rows.iter().find(|row| row["e"] == expression).expect(expression);
        let differs = !agree(&expected(row), &inputs.answer(expression));
        assert!(differs, "{expression}: no difference left ({reason})");
    }
}

fn compare(table: &str, at_least: usize) {
    let rows: Vec<Value> = serde_json::from_str(table).expect("a table");
    assert!(rows.len() >= at_least, "{} rows", rows.len());
    let inputs = Inputs::read();
    let mut wrong = Vec::new();
    for row in &rows {
        let expression = row["e"].as_str().expect("an expression");
        let expected = expected(row);
        let answer = inputs.answer(expression);
        if !agree(&expected, &answer) && !differences::is_meant(expression, &expected, &answer) {
            wrong.push(format!("{expression}\n  theirs: {expected:?}\n  ours:   {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Errors are compared by when they happen; their texts are upstream's own.
fn agree(theirs: &Answer, ours: &Answer) -> bool {
    match (theirs, ours) {
        (Answer::Compile(_), Answer::Compile(_)) | (Answer::Runtime(_), Answer::Runtime(_)) => true,
        (Answer::Value(theirs, their_type), Answer::Value(ours, our_type)) => {
            same(theirs, ours) && their_type == our_type
        }
        _ => false,
    }
}

/// Whether values are the same; doubles may differ in their last digits, which reading the table's JSON may cost.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap_or(f64::NAN), other.as_f64().unwrap_or(f64::NAN));
            (one - other).abs() <= one.abs() * 1e-15
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        (one, other) => one == other,
    }
}

fn expected(row: &Value) -> Answer {
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    if let Some(message) = text("compile") {
        return Answer::Compile(message);
    }
    if let Some(message) = text("runtime") {
        return Answer::Runtime(message);
    }
    Answer::Value(row["v"].clone(), text("t").expect("a type"))
}

impl Inputs {
    fn read() -> Self {
        Self {
            environment: Environment::new(["object", "events", "item", "request"]),
            values: serde_json::from_str(include_str!("../../data/inputs.json")).expect("inputs"),
        }
    }

    fn answer(&self, source: &str) -> Answer {
        let expression = match Expression::compile(source, &self.environment) {
            Ok(expression) => expression,
            Err(error) => return Answer::Compile(error.to_string()),
        };
        let bindings = self.bindings();
        match expression.evaluate(&bindings, &mut Fuel::default()) {
            Ok(value) => Answer::Value(value.unwrap_or(Value::Null), self.type_of(source)),
            Err(error) => Answer::Runtime(error.to_string()),
        }
    }

    fn type_of(&self, source: &str) -> String {
        let source = format!("type({source}\n)");
        let expression = Expression::compile(&source, &self.environment).expect("what compiled before");
        let named =
            expression.evaluate(&self.bindings(), &mut Fuel::default()).expect("what evaluated before");
        named.and_then(|name| name.as_str().map(str::to_owned)).expect("a name")
    }

    fn bindings(&self) -> Bindings<'_> {
        let mut bindings = Bindings::new(&self.environment);
        for name in ["object", "events", "item"] {
            bindings.set(&self.environment, name, Input::Json(&self.values[name]));
        }
        let fields = self.values["request"].as_object().expect("a request");
        let mut request: std::collections::BTreeMap<&str, Input<'_>> =
            fields.iter().map(|(name, value)| (name.as_str(), Input::Json(value))).collect();
        request.insert("time", Input::Timestamp { seconds: 1_795_399_200, nanos: 250_000_000 });
        bindings.set(&self.environment, "request", Input::Object(request));
        bindings
    }
}
