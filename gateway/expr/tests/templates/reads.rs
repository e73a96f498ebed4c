//! What expressions read: enough that they answer of a slim copy what they answer of the whole.

use serde_json::{Value, json};
use tributary_expr::{Bindings, Environment, Expression, Fuel, Input, Shape, Template};

fn object() -> Value {
    json!({
        "metadata": {"name": "web", "uid": "u", "labels": {"app": "web", "tier": "x"}, "managedFields": ["long"]},
        "spec": {
            "nodeName": "n", "volumes": [{"name": "v"}],
            "containers": [
                {"name": "a", "image": "i", "env": [{"name": "e", "value": "v"}], "ports": [{"port": 1, "x": 2}]},
                {"name": "b", "image": "j", "env": []}
            ]
        },
        "status": {"phase": "Running", "podIPs": [{"ip": "1.2.3.4"}]}
    })
}

fn kept(shape: &Shape) -> Value {
    let kept = shape.keep(&object().to_string()).expect("JSON");
    serde_json::from_slice(&kept).expect("JSON")
}

#[test]
fn only_what_is_read_is_kept() {
    let cases = [
        ("1", None),
        ("object.metadata.name", Some(json!({"metadata": {"name": "web"}}))),
        ("object['metadata'].?uid", Some(json!({"metadata": {"uid": "u"}}))),
        ("has(object.spec.nodeName)", Some(json!({"spec": {"nodeName": "n"}}))),
        ("object.status.phase == 'Running'", Some(json!({"status": {"phase": "Running"}}))),
        ("object.metadata.nope", Some(json!({"metadata": {}}))),
        ("object.metadata.name.nope", Some(json!({"metadata": {"name": "web"}}))),
        ("object.metadata.labels.size()", Some(json!({"metadata": {"labels": {"app": "web", "tier": "x"}}}))),
        (
            "object.metadata.labels.map(k, k)",
            Some(json!({"metadata": {"labels": {"app": "web", "tier": "x"}}})),
        ),
        (
            "object.spec.containers.map(c, c.name)",
            Some(json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}})),
        ),
        ("object.spec.containers.map(c, 1)", Some(json!({"spec": {"containers": [{}, {}]}}))),
        (
            "object.spec.containers.filter(c, c.image == 'i').map(c, c.name)",
            Some(json!({"spec": {"containers": [{"name": "a", "image": "i"}, {"name": "b", "image": "j"}]}})),
        ),
        (
            "object.spec.containers.transformList(i, c, string(i) + c.name)",
            Some(json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}})),
        ),
        (
            "object.spec.containers.map(c, c.?ports.orValue([]).map(p, p.port))",
            Some(json!({"spec": {"containers": [{"ports": [{"port": 1, "x": 2}]}, {}]}})),
        ),
        (
            "object.spec.containers.exists(c, c.env.exists(e, e.name == 'e'))",
            Some(json!({"spec": {"containers": [{"env": [{"name": "e"}]}, {"env": []}]}})),
        ),
        ("object.?status.optMap(s, s.phase)", Some(json!({"status": {"phase": "Running"}}))),
        (
            "object.spec.containers.filter(c, c.image == 'i')[0].name",
            Some(json!({"spec": {"containers": object()["spec"]["containers"]}})),
        ),
        (
            "object.spec.containers[0].name",
            Some(json!({"spec": {"containers": object()["spec"]["containers"]}})),
        ),
        (
            "object.metadata == object.spec",
            Some(json!({"metadata": object()["metadata"], "spec": object()["spec"]})),
        ),
        ("object[object.metadata.name]", Some(object())),
        ("object", Some(object())),
        ("object.map(k, k)", Some(object())),
    ];
    let environment = Environment::new(["object"]);
    for (source, expected) in cases {
        let expression =
            Expression::compile(source, &environment).unwrap_or_else(|error| panic!("{source}: {error}"));
        let kept = expression.reads().variable("object").map(kept);
        assert_eq!(kept, expected, "{source}");
        let answer = |object: &Value| {
            let mut bindings = Bindings::new(&environment);
            bindings.set(&environment, "object", Input::Json(object));
            expression.evaluate(&bindings, &mut Fuel::default()).map_err(|error| error.kind)
        };
        assert_eq!(answer(&kept.unwrap_or_default()), answer(&object()), "{source}");
    }
}

#[test]
fn of_a_part_of_a_template() {
    let environment = Environment::new(["object"]);
    let rows: [(Value, &[&str]); 6] = [
        (json!({"metadata": {"name": "${object.a}", "labels": {"x": "${object.b}"}}}), &["a"]),
        (json!({"metadata": {"name": "x-${object.a}-${object.b}"}}), &["a", "b"]),
        (json!({"metadata": "${object.a}", "spec": "${object.b}"}), &["a"]),
        (json!({"metadata": {"name": {"nested": ["${object.a}"]}}}), &["a"]),
        (json!({"metadata": {"name": "fixed"}, "spec": "${object.b}"}), &[]),
        (json!({"spec": "${object.b}"}), &[]),
    ];
    for (template, expected) in rows {
        let compiled = Template::compile(&template, &environment, "template").expect("sound");
        let reads = compiled.reads_at(&["metadata", "name"]);
        let expected = expected.iter().fold(Shape::default(), |mut all, field| {
            all.merge(&Shape::field(&[field]));
            all
        });
        assert_eq!(reads.variable("object").cloned().unwrap_or_default(), expected, "{template}");
    }
}

#[test]
fn what_others_read_is_added() {
    let environment = Environment::new(["object"]);
    let expression = Expression::compile("object.status.phase", &environment).expect("sound");
    let mut shape = expression.reads().variable("object").cloned().expect("reads");
    shape.merge(&Shape::field(&["metadata", "uid"]));
    assert_eq!(kept(&shape), json!({"metadata": {"uid": "u"}, "status": {"phase": "Running"}}));
    assert!(!shape.is_whole());
    shape.merge(&Shape::field(&[]));
    assert!(shape.is_whole());
}
