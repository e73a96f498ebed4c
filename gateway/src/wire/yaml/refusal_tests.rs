//! Errors of sigs.k8s.io/yaml v1.6: each row was compared with it.

use super::decode;

#[test]
fn errors_are_those_of_go() {
    for (text, expected) in [
        ("a: .inf", "json: unsupported value: +Inf"),
        ("a: [-.inf, .nan]", "json: unsupported value: -Inf"),
        ("~: a", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"a\""),
        (
            "null: {b: [1, ~]}",
            "unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}{\"b\":[]interface {}{1, interface {}(nil)}}",
        ),
        (
            "18446744073709551615: a",
            "unsupported map key of type: uint64, key: 0xffffffffffffffff, value: \"a\"",
        ),
        ("[a]: b", "yaml: invalid map key: []interface {}{\"a\"}"),
        ("{a: 1.5}: b", "yaml: invalid map key: map[interface {}]interface {}{\"a\":1.5}"),
        ("<<: 1", "yaml: map merge requires map or sequence of maps as the value"),
        ("a: *x", "yaml: unknown anchor 'x' referenced"),
        ("a: &x [*x]", "yaml: anchor 'x' value contains itself"),
        ("a: !!int x", "yaml: cannot decode !!str `x` as a !!int"),
        ("a: !!binary '?'", "yaml: !!binary value contains invalid base64 data"),
        ("~: a\nb: &x [*x]", "yaml: anchor 'x' value contains itself"),
        ("~: a\nb: [", "yaml: line 2: did not find expected node content"),
        ("a: .inf\n~: b", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"b\""),
        ("a: b: c", "yaml: mapping values are not allowed in this context"),
        ("a:\n  b\n c: d: e", "yaml: line 3: mapping values are not allowed in this context"),
        ("{", "yaml: line 1: did not find expected node content"),
        ("[", "yaml: line 1: did not find expected node content"),
        ("{a", "yaml: line 1: did not find expected ',' or '}'"),
        ("{a:", "yaml: line 1: did not find expected node content"),
        ("[1", "yaml: line 1: did not find expected ',' or ']'"),
        ("\n[1,\n", "yaml: line 2: did not find expected node content"),
        ("{a: b]", "yaml: did not find expected ',' or '}'"),
        ("{\"a\":\"b\n", "yaml: line 2: found unexpected end of stream"),
        ("a: 1\n'b", "yaml: line 2: found unexpected end of stream"),
        ("a: @x", "yaml: found character that cannot start any token"),
        ("\n@", "yaml: line 2: found character that cannot start any token"),
        ("}", "yaml: did not find expected node content"),
        ("a: b\n]", "yaml: line 1: did not find expected key"),
        ("a: b\nc", "yaml: line 3: could not find expected ':'"),
        ("a: b\nc\n\n# d\n e: f", "yaml: line 4: could not find expected ':'"),
        ("a: b\nc: [1] x", "yaml: line 1: did not find expected key"),
        ("- a\nb: c", "yaml: line 1: did not find expected '-' indicator"),
        ("a: b\n- c", "yaml: line 1: did not find expected key"),
        ("a\n\tb: c", "yaml: line 2: mapping values are not allowed in this context"),
        ("a: \"\\q\"", "yaml: found unknown escape character"),
        ("a: \"\\xg0\"", "yaml: did not find expected hexdecimal number"),
        ("a: !x!y z", "yaml: found undefined tag handle"),
        ("&", "yaml: did not find expected alphabetic or numeric character"),
        ("a: |x\n b", "yaml: did not find expected comment or line break"),
        (": a", "yaml: did not find expected key"),
        ("{: a}", "yaml: did not find expected node content"),
        ("%YAML 2.0\n---\na", "yaml: found incompatible YAML document"),
        ("%YAML 1.1\na", "yaml: line 1: did not find expected <document start>"),
        ("a: \u{1}", "yaml: control characters are not allowed"),
        ("\n,", "yaml: line 1: did not find expected node content"),
        ("a: b\n c: d", "yaml: line 2: mapping values are not allowed in this context"),
        ("a: \"\u{85}\"\nb: c: d", "yaml: line 3: mapping values are not allowed in this context"),
        ("a: \"x\u{2028}\"\nb: c: d", "yaml: line 3: mapping values are not allowed in this context"),
        ("a: \"x\u{2028}\"\nb: c\n]", "yaml: line 3: did not find expected key"),
        ("a: \"x\u{2028}\"\nc", "yaml: line 4: could not find expected ':'"),
        ("a: \"\u{2028}", "yaml: line 2: found unexpected end of stream"),
        ("a: \"x\u{2028}\"\n'b", "yaml: line 3: found unexpected end of stream"),
        ("a: \"x\u{2029}\"\n@", "yaml: line 3: found character that cannot start any token"),
        ("a: 'x\u{2028}'\n: a", "yaml: line 2: did not find expected key"),
    ] {
        assert_eq!(decode(text.as_bytes()).unwrap_err().to_string(), expected, "{text:?}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    for (bytes, expected) in [
        (&b"a: \xff"[..], "yaml: invalid leading UTF-8 octet"),
        (b"a: \xe2\x80", "yaml: incomplete UTF-8 octet sequence"),
        (b"a: \xe2 \x80", "yaml: invalid trailing UTF-8 octet"),
        (b"\xc0\x80", "yaml: invalid length of a UTF-8 sequence"),
        (b"\xed\xa0\x80", "yaml: invalid Unicode character"),
        (b"\xf4\x90\x80\x80", "yaml: invalid Unicode character"),
    ] {
        assert_eq!(decode(bytes).unwrap_err().to_string(), expected, "{bytes:?}");
    }
}
