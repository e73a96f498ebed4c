//! Templates as their users see them: what they make, what is left out, what is refused, and what they read.

mod pod_summary;
mod reads;
mod refused;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tributary_expr::{Bindings, Environment, ErrorKind, Fuel, Input, Rendered, Template};

fn environment() -> Environment {
    Environment::new(["object", "events", "request"])
}

fn object() -> Value {
    json!({
        "metadata": {"name": "web", "labels": {"app": "web"}, "generation": 3},
        "spec": {"nodeName": "n1", "ratio": 0.5, "containers": [{"name": "a"}, {"name": "b"}]},
        "status": {"ready": true, "none": null}
    })
}

fn render_with(template: &Value, fuel: &mut Fuel) -> Rendered {
    let environment = environment();
    let compiled = Template::compile(template, &environment, "t").expect("a sound template");
    let (object, events) = (object(), [json!({"reason": "Pulled", "count": 2}), json!({"reason": "Failed"})]);
    let events: Vec<&Value> = events.iter().collect();
    let request = BTreeMap::from([
        ("method", Input::Text("GET")),
        ("time", Input::Timestamp { seconds: 1_795_399_200, nanos: 0 }),
    ]);
    let mut bindings = Bindings::new(&environment);
    bindings
        .set(&environment, "object", Input::Json(&object))
        .set(&environment, "events", Input::List(&events))
        .set(&environment, "request", Input::Object(request));
    compiled.render(&bindings, fuel)
}

fn render(template: &Value) -> Rendered {
    render_with(template, &mut Fuel::default())
}

#[test]
fn templates_make_values_and_texts() {
    let cases = [
        (json!("plain"), json!("plain")),
        (json!({"a": [1, true, null, "x"]}), json!({"a": [1, true, null, "x"]})),
        (json!("${object.metadata.name}"), json!("web")),
        (json!("${object.metadata.generation}"), json!(3)),
        (json!("${object.metadata.labels}"), json!({"app": "web"})),
        (json!("${object.spec.containers.map(c, c.name)}"), json!(["a", "b"])),
        (json!("${object.status.none}"), json!(null)),
        (json!("${object.spec.ratio * 2.0}"), json!(1.0)),
        (json!("${'a'.matches('^a') ? 1u : 2u}"), json!(1)),
        (json!("${b'abc'}"), json!("YWJj")),
        (json!("${request.time}"), json!("2026-11-23T02:00:00Z")),
        (json!("${duration('90m')}"), json!("5400s")),
        (json!("${quantity('1024Mi')}"), json!("1Gi")),
        (json!("${[ip('10.0.0.1'), ip('::1')]}"), json!(["10.0.0.1", "::1"])),
        (json!("${cidr('10.0.0.0/8')}"), json!("10.0.0.0/8")),
        (json!("${semver('1.2.3-a+b')}"), json!("1.2.3-a+b")),
        (json!("${url('https://a/b')}"), json!("https://a/b")),
        (json!("${type(1)}"), json!("int")),
        (json!("${{1: 'a', 2: 'b'}}"), json!({"1": "a", "2": "b"})),
        (json!("${object.metadata.?name}"), json!("web")),
        (json!("task-${object.metadata.name}-${object.metadata.generation}"), json!("task-web-3")),
        (json!("${object.metadata.name}${object.spec.ratio}"), json!("web0.5")),
        (json!("at ${request.time} for ${duration('1.5s')}"), json!("at 2026-11-23T02:00:00Z for 1.5s")),
        (json!(" ${object.metadata.generation} "), json!(" 3 ")),
        (json!("$${object} costs $5"), json!("${object} costs $5")),
        (json!({"${object.metadata.name}": 1}), json!({"${object.metadata.name}": 1})),
        (json!("${events.map(e, e.reason)}"), json!(["Pulled", "Failed"])),
        (json!("${request.method}"), json!("GET")),
    ];
    for (template, expected) in cases {
        let rendered = render(&template);
        assert_eq!(rendered.value, Some(expected), "{template}: {:?}", rendered.failures);
        assert_eq!(rendered.failures, [], "{template}");
    }
}

#[test]
fn keys_without_a_value_and_keys_that_fail_are_left_out() {
    let key = ErrorKind::NoSuchKey;
    let cases: Vec<(Value, Option<Value>, Vec<(&str, ErrorKind)>)> = vec![
        (json!({"a": "${object.?nope}", "b": 1}), Some(json!({"b": 1})), vec![]),
        (json!({"a": "x${object.?nope}", "b": 1}), Some(json!({"b": 1})), vec![]),
        (json!("${object.?nope}"), None, vec![]),
        (json!({"a": "${object.nope}", "b": 1}), Some(json!({"b": 1})), vec![("a", key)]),
        (json!({"a": {"b": "${object.nope}", "c": 1}}), Some(json!({"a": {"c": 1}})), vec![("a.b", key)]),
        (json!({"a": {"x.y/z": "${object.nope}"}}), Some(json!({"a": {}})), vec![("a[x.y/z]", key)]),
        // A list is left out with its key, an element's own key alone.
        (json!({"l": [1, "${object.nope}"], "b": 1}), Some(json!({"b": 1})), vec![("l[1]", key)]),
        (
            json!({"l": [{"n": "${object.nope}", "m": 1}]}),
            Some(json!({"l": [{"m": 1}]})),
            vec![("l[0].n", key)],
        ),
        (json!({"l": ["${object.?nope}", 2]}), Some(json!({"l": [2]})), vec![]),
        (json!("${object.nope}"), None, vec![("", key)]),
        (json!({"a": "${1.0 / 0.0}"}), Some(json!({})), vec![("a", ErrorKind::NotRepresentable)]),
        (json!({"a": "x${object.status.none}"}), Some(json!({})), vec![("a", ErrorKind::NotRepresentable)]),
        (json!({"a": "x${object.spec}"}), Some(json!({})), vec![("a", ErrorKind::NotRepresentable)]),
        (json!({"a": "${lists.range(10000000)}"}), Some(json!({})), vec![("a", ErrorKind::LimitExceeded)]),
        (
            json!({"a": "${1 / (object.metadata.generation - 3)}", "b": "${object.metadata.name + 1}"}),
            Some(json!({})),
            vec![("a", ErrorKind::DivisionByZero), ("b", ErrorKind::NoSuchOverload)],
        ),
        (json!("${{'a': optional.none(), 'b': optional.of(2)}}"), Some(json!({"b": 2})), vec![]),
        (json!("${[optional.none(), optional.of(1)]}"), Some(json!([1])), vec![]),
    ];
    for (template, expected, failures) in cases {
        let rendered = render(&template);
        let failed: Vec<(&str, ErrorKind)> =
            rendered.failures.iter().map(|failure| (failure.path.as_str(), failure.kind)).collect();
        assert_eq!(rendered.value, expected, "{template}");
        assert_eq!(failed, failures, "{template}");
    }
}

#[test]
fn all_expressions_of_an_object_share_its_fuel() {
    let template = json!({"a": "${lists.range(1000).map(x, x).size()}", "b": "${1}"});
    let mut fuel = Fuel::new(1_000);
    let rendered = render_with(&template, &mut fuel);
    assert_eq!(rendered.value, Some(json!({})));
    assert!(rendered.failures.iter().all(|failure| failure.kind == ErrorKind::LimitExceeded));
    assert_eq!(rendered.failures.len(), 2);
    assert_eq!(fuel.left(), 0);
    let mut fuel = Fuel::default();
    let before = fuel.left();
    assert_eq!(render_with(&template, &mut fuel).value, Some(json!({"a": 1000, "b": 1})));
    assert!((3_000..20_000).contains(&(before - fuel.left())), "{}", before - fuel.left());
}
