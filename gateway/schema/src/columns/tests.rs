use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_767_323_045;

fn declare<'a>(kind: &'a str, json_path: &'a str) -> ColumnDeclaration<'a> {
    ColumnDeclaration { name: "X", kind, json_path, ..ColumnDeclaration::default() }
}

#[test]
fn cells_show_what_a_crd_shows() {
    let object = json!({
        "metadata": {"name": "one", "creationTimestamp": "2026-01-02T03:00:00Z"},
        "spec": {"count": 3, "share": 1.9, "large": 1e30, "on": true, "list": ["a", {"b": "<"}], "no": null,
                 "text": "hi", "bad": "soon", "zero": "", "items": [{"n": "x"}, {"n": "y"}]},
    });
    let cases = [
        ("string", ".spec.text", json!("hi")),
        ("string", ".spec.count", json!("3")),
        ("string", ".spec.large", json!("1e+30")),
        ("string", ".spec.on", json!("true")),
        ("string", ".spec.list", json!(r#"["a",{"b":"\u003c"}]"#)),
        ("string", ".spec.no", json!("<no value>")),
        ("string", ".spec.absent", json!(null)),
        ("string", ".spec.list[7]", json!(null)),
        ("string", ".spec.items[*].n", json!("x")),
        ("integer", ".spec.count", json!(3)),
        ("integer", ".spec.share", json!(1)),
        ("integer", ".spec.text", json!(null)),
        ("number", ".spec.share", json!(1.9)),
        ("number", ".spec.count", json!(3)),
        ("number", ".spec.on", json!(null)),
        ("boolean", ".spec.on", json!(true)),
        ("boolean", ".spec.text", json!(null)),
        ("date", ".metadata.creationTimestamp", json!("4m5s")),
        ("date", ".spec.bad", json!("<invalid>")),
        ("date", ".spec.zero", json!("<unknown>")),
        ("date", ".spec.count", json!(null)),
        ("date", ".spec.no", json!(null)),
    ];
    for (kind, json_path, expected) in cases {
        let columns = Columns::parse(&[declare(kind, json_path)], &Path::root())
            .unwrap_or_else(|errors| panic!("{json_path}: {errors:?}"));
        let row: Vec<Value> = columns.cells(&object).iter().map(|cell| cell.render(NOW)).collect();
        assert_eq!(row, [json!("one"), expected], "{kind} {json_path}");
    }
}

#[test]
fn cells_of_expressions() {
    let object = json!({
        "metadata": {"name": "one", "creationTimestamp": "2026-01-02T03:00:00Z"},
        "spec": {"count": 3, "share": 1.9, "on": true, "list": ["a", "b"], "no": null, "text": "hi", "map": {"b": 1}},
    });
    let cases = [
        ("string", "object.spec.list.join(',')", json!("a,b")),
        ("string", "object.spec.list", json!(r#"["a","b"]"#)),
        ("string", "object.spec.map", json!(r#"{"b":1}"#)),
        ("string", "object.spec.count + 1", json!("4")),
        ("string", "object.spec.?absent", json!(null)),
        ("string", "object.spec.?absent.orValue('none')", json!("none")),
        ("integer", "object.spec.list.size()", json!(2)),
        ("integer", "object.spec.share * 2.0", json!(3)),
        ("integer", "object.spec.text", json!(null)),
        ("number", "object.spec.share * 2.0", json!(3.8)),
        ("boolean", "object.spec.count > 2 && object.spec.on", json!(true)),
        ("date", "object.metadata.creationTimestamp", json!("4m5s")),
        ("date", "timestamp(object.metadata.creationTimestamp) + duration('60s')", json!("3m5s")),
        ("date", "object.spec.text", json!("<invalid>")),
    ];
    for (kind, expression, expected) in cases {
        let declared = ColumnDeclaration {
            name: "X",
            kind,
            expression: Some(expression),
            ..ColumnDeclaration::default()
        };
        let columns =
            Columns::parse(&[declared], &Path::root()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let row: Vec<Value> = columns.cells(&object).iter().map(|cell| cell.render(NOW)).collect();
        assert_eq!(row, [json!("one"), expected], "{kind} {expression}");
        assert_eq!(columns.failures().report(), (0, None), "{expression}");
        let description = format!("Column of the expression: {expression}");
        assert_eq!(columns.to_json()[1]["description"], description);
    }
}

#[test]
fn expressions_that_fail_leave_their_cells_empty() {
    let declare = |expression| ColumnDeclaration {
        name: "X",
        kind: "string",
        expression: Some(expression),
        ..ColumnDeclaration::default()
    };
    let declared = ["object.spec.text", "object.spec.secret[7]", "object.absent.x"].map(declare);
    let columns = Columns::parse(&declared, &Path::root()).unwrap();
    let object = json!({"metadata": {"name": "n"}, "spec": {"text": "hi", "secret": ["hidden"]}});
    let row: Vec<Value> = columns.cells(&object).iter().map(|cell| cell.render(NOW)).collect();
    assert_eq!(row, [json!("n"), json!("hi"), json!(null), json!(null)]);
    let (count, last) = columns.failures().report();
    let last = last.unwrap();
    assert_eq!((count, last.column), (2, 2));
    assert!(!last.kind.contains("hidden"), "{}", last.kind);
}

#[test]
fn the_cells_of_a_row_share_their_fuel() {
    let list = "object.list.map(a, object.list.map(b, object.list.map(c, a + b + c)).size()).size()";
    let declare = |expression| ColumnDeclaration {
        name: "X",
        kind: "integer",
        expression: Some(expression),
        ..ColumnDeclaration::default()
    };
    let declared: Vec<_> = std::iter::repeat_n(list, 4).map(declare).collect();
    let columns = Columns::parse(&declared, &Path::root()).unwrap();
    let object = json!({"metadata": {"name": "n"}, "list": (0..400).collect::<Vec<_>>()});
    let empty = columns.cells(&object).iter().filter(|cell| **cell == Cell::Value(Value::Null)).count();
    assert_eq!((empty, columns.failures().report().0), (4, 4));
}

#[test]
fn name_comes_first_and_age_is_the_default() {
    let columns = Columns::parse(&[], &Path::root()).expect("the default columns");
    let headers: Vec<_> =
        columns.definitions().iter().map(|column| (column.name.as_str(), column.kind.as_str())).collect();
    assert_eq!(headers, [("Name", "string"), ("Age", "date")]);
    assert_eq!(columns.to_json()[0]["format"], "name");
    assert_eq!(columns.to_json()[1]["description"], AGE_DESCRIPTION);
    let object = json!({"metadata": {"name": "n", "creationTimestamp": null}});
    assert_eq!(columns.cells(&object), [Cell::Value(json!("n")), Cell::Value(Value::Null)]);

    let declared = ColumnDeclaration { priority: 1, format: "int32", ..declare("integer", ".spec.count") };
    let columns = Columns::parse(&[declared], &Path::root()).expect("one column");
    let expected = json!({"name": "X", "type": "integer", "format": "int32", "priority": 1,
        "description": "Custom resource definition column (in JSONPath format): .spec.count"});
    assert_eq!(columns.to_json()[1], expected);
}

#[test]
fn declarations_are_checked_as_in_a_crd() {
    let named = declare("string", ".a");
    let one_of = "must be one of boolean,date,integer,number,string";
    let cases = [
        (ColumnDeclaration { name: "", ..named }, "c[0].name: Required value".to_owned()),
        (declare("", ".a"), format!("c[0].type: Required value: {one_of}")),
        (declare("object", ".a"), format!("c[0].type: Invalid value: \"object\": {one_of}")),
        (
            ColumnDeclaration { format: "name", ..named },
            "c[0].format: Invalid value: \"name\": must be one of byte,date,date-time,double,float,int32,int64,password".to_owned(),
        ),
        (declare("string", ""), "c[0].jsonPath: Required value".to_owned()),
        (
            declare("string", "spec"),
            "c[0].jsonPath: Invalid value: \"spec\": must be a simple json path starting with .".to_owned(),
        ),
        (
            declare("string", ".a[x]"),
            "c[0].jsonPath: Invalid value: \".a[x]\": must be a JSONPath, but isn't: invalid array index x at position 2".to_owned(),
        ),
    ];
    for (declaration, expected) in cases {
        let errors = Columns::parse(&[declaration], &Path::new("c")).expect_err(&expected);
        let texts: Vec<String> = errors.iter().map(Error::to_string).collect();
        assert_eq!(texts, [expected]);
    }
    let many = vec![named; limits::COLUMNS + 1];
    let errors = Columns::parse(&many, &Path::new("c")).expect_err("too many columns");
    assert_eq!(errors[0].to_string(), "c: Too many: 65: must have at most 64 items");
}
