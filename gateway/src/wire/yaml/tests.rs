//! What sigs.k8s.io/yaml v1.6 and a custom resource's server make of the same texts: each row was compared with them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

fn read(text: &str) -> Result<Value, String> {
    decode(text.as_bytes()).map(|decoded| decoded.value).map_err(|error| error.to_string())
}

#[test]
fn scalars_are_read_by_yaml_1_1() {
    for (text, expected) in [
        ("yes", json!(true)),
        ("y", json!(true)),
        ("On", json!(true)),
        ("NO", json!(false)),
        ("off", json!(false)),
        ("yep", json!("yep")),
        ("~", json!(null)),
        ("", json!(null)),
        ("''", json!("")),
        ("'yes'", json!("yes")),
        ("0x1f", json!(31)),
        ("010", json!(8)),
        ("0o10", json!(8)),
        ("0b11", json!(3)),
        ("08", json!(8)),
        ("1_000", json!(1000)),
        ("_1", json!("_1")),
        ("+1", json!(1)),
        ("-0", json!(0)),
        ("1e3", json!(1000)),
        ("1.0", json!(1)),
        ("3.", json!(3)),
        (".5", json!(0.5)),
        ("+12e03", json!(12000)),
        ("1e400", json!("1e400")),
        ("0o8", json!("0o8")),
        ("2001-01-01", json!("2001-01-01")),
        ("12:30", json!("12:30")),
        ("<<", json!("<<")),
        ("!!str 1", json!("1")),
        ("!!int '1'", json!(1)),
        ("!!float 1.5", json!(1.5)),
        ("!!bool yes", json!(true)),
        ("!!timestamp 2001-01-01", json!("2001-01-01")),
        ("!!binary aGk=", json!("hi")),
        ("!foo 1", json!("1")),
        ("\"x\u{85}y\"", json!("x y")),
        ("\"x\u{2028}y\"", json!("x\u{2028}y")),
        ("! 1", json!("1")),
        ("|\n  x\n   y\n\n", json!("x\n y\n")),
        (">-\n  x\n  y", json!("x y")),
        ("\"\\x41\\u00e9\\n\"", json!("Aé\n")),
        ("[a, b: c, ]", json!(["a", {"b": "c"}])),
        ("{b, c: 1}", json!({"b": null, "c": 1})),
    ] {
        assert_eq!(read(&format!("a: {text}")), Ok(json!({"a": expected})), "{text}");
    }
}

#[test]
fn documents() {
    for (text, expected) in [
        ("", json!(null)),
        ("# nothing", json!(null)),
        ("--- \na: 1\n---\nb: [", json!({"a": 1})),
        ("[1] x", json!([1])),
        ("%YAML 1.1\n---\na: 1", json!({"a": 1})),
        ("- 1\n- - 2\n  - a: 3\n    b: 4", json!([1, [2, {"a": 3, "b": 4}]])),
        ("1: a\ntrue: b\n1e10: c\n0.1: d", json!({"1": "a", "true": "b", "1e+10": "c", "0.1": "d"})),
        ("a: &x {b: 1}\nc: *x", json!({"a": {"b": 1}, "c": {"b": 1}})),
        ("&x a: &y b\n*x : *y", json!({"a": "b"})),
        ("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  p: 3", json!({"a": {"p": 1, "q": 2}, "b": {"p": 3, "q": 2}})),
        ("p: 3\n<<: {p: 1}", json!({"p": 1})),
        ("<<: [{p: 1}, {p: 2, r: 3}]", json!({"p": 1, "r": 3})),
        ("'<<': {b: 1}", json!({"<<": {"b": 1}})),
        ("[9223372036854775807, 9223372036854775808]", json!([i64::MAX, 9_223_372_036_854_775_808.0])),
    ] {
        assert_eq!(read(text), Ok(expected), "{text}");
    }
}

#[test]
fn duplicates_are_told_by_line() {
    for (text, expected) in [
        ("a: 1\nb: 2", &[][..]),
        ("a: 1\na: 2", &["line 2: key \"a\" already set in map"]),
        (
            "a: {b: 1, b: 2,\n b: 3}\n1: x\n1: y",
            &[
                "line 1: key \"b\" already set in map",
                "line 2: key \"b\" already set in map",
                "line 4: key 1 already set in map",
            ],
        ),
        ("<<: {a: 1}\na: 2", &["line 2: key \"a\" already set in map"]),
        ("a: \"x\u{2028}\"\na: 2", &["line 3: key \"a\" already set in map"]),
        ("a: 'x\u{2029}'\na: 2", &["line 3: key \"a\" already set in map"]),
        ("# \u{2028}\na: 1\na: 2", &["line 4: key \"a\" already set in map"]),
        ("a: \"\u{85}\"\na: 2", &["line 3: key \"a\" already set in map"]),
        ("a: \"\\u0085\\u2028\"\na: 2", &["line 2: key \"a\" already set in map"]),
        ("a: |\n  x\u{85}  y\u{85}b: 1\u{85}b: 2", &["line 5: key \"b\" already set in map"]),
    ] {
        assert_eq!(decode(text.as_bytes()).unwrap().duplicates.texts(), expected, "{text}");
    }
    let many: String = (0..1000).map(|_| "a: 1\n").collect();
    assert_eq!(decode(many.as_bytes()).unwrap().duplicates.texts().len(), 64);
}

/// A text costs no more than JSON of the largest body: neither by what aliases repeat, nor by its form.
#[test]
fn hostile_texts_are_cheap() {
    let laughs = |levels: usize, width: usize| -> String {
        let mut text = "l0: &l0 [x, x]\n".to_owned();
        for level in 1..levels {
            let of = vec![format!("*l{}", level - 1); width].join(", ");
            text += &format!("l{level}: &l{level} [{of}]\n");
        }
        text
    };
    let chain: String = (1..1000).fold("a0: &a0 {x: 1}\n".to_owned(), |text, level| {
        text + &format!("a{level}: &a{level} {{x: *a{}}}\n", level - 1)
    });
    let merges = (1..40).fold("a0: &a0 {x0: 1}\n".to_owned(), |text, level| {
        text + &format!(
            "a{level}: &a{level} {{<<: [{}], x{level}: 1}}\n",
            vec![format!("*a{}", level - 1); 50].join(",")
        )
    });
    let size = 256 << 10;
    let repeated = |unit: &str| unit.repeat(size / unit.len());
    for (name, text, accepted) in [
        ("laughs", laughs(30, 10), false),
        ("wide laughs", laughs(3, 100_000), false),
        ("chain", chain, false),
        ("merges", merges, false),
        ("brackets", repeated("["), false),
        ("braces", repeated("{a: "), false),
        ("dashes", repeated("- "), false),
        ("questions", repeated("? "), false),
        ("anchors", repeated("&a "), true),
        ("tags", repeated("!a "), true),
        ("empty lists", format!("[{}]", repeated("[],")), true),
        ("words", format!("a: {}", repeated("a ")), true),
        ("quotes", format!("a: \"{}\"", repeated("\\n")), true),
        ("lines", repeated("a:\n"), true),
        ("comments", repeated("#\n"), true),
        ("documents", repeated("---\n"), true),
        ("directives", repeated("%A b\n"), false),
        ("colons", repeated(": "), false),
        ("flow keys", format!("{{{}}}", repeated("a: b,")), true),
        ("flow words", format!("[{}]", repeated("a,")), true),
        ("indents", (0..1000).map(|depth| " ".repeat(depth) + "a:\n").collect(), false),
        ("anchored", (0..20_000).map(|at| format!("a{at}: &x{at} [{at}]\n")).collect(), true),
    ] {
        let began = Instant::now();
        let found = decode(text.as_bytes());
        let spent = began.elapsed();
        assert_eq!(found.is_ok(), accepted, "{name}: {:?}", found.err());
        assert!(spent < Duration::from_secs(30), "{name}: {spent:?}");
    }
}

fn written(value: &Value) -> String {
    String::from_utf8(encode(value)).unwrap()
}

#[test]
fn texts_are_quoted_as_go_quotes_them() {
    let words = |count| vec!["word"; count].join(" ");
    for (text, expected) in [
        ("", "\"\""),
        ("a", "a"),
        ("a b", "a b"),
        (" ", "' '"),
        ("true", "\"true\""),
        ("tRue", "tRue"),
        ("on", "\"on\""),
        ("~", "\"~\""),
        ("1", "\"1\""),
        ("1e3", "\"1e3\""),
        ("1e400", "1e400"),
        ("0x1f", "\"0x1f\""),
        ("0o8", "0o8"),
        ("1_000", "\"1_000\""),
        ("_1", "_1"),
        (".", "."),
        (".5", "\".5\""),
        ("-.inf", "\"-.inf\""),
        ("inf", "inf"),
        ("2001-01-01", "\"2001-01-01\""),
        ("2001-02-29", "2001-02-29"),
        ("2001-01-01T1:2:3,5Z", "\"2001-01-01T1:2:3,5Z\""),
        ("2001-01-01  1:2:3.5", "\"2001-01-01  1:2:3.5\""),
        ("2001-01-01 24:00:00", "2001-01-01 24:00:00"),
        ("2001-01-01T00:00:00+25:00", "2001-01-01T00:00:00+25:00"),
        ("12:30", "\"12:30\""),
        ("1:60", "1:60"),
        ("190:20:30.15", "\"190:20:30.15\""),
        ("a: b", "'a: b'"),
        ("a:b", "a:b"),
        ("a:", "'a:'"),
        ("a #b", "'a #b'"),
        ("#a", "'#a'"),
        ("- a", "'- a'"),
        ("-a", "-a"),
        ("---a", "'---a'"),
        ("it's: x", "'it''s: x'"),
        ("a\"b", "a\"b"),
        ("\"a", "'\"a'"),
        ("a\\b", "a\\b"),
        ("<<", "<<"),
        ("a\tb", "\"a\\tb\""),
        ("a\rb", "\"a\\rb\""),
        ("a\nb", "|-\n  a\n  b"),
        ("a\nb\n", "|\n  a\n  b"),
        ("a\n\n", "|+\n  a\n"),
        (" a\nb", "|2-\n   a\n  b"),
        ("a \nb", "\"a \\nb\""),
        ("a\nb ", "\"a\\nb \""),
        ("é\u{a0}", "é\u{a0}"),
        ("\u{1f600}", "\"\\U0001F600\""),
        ("\u{2028}", "'\u{2028}'"),
        ("\t\u{2028}", "\"\\t\\L\""),
        ("\u{1}\u{1b}\0", "\"\\x01\\e\\0\""),
        (&words(18), &format!("{}\n  {}", words(16), words(2))),
        (&format!("{}  {}", words(16), words(2)), &format!("{}  word\n  word", words(16))),
        (&format!(": {}", words(18)), &format!("': {}\n  {}'", words(16), words(2))),
        (&format!("\t{}  {}", words(16), words(2)), &format!("\"\\t{}\n  \\ {}\"", words(16), words(2))),
        (&"x".repeat(200), &"x".repeat(200)),
    ] {
        assert_eq!(written(&json!({"a": text})), format!("a: {expected}\n"), "{text:?}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let texts = ["", " a", "a\n\n b\n", "\u{1f600}: \u{85}", "true", "'\"", "- a", "\t", "a\r\nb", "x: |"];
    let long: Vec<_> =
        (0..200).map(|at| texts[at % texts.len()].to_owned() + &"ab  c ".repeat(at % 40)).collect();
    let value = json!({"texts": texts, "long": long, "deep": [[], {}, [[1.5, null]], {"a": [{"b": texts}]}]});
    assert_eq!(read(&written(&value)), Ok(value));
}

#[test]
fn structure_and_numbers() {
    let key = "k".repeat(129);
    let value = json!({
        "b": [], "a": {}, "list": [[1, [2]], {"x": 1, "y": [true]}, {}, []],
        "a10": 1, "a9": 2, "_": null, "A": 1.5, "": 1e300, "0": -0.25, "a\nb": 1, key.as_str(): {"c": [1]},
        "n": [1_234_567.5, 123_456.5, 0.0001, 0.000_012_5, i64::MIN, 1e19, 1e20, u64::MAX as f64],
    });
    let expected = "\"\": 1e+300\n_: null\n\"0\": -0.25\nA: 1.5\na: {}\n? |-\n  a\n  b\n: 1\na9: 2\na10: 1\nb: []\n? KEY\n: c:\n  - 1\n\
                    list:\n- - 1\n  - - 2\n- x: 1\n  \"y\":\n  - true\n- {}\n- []\n\
                    \"n\":\n- 1.2345675e+06\n- 123456.5\n- 0.0001\n- 1.25e-05\n- -9223372036854775808\n- 10000000000000000000\n- 1e+20\n- 1.8446744073709552e+19\n";
    assert_eq!(written(&value), expected.replace("KEY", &key));
    let mut items = b"items:\n".to_vec();
    encode_item(&mut items, &json!({"a": 1, "b": ["c\n"]}));
    encode_item(&mut items, &json!("x"));
    assert_eq!(String::from_utf8(items).unwrap(), "items:\n- a: 1\n  b:\n  - |\n    c\n- x\n");
}
