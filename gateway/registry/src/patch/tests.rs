use super::*;
use serde_json::json;

fn applied(patch: &Patch, object: Value) -> Result<Value, u16> {
    patch.apply(object).map_err(|status| status.code())
}

fn operations(value: Value) -> Patch {
    Patch::json(Ok(value), FieldValidation::Warn)
}

fn refusal(patch: &Patch) -> (u16, String) {
    let status = patch.apply(json!({})).unwrap_err();
    (status.code(), status.message)
}

#[test]
fn operations_are_those_of_the_reference() {
    let object = json!({"a": {"b": [1, 2]}, "c": "x", "n": null, "~/": 1});
    let with = |field: &str, value: Value| {
        let mut object = object.clone();
        object[field] = value;
        Ok(object)
    };
    for (patch, expected) in [
        (json!([]), Ok(object.clone())),
        (json!(null), Ok(object.clone())),
        (
            json!([{"op": "test", "path": "/c", "value": "x"}, {"op": "replace", "path": "/a/b/0", "value": 3}]),
            with("a", json!({"b": [3, 2]})),
        ),
        (json!([{"op": "test", "path": "/c", "value": "y"}]), Err(422)),
        (json!([{"op": "test", "path": "", "value": object}]), Ok(object.clone())),
        (json!([{"op": "test", "path": "/n"}, {"op": "test", "path": "/none"}]), Ok(object.clone())),
        (json!([{"op": "test", "path": "/a/b/0", "value": 1.0}]), Err(422)),
        (json!([{"op": "test", "path": "/~0~1", "value": 1}]), Ok(object.clone())),
        // Indices are read as Go reads integers, and count from the end when they are negative.
        (json!([{"op": "replace", "path": "/a/b/01", "value": 3}]), with("a", json!({"b": [1, 3]}))),
        (json!([{"op": "replace", "path": "/a/b/-1", "value": 3}]), with("a", json!({"b": [1, 3]}))),
        (json!([{"op": "add", "path": "/a/b/-1", "value": 3}]), with("a", json!({"b": [1, 2, 3]}))),
        (json!([{"op": "add", "path": "/a/b/-", "value": 3}]), with("a", json!({"b": [1, 2, 3]}))),
        (json!([{"op": "add", "path": "/a/b/+1", "value": 3}]), with("a", json!({"b": [1, 3, 2]}))),
        (json!([{"op": "remove", "path": "/a/b/-2"}]), with("a", json!({"b": [2]}))),
        (json!([{"op": "remove", "path": "/a/b/-3"}]), Err(422)),
        (json!([{"op": "replace", "path": "/a/b/2", "value": 3}]), Err(422)),
        (json!([{"op": "add", "path": "/a/b/3", "value": 3}]), Err(422)),
        (json!([{"op": "add", "path": "/a/b/x", "value": 3}]), Err(422)),
        // What an object does not have is null.
        (json!([{"op": "replace", "path": "/d", "value": 1}]), with("d", json!(1))),
        (json!([{"op": "copy", "from": "/d", "path": "/c"}]), with("c", json!(null))),
        (json!([{"op": "add", "path": "/a"}]), with("a", json!(null))),
        (
            json!([{"op": "move", "from": "/n", "path": "/c"}, {"op": "add", "path": "/n"}]),
            with("c", json!(null)),
        ),
        // What comes before the first slash does not matter.
        (json!([{"op": "add", "path": "d/c", "value": 1}]), with("c", json!(1))),
        // The whole can be replaced, and nothing else done to it.
        (json!([{"op": "replace", "path": "", "value": {"b": 1}}]), Ok(json!({"b": 1}))),
        (json!([{"op": "replace", "path": "", "value": [1]}]), Ok(json!([1]))),
        (json!([{"op": "replace", "path": "", "value": "a"}]), Err(422)),
        (json!([{"op": "add", "path": "", "value": {}}]), Err(422)),
        (json!([{"op": "remove", "path": ""}]), Err(422)),
        (json!([{"op": "copy", "from": "", "path": "/d"}]), Err(422)),
        (json!([{"op": "move", "from": "", "path": "/d"}]), Err(422)),
        // What cannot be done.
        (json!([{"op": "remove", "path": "/d"}]), Err(422)),
        (json!([{"op": "odd", "path": "/d"}]), Err(422)),
        (json!([{"path": "/d"}]), Err(422)),
        (json!([{"op": "add", "value": 1}]), Err(422)),
        (json!([{"op": "add", "path": "d", "value": 1}]), Err(422)),
        (json!([{"op": "add", "path": "/c/d", "value": 1}]), Err(422)),
        (json!([{"op": "add", "path": "/n/d", "value": 1}]), Err(422)),
        (json!([{"op": "move", "path": "/d"}]), Err(422)),
        (json!([{"op": "move", "from": "/d", "path": "/c"}]), Err(422)),
        (json!([{"op": "copy", "from": "/d/e", "path": "/d"}]), Err(422)),
        (json!([{"op": "test", "path": "/d", "value": 1}]), Err(422)),
        (json!([null]), Err(422)),
    ] {
        assert_eq!(applied(&operations(patch.clone()), object.clone()), expected, "{patch}");
    }
}

#[test]
fn patches_that_are_none() {
    let strict = |what: &str| (400, format!("error decoding patch: json: cannot unmarshal {what}"));
    let plain = |what: &str| (400, format!("json: cannot unmarshal {what}"));
    let (warn, ignore) = (FieldValidation::Warn, FieldValidation::Ignore);
    for (value, validation, expected) in [
        (json!({"op": "x"}), warn, strict("object into Go value of type []handlers.jsonPatchOp")),
        (json!({"op": "x"}), ignore, plain("object into Go value of type jsonpatch.Patch")),
        (json!([1]), FieldValidation::Strict, strict("number into Go value of type handlers.jsonPatchOp")),
        (json!([1]), ignore, plain("number into Go value of type jsonpatch.Operation")),
        (json!([{"op": 1}]), warn, strict("number into Go struct field jsonPatchOp.op of type string")),
        (
            json!([{"op": 1}]),
            ignore,
            (422, "the server rejected our request due to an error in our request".to_owned()),
        ),
    ] {
        assert_eq!(refusal(&Patch::json(Ok(value.clone()), validation)), expected, "{value}");
    }
    let map = "into Go value of type map[string]interface {}";
    let none = || (400, "Invalid JSON Patch".to_owned());
    for (value, validation, expected) in [
        (json!([]), warn, strict(&format!("array {map}"))),
        (json!(1e30), warn, strict(&format!("number {map}"))),
        (json!(1e30), ignore, none()),
        (json!(null), warn, none()),
        (json!(null), ignore, none()),
    ] {
        assert_eq!(refusal(&Patch::merge(Ok(value.clone()), validation)), expected, "{value}");
    }
    let broken = || Err("broken".to_owned());
    assert_eq!(refusal(&Patch::json(broken(), warn)), (400, "error decoding patch: broken".to_owned()));
    assert_eq!(refusal(&Patch::json(broken(), ignore)), (400, "broken".to_owned()));
    assert_eq!(refusal(&Patch::merge(broken(), warn)), (400, "error decoding patch: broken".to_owned()));
    assert_eq!(refusal(&Patch::merge(broken(), ignore)), none());
    let unknown = json!([{"op": "test", "foo": 1}, 1, {"a": 1, "value": {"b": 1}}]);
    assert_eq!(Patch::unknown_fields(&unknown), ["[0].foo", "[2].a"]);
}

#[test]
fn patches_are_bounded() {
    let object = json!({"a": [[1, 2], "x"], "b": {}});
    let nested = (0..99).fold(json!({}), |inner, _| json!([inner]));
    let deeper = (0..200).flat_map(|_| {
        [
            json!({"op": "add", "path": "/t", "value": {}}),
            json!({"op": "move", "from": "/b", "path": "/t/b"}),
            json!({"op": "move", "from": "/t", "path": "/b"}),
        ]
    });
    let doubling = |from: &str| {
        let twice = json!({"op": "copy", "from": from, "path": "/a/0/-"});
        Value::Array(vec![twice; 40])
    };
    for (patch, code) in [
        (Value::Array(vec![json!({"op": "remove", "path": "/d"}); 10_001]), 413),
        (json!([{"op": "add", "path": "/a/0/-", "value": nested}]), 422),
        (deeper.collect(), 422),
        (doubling("/a/0"), 422),
        (doubling("/a/-2"), 422),
        (doubling("x/a/00"), 422),
    ] {
        assert_eq!(applied(&operations(patch), object.clone()), Err(code));
    }
}

#[test]
fn merge_patches() {
    for (object, patch, merged) in [
        (
            json!({"a": {"b": 1}, "c": 1}),
            json!({"a": {"b": null}, "c": null, "d": {"e": null}}),
            json!({"a": {}, "d": {}}),
        ),
        (json!({}), json!({"a": [{"b": null}, null, [{"c": null}]]}), json!({"a": [{}, null, [{}]]})),
        (json!({"a": [1]}), json!({"a": [{"b": null}]}), json!({"a": [{}]})),
        (json!({"a": null}), json!({"a": {"b": null}}), json!({"a": {}})),
        (json!({"a": 1}), json!({"a": {"b": {"c": null}}}), json!({"a": {"b": {}}})),
        (json!({"a": {}}), json!({"a": [{"b": null}]}), json!({"a": [{"b": null}]})),
        (json!({"a": {}}), json!({"a": "x"}), json!({"a": "x"})),
    ] {
        let applied = applied(&Patch::merge(Ok(patch.clone()), FieldValidation::Warn), object);
        assert_eq!(applied, Ok(merged), "{patch}");
    }
    let list = Patch::merge(Ok(json!([{"a": null}])), FieldValidation::Ignore);
    assert_eq!(applied(&list, json!({"a": 1})), Ok(json!([{}])));
}
