//! How Go prints values: `%q`, `%v`, `%#U` and `encoding/json`, in which Kubernetes' texts are written.

use std::fmt::Write;

use serde_json::{Number, Value};

/// The string as `strconv.Quote` prints it.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Adds a string as `strconv.Quote` prints it.
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        push_escaped(out, character);
    }
    out.push('"');
}

fn push_escaped(out: &mut String, character: char) {
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

/// Go's `unicode.IsPrint`: whether Rust prints the character as itself within a string. Its tables are newer than those
/// of Go 1.26, and agree otherwise.
pub fn is_printable(character: char) -> bool {
    // The first character of a string is also escaped when it extends a grapheme, so ask for the second.
    if matches!(character, '"' | '\'' | '\\') {
        return true;
    }
    let mut buffer = [b'a'; 5];
    let end = 1 + character.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..end]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// The character as `%#U` prints it.
pub fn code_point(character: char) -> String {
    let code = format!("U+{:04X}", u32::from(character));
    if is_printable(character) { format!("{code} '{character}'") } else { code }
}

/// The number as `%v` prints an int64 or a float64.
pub fn number(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => integer.to_string(),
        (None, Some(float)) => self::float(float),
        (None, None) => number.to_string(),
    }
}

/// The float as `%g` and `%v` print a float64: shortest digits, with an exponent below 1e-4 and from 1e6 on.
pub fn float(float: f64) -> String {
    match float {
        float if float.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => general(&format!("{float:e}")),
    }
}

/// The same of a float32, which has fewer digits.
pub fn float_32(float: f32) -> String {
    general(&format!("{float:e}"))
}

/// From Rust's `-1.25e-7` to the form of `%g`.
fn general(scientific: &str) -> String {
    let Some((mantissa, exponent)) = split_exponent(scientific) else { return scientific.to_owned() };
    if !(EXPONENT_BELOW..EXPONENT_FROM).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, unsigned) = mantissa.strip_prefix('-').map_or(("", mantissa), |unsigned| ("-", unsigned));
    let digits = unsigned.replace('.', "");
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    }
    let whole = exponent.unsigned_abs() as usize + 1;
    match digits.len() > whole {
        true => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
        false => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
    }
}

/// From this exponent on the shortest form has one.
const EXPONENT_FROM: i32 = 6;
/// Below this one it has, too.
const EXPONENT_BELOW: i32 = -4;

fn split_exponent(scientific: &str) -> Option<(&str, i32)> {
    let (digits, exponent) = scientific.split_once('e')?;
    Some((digits, exponent.parse().ok()?))
}

/// The value as `encoding/json` writes it: keys sorted, `<`, `>`, `&` escaped.
pub fn json(value: &Value) -> String {
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

/// The number as `encoding/json` writes an int64 or a float64.
pub fn json_number(number: &Number) -> String {
    if let Some(integer) = number.as_i64() {
        return integer.to_string();
    }
    number.as_f64().map_or_else(|| number.to_string(), json_float)
}

/// The float as `encoding/json` writes a float64: with an exponent below 1e-6 and from 1e21 on.
pub fn json_float(float: f64) -> String {
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

    #[test]
    fn characters_print_as_go_prints_them() {
        for (character, expected) in [
            ('a', "U+0061 'a'"),
            ('\'', "U+0027 '''"),
            ('\x07', "U+0007"),
            ('\u{e9}', "U+00E9 '\u{e9}'"),
            ('\u{301}', "U+0301 '\u{301}'"),
            ('\u{2028}', "U+2028"),
            ('\u{1f600}', "U+1F600 '\u{1f600}'"),
            ('\u{10ffff}', "U+10FFFF"),
        ] {
            assert_eq!(code_point(character), expected);
        }
    }

    #[test]
    fn small_floats_have_fewer_digits() {
        for (float, expected) in
            [(0.1, "0.1"), (1e10, "1e+10"), (16_777_217.0, "1.6777216e+07"), (-0.00012, "-0.00012")]
        {
            assert_eq!(float_32(float as f32), expected);
        }
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(float), ["NaN", "+Inf", "-Inf"]);
    }
}
