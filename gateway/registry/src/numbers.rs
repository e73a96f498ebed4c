//! Integers and floats. A request keeps them apart (1.0 is not 1); what is stored is written as Go writes it, which makes
//! integers of floats without a fraction.

use serde_json::{Map, Number, Value};

/// An int64 is below this: 2^63.
const INTEGERS_MOST: f64 = 9_223_372_036_854_775_808.0;

/// The object as it is read again once it was stored.
pub(crate) fn settle(object: &mut Map<String, Value>) {
    object.values_mut().for_each(settle_value);
}

/// The same of any value. What was let in is not too deep to recurse.
pub(crate) fn settle_value(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(integer) = as_written(number) {
                *number = integer.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle_value),
        Value::Object(fields) => settle(fields),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The integer that a number is once it was written.
pub(crate) fn as_written(number: &Number) -> Option<i64> {
    if let Some(integer) = number.as_i64() {
        return Some(integer);
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < INTEGERS_MOST)?;
    Some(float as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_without_a_fraction_become_integers() {
        for (given, stored) in [
            (json!(1.0), json!(1)),
            (json!(-0.0), json!(0)),
            (json!(1.5), json!(1.5)),
            (json!(1e18), json!(1_000_000_000_000_000_000_i64)),
            (json!(9_223_372_036_854_775_808.0), json!(9_223_372_036_854_775_808.0)),
            (json!(-9_223_372_036_854_775_808.0), json!(-9_223_372_036_854_775_808.0)),
            (json!(i64::MIN), json!(i64::MIN)),
            (json!([{"b": [2.0, "2.0", null]}]), json!([{"b": [2, "2.0", null]}])),
        ] {
            let mut object = Map::from_iter([("a".to_owned(), given)]);
            settle(&mut object);
            assert_eq!(object["a"], stored);
        }
    }
}
