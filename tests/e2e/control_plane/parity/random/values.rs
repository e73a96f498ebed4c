//! Values of a schema, and values that are not.

use serde_json::{Map, Value, json};

use super::dice::Dice;

const WORDS: [&str; 8] = ["ab", "abc", "abcd-12", "red", "a b", "x", "héllo", "0123456789abcdef"];
/// Longer than any list or map of the schema may be.
const ITEMS_MOST: usize = 4;

/// A value that mostly is of `schema`.
pub(super) fn of(schema: &Value, dice: &mut Dice) -> Value {
    if let Some(listed) = schema["enum"].as_array() {
        return listed[dice.below(listed.len())].clone();
    }
    if schema["nullable"] == true && dice.percent(20) {
        return Value::Null;
    }
    match schema["type"].as_str() {
        Some("string") => text(schema, dice),
        Some("integer") => json!(integer(schema, dice)),
        Some("number") => number(schema, dice),
        Some("boolean") => json!(dice.percent(50)),
        Some("array") => {
            let items = dice.below(ITEMS_MOST).max(least(schema, "minItems"));
            (0..items).map(|_| of(&schema["items"], dice)).collect()
        }
        Some("object") => object(schema, dice),
        _ if schema["x-kubernetes-int-or-string"] == true => {
            if dice.percent(50) {
                json!(dice.below(99))
            } else {
                json!(word(dice))
            }
        }
        _ => any(dice),
    }
}

fn object(schema: &Value, dice: &mut Dice) -> Value {
    let mut fields = Map::new();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&json!(name)) || dice.percent(60) {
            fields.insert(name.clone(), of(property, dice));
        }
    }
    let more = &schema["additionalProperties"];
    if more.is_object() {
        for _ in 0..dice.below(ITEMS_MOST).max(least(schema, "minProperties")) {
            fields.insert(dice.pick(&["a", "b", "c-d", "E", "f.g/h~i"]).to_owned(), of(more, dice));
        }
    } else if *more == true || schema["x-kubernetes-preserve-unknown-fields"] == true {
        fields.insert("free".to_owned(), any(dice));
    }
    Value::Object(fields)
}

fn least(schema: &Value, keyword: &str) -> usize {
    schema[keyword].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or(0)
}

fn text(schema: &Value, dice: &mut Dice) -> Value {
    if schema["format"] == "date-time" && dice.percent(90) {
        return json!("2020-01-01T00:00:00Z");
    }
    let least = schema["minLength"].as_u64().unwrap_or(0);
    let most = schema["maxLength"].as_u64().unwrap_or(100);
    for _ in 0..10 {
        let word = word(dice);
        if (least..=most).contains(&(word.chars().count() as u64)) {
            return json!(word);
        }
    }
    json!("ab")
}

fn word(dice: &mut Dice) -> &'static str {
    dice.pick(&WORDS)
}

fn integer(schema: &Value, dice: &mut Dice) -> i64 {
    let bound = |name: &str, otherwise: i64| schema[name].as_i64().unwrap_or(otherwise);
    let (least, most) = (bound("minimum", -5), bound("maximum", 40));
    let span = usize::try_from(most - least + 1).unwrap_or(1);
    let step = bound("multipleOf", 1);
    (least + dice.below(span) as i64) / step * step
}

fn number(schema: &Value, dice: &mut Dice) -> Value {
    let whole = dice.below(9) as f64 - 4.0;
    let fraction = [0.0, 0.5, 0.25, 1e-7, 1e21][dice.below(5)];
    if let Some(step) = schema["multipleOf"].as_f64()
        && dice.percent(90)
    {
        return json!(whole * step);
    }
    let bounded = |value: f64| {
        let least = schema["minimum"].as_f64().unwrap_or(f64::MIN);
        value.clamp(least, schema["maximum"].as_f64().unwrap_or(f64::MAX))
    };
    json!(bounded(whole + fraction))
}

/// Any JSON.
pub(super) fn any(dice: &mut Dice) -> Value {
    match dice.below(14) {
        0 => json!(null),
        1 => json!(true),
        2 => json!(dice.below(1000)),
        3 => json!(-1.5),
        4 => json!(1e30),
        5 => json!(""),
        6 => json!(word(dice)),
        7 => json!("<&>\u{2028}\u{1}\"\\"),
        8 => json!([]),
        9 => json!({}),
        10 => json!([any(dice)]),
        11 => json!({"a": any(dice), "b": any(dice)}),
        12 => json!(u64::MAX),
        _ => json!(i64::MIN),
    }
}

/// Puts something else somewhere below `value`, wherever that leads.
pub(super) fn spoil(value: &mut Value, dice: &mut Dice) {
    let count = places(value);
    let mut place = dice.below(count);
    at(value, &mut place, &mut |found| spoil_here(found, dice));
}

fn spoil_here(value: &mut Value, dice: &mut Dice) {
    let replacement = any(dice);
    match (dice.below(5), value) {
        (0, Value::Object(fields)) => {
            fields.insert(dice.pick(&["unknown", "Unknown", "un.known", "u/k~n"]).to_owned(), replacement);
        }
        (1, Value::Object(fields)) if !fields.is_empty() => {
            let name = fields.keys().nth(dice.below(fields.len())).cloned().unwrap_or_default();
            fields.remove(&name);
        }
        (2, Value::Object(fields)) if !fields.is_empty() => {
            let name = fields.keys().nth(dice.below(fields.len())).cloned().unwrap_or_default();
            if !SPARED.contains(&name.as_str()) {
                fields.insert(format!("{name}{{again}}"), replacement);
            }
        }
        (3, Value::Array(items)) => items.push(items.first().cloned().unwrap_or(replacement)),
        (_, value) => *value = replacement,
    }
}

/// What must not be changed at random: an owner that does not exist makes the garbage collector delete the object, and
/// generated names are known by what they begin with.
const SPARED: [&str; 2] = ["ownerReferences", "generateName"];

fn places(value: &Value) -> usize {
    1 + match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !SPARED.contains(&name.as_str()))
            .map(|(_, value)| places(value))
            .sum(),
        Value::Array(items) => items.iter().map(places).sum(),
        _ => 0,
    }
}

/// Calls `change` for the place with this number, counted from the outside.
fn at(value: &mut Value, place: &mut usize, change: &mut impl FnMut(&mut Value)) -> bool {
    if *place == 0 {
        change(value);
        return true;
    }
    *place -= 1;
    match value {
        Value::Object(fields) => fields
            .iter_mut()
            .any(|(name, value)| !SPARED.contains(&name.as_str()) && at(value, place, change)),
        Value::Array(items) => items.iter_mut().any(|item| at(item, place, change)),
        _ => false,
    }
}
