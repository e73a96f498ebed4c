use super::*;

fn matching(selector: &str, labels: &[(&str, &str)]) -> Result<bool, String> {
    let labels = labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
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
