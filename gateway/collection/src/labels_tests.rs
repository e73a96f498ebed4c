use super::*;

fn matching(selector: &str, labels: &[(&str, &str)]) -> Result<bool, String> {
    let labels = labels.iter().copied().collect();
    LabelSelector::parse(selector)
        .map(|selector| selector.matches(&labels))
        .map_err(|error| error.to_string())
}

#[test]
fn selects() {
    let labels = [("app", "web"), ("n", "5"), ("empty", ""), ("in", "x")];
    for (selector, expected) in [
        ("", true),
        ("app", true),
        ("!app", false),
        ("other", false),
        ("!other", true),
        ("app=web", true),
        ("app==web", true),
        ("app = web , n", true),
        ("app!=web", false),
        ("other!=web", true),
        ("app in (db, web)", true),
        ("app in (db)", false),
        ("app notin (db)", true),
        ("other notin (db)", true),
        ("empty=", true),
        ("empty=,app=web", true),
        ("empty in ()", true),
        ("empty in (,a)", true),
        ("empty in (a,)", true),
        ("app in ()", false),
        ("n>4", true),
        ("n>5", false),
        ("n<6", true),
        ("app>1", false),
        ("in in (x)", true),
        ("in=x", true),
        ("app=web,n notin (5)", false),
        ("!other,app", true),
        ("app\r\n=\tweb", true),
        ("app\0=web", true),
        ("app \0,,", true),
        ("\0,,", true),
    ] {
        assert_eq!(matching(selector, &labels), Ok(expected), "{selector}");
    }
}

#[test]
fn refuses() {
    for (selector, expected) in [
        ("a,", "found '', expected: identifier after ','"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        (
            "a=\x0c",
            "unable to parse requirement: values[0][a]: Invalid value: \"\\f\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ),
        (
            "\x0c",
            "unable to parse requirement: <nil>: Invalid value: \"\\f\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        ),
        ("a\0b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        (
            "n>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
    ] {
        assert_eq!(matching(selector, &[]), Err(expected.to_owned()), "{selector}");
    }
    for selector in ["-a=b", "a=-b", "a/b/c", "!", "=", "a in (x y)", "é=1"] {
        assert!(matching(selector, &[]).is_err(), "{selector}");
    }
}

/// What is neither white space to the lexer nor part of a name.
#[test]
fn other_white_space_is_refused() {
    for space in ["\x0b", "\x0c", "\u{85}", "\u{a0}", "\u{2028}"] {
        for selector in
            [space.to_owned(), format!("a{space}"), format!("a={space}"), format!("a in ({space})")]
        {
            assert!(LabelSelector::parse(&selector).is_err(), "{selector:?}");
        }
    }
}
