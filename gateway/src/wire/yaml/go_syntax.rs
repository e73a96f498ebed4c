//! Values as Go's `%#v` prints those of go-yaml, which is how errors show keys.

use std::fmt::Write;

use serde_json::Value;
use tributary_schema::gotext;

/// A value by itself.
pub(super) fn shown(value: &Value) -> String {
    if value.is_null() {
        return "<nil>".to_owned();
    }
    let mut out = String::new();
    push(&mut out, value);
    out
}

fn push(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&gotext::number(number)),
        Value::String(text) => out.push_str(&gotext::quoted(text)),
        Value::Array(items) => {
            out.push_str("[]interface {}");
            push_all(out, items, push);
        }
        Value::Object(fields) => {
            out.push_str("map[interface {}]interface {}");
            push_all(out, fields, |out, (name, value)| {
                // Writing to a String cannot fail.
                let _ = write!(out, "{}:", gotext::quoted(name));
                push(out, value);
            });
        }
    }
}

fn push_all<T>(out: &mut String, items: impl IntoIterator<Item = T>, push: impl Fn(&mut String, T)) {
    out.push('{');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        push(out, item);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_as_go_shows_them() {
        for (value, expected) in [
            (json!(null), "<nil>"),
            (json!(1), "1"),
            (json!(1e6), "1e+06"),
            (json!("a\"\n"), r#""a\"\n""#),
            (json!([]), "[]interface {}{}"),
            (json!([null, true, 1.5]), "[]interface {}{interface {}(nil), true, 1.5}"),
            (
                json!({"b": {}, "a": ["x"]}),
                r#"map[interface {}]interface {}{"a":[]interface {}{"x"}, "b":map[interface {}]interface {}{}}"#,
            ),
        ] {
            assert_eq!(shown(&value), expected);
        }
    }
}
