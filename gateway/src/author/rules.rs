//! The CEL rules of the CustomResourceDefinition, as kube-apiserver judges a new object by them.
//!
//! Rules about `oldSelf` speak of a change and are left out: a file does not know what it changes. So is the limit of
//! kube-apiserver's estimated cost, which depends on the schema alone.

use serde_json::Value;
use tributary_expr::{Bindings, Environment, Expression, Fuel, Input};
use tributary_schema::field::{Error, Path};

const KEYWORD: &str = "x-kubernetes-validations";
/// What a rule may use; those of this definition use a few hundred.
const FUEL: u64 = 1_000_000;

/// What `value` breaks of the rules of `schema`, an `openAPIV3Schema`.
pub(super) fn judge(schema: &Value, value: &Value, at: &Path, errors: &mut Vec<Error>) {
    for rule in schema.get(KEYWORD).and_then(Value::as_array).into_iter().flatten() {
        errors.extend(broken(rule, value, at));
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(schema) = schema.get("properties").and_then(|properties| properties.get(name)) {
                    judge(schema, field, &at.child(name), errors);
                } else if let Some(schema) = schema.get("additionalProperties") {
                    judge(schema, field, &at.key(name), errors);
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                judge(schema, item, &at.index(index), errors);
            }
        }
        _ => {}
    }
}

fn broken(rule: &Value, value: &Value, at: &Path) -> Option<Error> {
    let text = |field: &str| rule.get(field).and_then(Value::as_str).unwrap_or_default();
    let source = text("rule");
    if source.contains("oldSelf") {
        return None;
    }
    let environment = Environment::new(["self"]);
    let expression = match Expression::compile(source, &environment) {
        Ok(expression) => expression,
        Err(error) => return Some(Error::internal(at, error)),
    };
    let mut bindings = Bindings::new(&environment);
    bindings.set(&environment, "self", Input::Json(value));
    let kind = || match value {
        Value::Object(_) => Value::from("object"),
        Value::Array(_) => Value::from("array"),
        other => other.clone(),
    };
    match expression.evaluate_bool(&bindings, &mut Fuel::new(FUEL)) {
        Ok(true) => None,
        Ok(false) => Some(Error::invalid(at, &kind(), text("message"))),
        Err(error) => {
            Some(Error::invalid(at, &kind(), format!("{error} evaluating rule: {}", text("message"))))
        }
    }
}

/// The schema without its rules: a structural schema of this version has none.
pub(super) fn without(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != KEYWORD);
            Value::Object(kept.map(|(name, value)| (name.clone(), without(value))).collect())
        }
        Value::Array(items) => items.iter().map(without).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_judged_where_they_stand() {
        let rule = |rule: &str, message: &str| json!([{"rule": rule, "message": message}]);
        let schema = json!({
            "x-kubernetes-validations": rule("has(self.items) || self.n > 1", "root"),
            "properties": {
                "n": {"x-kubernetes-validations": rule("self != oldSelf", "immutable")},
                "items": {"items": {"x-kubernetes-validations": rule("self.a != self.b", "item")}},
                "map": {"additionalProperties": {"x-kubernetes-validations": rule("self.size() > 1", "entry")}},
            },
        });
        let check = |value: Value, expected: &[&str]| {
            let mut errors = Vec::new();
            judge(&schema, &value, &Path::root(), &mut errors);
            let shown: Vec<_> = errors.iter().map(Error::to_string).collect();
            assert_eq!(shown, expected, "{value}");
        };
        check(json!({"n": 2}), &[]);
        check(json!({"n": 1}), &[r#"<nil>: Invalid value: "object": root"#]);
        let items = json!({"items": [{"a": 1, "b": 2}, {"a": 1, "b": 1}], "map": {"x": "12", "y": "1"}});
        check(items, &[r#"items[1]: Invalid value: "object": item"#, r#"map[y]: Invalid value: "1": entry"#]);
        let mut errors = Vec::new();
        judge(&schema, &json!({"items": [{"a": 1}]}), &Path::root(), &mut errors);
        assert!(errors[0].to_string().starts_with("items[0]: Invalid value: \"object\": "), "{errors:?}");
        assert!(errors[0].message.contains("evaluating rule: item"), "{errors:?}");
    }

    #[test]
    fn without_rules_all_else_stays() {
        let schema =
            json!({"a": [{"x-kubernetes-validations": [], "b": 1}], "x-kubernetes-validations": [1]});
        assert_eq!(without(&schema), json!({"a": [{"b": 1}]}));
    }
}
