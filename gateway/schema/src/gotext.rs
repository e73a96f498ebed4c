//! How Go prints values: `%q`, `%v` and `encoding/json`, in which Kubernetes' texts are written.

use std::fmt::Write;

use serde_json::{Number, Value};

/// The string as `strconv.Quote` prints it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        push_quoted(&mut out, character);
    }
    out.push('"');
    out
}

fn push_quoted(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        ' '..='~' => out.push(character),
        '\0'..='\x7f' => push_code(out, "\\x", 2, character),
        _ if is_printable(character) => out.push(character),
        '\u{80}'..='\u{ffff}' => push_code(out, "\\u", 4, character),
        _ => push_code(out, "\\U", 8, character),
    }
}

fn push_code(out: &mut String, prefix: &str, width: usize, character: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{prefix}{:0width$x}", u32::from(character));
}

/// Whether Rust prints the character as itself within a string; its tables agree with Go's `unicode.IsPrint`.
fn is_printable(character: char) -> bool {
    // The first character of a string is also escaped when it extends a grapheme, so ask for the second.
    let mut buffer = [b'a'; 5];
    let end = 1 + character.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..end]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// The number as `%v` prints an int64 or a float64.
pub(crate) fn number(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => integer.to_string(),
        (None, Some(float)) => self::float(float),
        (None, None) => number.to_string(),
    }
}

/// The float as `%v` prints a float64: shortest digits, with an exponent below 1e-4 and from 1e6 on.
pub(crate) fn float(float: f64) -> String {
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = split_exponent(&scientific) else { return scientific };
    if (-4..FIRST_EXPONENT_OF_V).contains(&exponent) {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `%v` of a float64 turns to exponents here.
const FIRST_EXPONENT_OF_V: i32 = 6;

fn split_exponent(scientific: &str) -> Option<(&str, i32)> {
    let (digits, exponent) = scientific.split_once('e')?;
    Some((digits, exponent.parse().ok()?))
}

/// The value as `encoding/json` writes it: keys sorted, `<`, `>`, `&` escaped.
pub(crate) fn json(value: &Value) -> String {
    let mut out = String::new();
    push_json(&mut out, value);
    out
}

fn push_json(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&json_number(number)),
        Value::String(text) => push_json_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_json(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_json_string(out, key);
                out.push(':');
                push_json(out, field);
            }
            out.push('}');
        }
    }
}

fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => push_code(out, "\\u", 4, character),
            _ => out.push(character),
        }
    }
    out.push('"');
}

fn json_number(number: &Number) -> String {
    if let Some(integer) = number.as_i64() {
        return integer.to_string();
    }
    let Some(float) = number.as_f64() else { return number.to_string() };
    let scientific = format!("{float:e}");
    match split_exponent(&scientific) {
        Some((_, exponent)) if (-6..21).contains(&exponent) || float == 0.0 => format!("{float}"),
        Some((digits, exponent)) if exponent < 0 => format!("{digits}e{exponent}"),
        Some((digits, exponent)) => format!("{digits}e+{exponent}"),
        None => scientific,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn floats_print_as_go_prints_them() {
        let cases = [
            (json!(1e20), "1e+20", "100000000000000000000"),
            (json!(1e21), "1e+21", "1e+21"),
            (json!(100000000.0), "1e+08", "100000000"),
            (json!(1234567.0), "1.234567e+06", "1234567"),
            (json!(123456.5), "123456.5", "123456.5"),
            (json!(0.0001), "0.0001", "0.0001"),
            (json!(0.00001), "1e-05", "0.00001"),
            (json!(1.5), "1.5", "1.5"),
            (json!(1e-7), "1e-07", "1e-7"),
            (json!(12345678901234567890u64), "1.2345678901234567e+19", "12345678901234567000"),
            (json!(1.0), "1", "1"),
            (json!(0.0), "0", "0"),
            (json!(-2.5e-9), "-2.5e-09", "-2.5e-9"),
            (json!(1e100), "1e+100", "1e+100"),
            (json!(9007199254740993i64), "9007199254740993", "9007199254740993"),
        ];
        for (value, plain, encoded) in cases {
            let Value::Number(given) = &value else { panic!("not a number: {value}") };
            assert_eq!(number(given), plain, "%v of {value}");
            assert_eq!(json(&value), encoded, "json of {value}");
        }
    }

    #[test]
    fn strings_print_as_go_prints_them() {
        let text = "a\"b\\\n\t\x01\u{e9}\u{200b}\u{1F600}\x7f\u{a0}\u{feff}";
        assert_eq!(quoted(text), "\"a\\\"b\\\\\\n\\t\\x01\u{e9}\\u200b\u{1F600}\\x7f\\u00a0\\ufeff\"");
        let text = json!({"k<": ["a\"b\\\n\t\x01\u{e9}<>&\u{2028}\x7f\x08\x0c", null, true]});
        assert_eq!(
            json(&text),
            "{\"k\\u003c\":[\"a\\\"b\\\\\\n\\t\\u0001\u{e9}\\u003c\\u003e\\u0026\\u2028\x7f\\b\\f\",null,true]}"
        );
    }
}
