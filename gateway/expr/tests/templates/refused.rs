//! Templates and expressions that are refused, and where.

use serde_json::json;
use tributary_expr::{Expression, Template, limits};

use super::environment;

#[test]
fn all_errors_are_told_with_their_places() {
    let template = json!({
        "spec": {"a": "${object.a +}", "b": ["x ${nope} y ${1 + 'a'}", "ok"], "c.d/e": "é ${\n  nope.x}"},
        "open": "a ${object",
        "fine": "${object.a}"
    });
    let errors = Template::compile(&template, &environment(), "spec.template").expect_err("errors");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let expected = [
        "spec.template.open: 1:3: '${' is not closed by '}'",
        "spec.template.spec.a: 1:13: syntax error: unexpected end",
        "spec.template.spec.b[0]: 1:5: undeclared reference to 'nope'",
        "spec.template.spec.b[0]: 1:17: found no matching overload for '_+_' applied to '(int, string)'",
        "spec.template.spec[c.d/e]: 2:3: undeclared reference to 'nope'",
    ];
    assert_eq!(told, expected);
}

#[test]
fn errors_name_what_is_wrong() {
    let long = format!("'{}'", "a".repeat(limits::SOURCE_BYTES));
    let deep = vec!["1"; 300].join("+");
    let cases = [
        ("", "1:1: syntax error: unexpected end"),
        ("1 +", "1:4: syntax error: unexpected end"),
        ("(1", "1:3: syntax error: missing ')' at end"),
        ("a b", "1:3: syntax error: unexpected 'b'"),
        ("'a", "1:1: syntax error: token recognition error at: ''a'"),
        ("nope", "1:1: undeclared reference to 'nope'"),
        ("object.map(x, z)", "1:15: undeclared reference to 'z'"),
        ("nope(1)", "1:5: undeclared reference to 'nope'"),
        ("object.a.nope(1)", "1:14: undeclared reference to 'nope'"),
        ("math.greatest(1, 2)", "1:14: undeclared reference to 'math.greatest'"),
        ("cel.bind(x, 1, x)", "1:9: undeclared reference to 'cel.bind'"),
        ("'a'.size(1)", "1:9: found no matching overload for 'size' applied to 'string.(int)'"),
        ("[1].map(x)", "1:8: macro 'map' does not take 1 arguments here"),
        ("[1].map(x.y, 1)", "1:10: argument must be a simple name"),
        ("[1].map(for, 1)", "1:9: reserved identifier: for"),
        ("[1].all(i, i, true)", "1:12: duplicate variable name: i"),
        ("has(object)", "1:5: invalid argument to has() macro"),
        ("[1, 'a']", "1:5: expected type 'int' but found 'string'"),
        ("{'a': 1, 'b': 'c'}", "1:15: expected type 'int' but found 'string'"),
        ("1 ? 2 : 3", "1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'"),
        ("true && 1", "1:9: expected type 'bool' but found 'int'"),
        ("1.map(x, x)", "1:1: expression of type 'int' cannot be range of a comprehension"),
        ("'a'.b", "1:4: type 'string' does not support field selection"),
        ("timestamp('x')", "1:11: invalid timestamp argument"),
        ("int('x')", "1:5: invalid int argument"),
        ("'a'.matches('(')", "1:13: invalid matches argument: unclosed group"),
        ("'%d'.format(['a'])", "1:14: formatting clause \"d\" does not take values of type 'string'"),
        ("Foo{a: 1}", "1:4: message 'Foo' is not supported by this version"),
        (&long, "1:1: expression is longer than 8192 bytes"),
        (&deep, "expression is nested too deeply"),
        ("\n\n  object.a +\n nope", "4:2: undeclared reference to 'nope'"),
        ("'é' + )", "1:7: syntax error: unexpected ')'"),
        ("'é' +\n 'é' )", "2:6: syntax error: unexpected ')'"),
        ("'é' + nope", "1:7: undeclared reference to 'nope'"),
    ];
    for (source, expected) in cases {
        let error = Expression::compile(source, &environment()).expect_err(source).to_string();
        assert!(
            error == expected || (source.len() > 500 && error.ends_with(expected)),
            "{source:.60}: {error}"
        );
    }
}

#[test]
fn a_template_is_neither_endless_nor_a_flood_of_errors() {
    let deep = (0..100).fold(json!("${nope}"), |inner, _| json!([inner]));
    let errors = Template::compile(&deep, &environment(), "t").expect_err("too deep");
    assert!(errors[0].error.message.contains("nested too deeply"), "{errors:?}");
    let many = json!(vec!["${nope}"; 200]);
    let errors = Template::compile(&many, &environment(), "t").expect_err("errors");
    assert_eq!(errors.len(), limits::TEMPLATE_ERRORS);
}
