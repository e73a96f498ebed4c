//! A schema with every feature: each is one field of the spec, with examples where values are not made of the schema.

use serde_json::{Map, Value, json};

/// One field of `spec`.
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) schema: Value,
    /// A good value, and good and bad ones; none: they are made of the schema.
    pub(super) examples: Vec<Value>,
}

fn feature(name: &'static str, schema: Value) -> Feature {
    Feature { name, schema, examples: Vec::new() }
}

fn with<const N: usize>(name: &'static str, schema: Value, examples: [Value; N]) -> Feature {
    Feature { name, schema, examples: examples.into() }
}

/// Every field of the spec in v1.
pub(super) fn features() -> Vec<Feature> {
    let mut features = scalars();
    features.extend(formats());
    features.extend(collections());
    features.extend(compositions());
    features.extend(extensions());
    features
}

fn scalars() -> Vec<Feature> {
    vec![
        feature("text", json!({"type": "string", "minLength": 2, "maxLength": 12})),
        feature("long", json!({"type": "string"})),
        with(
            "pattern",
            json!({"type": "string", "pattern": "^[a-z]{2,4}(-[0-9]+)?$"}),
            [json!("ab"), json!("abcd-12"), json!("A"), json!("ab-"), json!("é")],
        ),
        feature("choice", json!({"type": "string", "enum": ["red", "green", ""]})),
        feature("numbered", json!({"type": "integer", "enum": [1, 2, 30]})),
        feature("none", json!({"type": "string", "nullable": true, "enum": ["a", "b"]})),
        feature(
            "mixed",
            json!({"x-kubernetes-preserve-unknown-fields": true, "enum": ["a", 1, {"a": [1.5]}]}),
        ),
        feature("whole", json!({"type": "integer"})),
        feature("small", json!({"type": "integer", "format": "int32", "minimum": -3, "maximum": 7})),
        feature("large", json!({"type": "integer", "format": "int64", "default": 5_000_000_000_i64})),
        feature(
            "steps",
            json!({"type": "integer", "multipleOf": 3, "minimum": 0, "exclusiveMinimum": true,
                "maximum": 30, "exclusiveMaximum": true}),
        ),
        feature("real", json!({"type": "number", "minimum": -1.5, "maximum": 2.5})),
        feature("halves", json!({"type": "number", "multipleOf": 0.5})),
        feature("single", json!({"type": "number", "format": "float"})),
        feature("double", json!({"type": "number", "format": "double", "default": 0.25})),
        feature("flag", json!({"type": "boolean", "default": true})),
        feature("maybe", json!({"type": "string", "nullable": true, "default": "x"})),
        feature("port", json!({"x-kubernetes-int-or-string": true})),
        with(
            "share",
            json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}],
                "pattern": "^[0-9]+%$", "maximum": 100}),
            [json!(7), json!("7%"), json!("7"), json!(101), json!(1.5), json!(null)],
        ),
    ]
}

fn formats() -> Vec<Feature> {
    let text = |name, format, examples: &[&str]| Feature {
        name,
        schema: json!({"type": "string", "format": format}),
        examples: examples.iter().map(|example| json!(example)).collect(),
    };
    vec![
        text("date", "date", &["2020-02-29", "2021-02-29", "2020-1-1", ""]),
        text(
            "dateTime",
            "date-time",
            &["2020-01-01T00:00:00Z", "2020-01-01t00:00:00.5+01:00", "2020-01-01", ""],
        ),
        text("duration", "duration", &["1h2m", "22 ns", "1 week", "abc", "", "-3s"]),
        text("email", "email", &["a@example.com", "A B <a@b.c>", "a@", "@", ""]),
        text("hostname", "hostname", &["example.com", "a_b", "-a.b", "a..b", ""]),
        text("ipv4", "ipv4", &["1.2.3.4", "1.2.3.400", "01.2.3.4", "::1", ""]),
        text("ipv6", "ipv6", &["::1", "1.2.3.4", "::ffff:1.2.3.4", "x", ""]),
        text("cidr", "cidr", &["10.0.0.0/8", "::/0", "10.0.0.0", "10.0.0.1/33", ""]),
        text("mac", "mac", &["00:00:5e:00:53:01", "00-00-5e-00-53-01", "00:00", ""]),
        text("uri", "uri", &["http://a/b?c#d", "a:b", "/rooted", "rel", "http://[::1", ""]),
        text(
            "uuid",
            "uuid",
            &["f47ac10b-58cc-4372-a567-0e02b2c3d479", "F47AC10B58CC4372A5670E02B2C3D479", "x", ""],
        ),
        text(
            "uuid3",
            "uuid3",
            &["f47ac10b-58cc-3372-a567-0e02b2c3d479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"],
        ),
        text(
            "uuid4",
            "uuid4",
            &["f47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b-58cc-3372-a567-0e02b2c3d479"],
        ),
        text(
            "uuid5",
            "uuid5",
            &["f47ac10b-58cc-5372-a567-0e02b2c3d479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"],
        ),
        text("bytes", "byte", &["aGVsbG8=", "aGVsbG8", "a-_b", "%", "", "aGVs\nbG8="]),
        text("secret", "password", &["x", ""]),
        text("isbn", "isbn", &["978-3-16-148410-0", "0-306-40615-2", "0306406152", "123", ""]),
        text("isbn10", "isbn10", &["0-306-40615-2", "9783161484100", ""]),
        text("isbn13", "isbn13", &["978-3-16-148410-0", "0306406152", ""]),
        text("card", "creditcard", &["4111111111111111", "4111-1111-1111-1111", "4111111111111112", ""]),
        text("ssn", "ssn", &["111-22-3333", "111 22 3333", "000-22-3333", "1", ""]),
        text("hexColor", "hexcolor", &["#fff", "#FFFFFF", "fff", "#ggg", ""]),
        text("rgbColor", "rgbcolor", &["rgb(1,2,3)", "rgb(1, 2, 300)", "rgba(1,2,3)", ""]),
        text("objectId", "bsonobjectid", &["507f1f77bcf86cd799439011", "507f", ""]),
        text("unknownFormat", "of-my-own", &["x", ""]),
    ]
}

fn collections() -> Vec<Feature> {
    let part = || {
        json!({"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "minLength": 1},
            "weight": {"type": "integer", "default": 1, "maximum": 9},
            "tags": {"type": "array", "items": {"type": "string"}},
        }})
    };
    vec![
        feature(
            "strings",
            json!({"type": "array", "minItems": 1, "maxItems": 3,
            "items": {"type": "string", "maxLength": 5}}),
        ),
        feature("matrix", json!({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}})),
        feature("holes", json!({"type": "array", "items": {"type": "string", "nullable": true}})),
        feature("parts", json!({"type": "array", "items": part()})),
        feature("listDefault", json!({"type": "array", "items": {"type": "integer"}, "default": [1, 2]})),
        feature(
            "map",
            json!({"type": "object", "minProperties": 1, "maxProperties": 3,
            "additionalProperties": {"type": "string"}}),
        ),
        feature("mapOfParts", json!({"type": "object", "additionalProperties": part()})),
        feature(
            "mapOfLists",
            json!({"type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "number"}}}),
        ),
        feature("part", part()),
        feature(
            "deep",
            json!({"type": "object", "default": {}, "properties": {
                "a": {"type": "object", "default": {"b": {}}, "properties": {
                    "b": {"type": "object", "properties": {"c": {"type": "string", "default": "deep"}}},
                }},
            }}),
        ),
        feature(
            "maybePart",
            json!({"type": "object", "nullable": true, "properties": {
            "x": {"type": "integer", "default": 3}, "y": {"type": "string", "nullable": true}}}),
        ),
    ]
}

fn compositions() -> Vec<Feature> {
    let pair = json!({"a": {"type": "integer"}, "b": {"type": "string"}});
    let examples =
        || [json!({"a": 1}), json!({"b": "x"}), json!({"a": 1, "b": "x"}), json!({}), json!({"a": 9})];
    vec![
        with(
            "all",
            json!({"type": "integer", "allOf": [{"minimum": 2}, {"maximum": 8}, {"multipleOf": 2}]}),
            [json!(4), json!(5), json!(1), json!(9), json!(11)],
        ),
        with(
            "any",
            json!({"type": "object", "properties": pair,
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            examples(),
        ),
        with(
            "one",
            json!({"type": "object", "properties": pair,
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            examples(),
        ),
        with(
            "not",
            json!({"type": "object", "properties": pair,
            "not": {"required": ["a", "b"]}}),
            examples(),
        ),
        with(
            "nested",
            json!({"type": "object", "properties": pair, "allOf": [
            {"anyOf": [{"properties": {"a": {"maximum": 5}}}, {"required": ["b"]}]},
            {"not": {"properties": {"b": {"enum": ["x"]}}, "required": ["b"]}}]}),
            examples(),
        ),
    ]
}

fn extensions() -> Vec<Feature> {
    let embedded = || json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"x": 1}});
    let with_field = |name: &str, value: Value| {
        let mut object = embedded();
        object[name] = value;
        object
    };
    vec![
        feature("anything", json!({"x-kubernetes-preserve-unknown-fields": true})),
        feature("open", json!({"type": "object", "additionalProperties": true})),
        feature(
            "preserved",
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true,
            "properties": {"known": {"type": "integer"}, "closed": {"type": "object"}}}),
        ),
        with(
            "set",
            json!({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}),
            [json!(["a", "b"]), json!(["a", "a"]), json!(["a", "b", "a", "b", "b"]), json!([]), json!([1])],
        ),
        with(
            "numberSet",
            json!({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "number"}}),
            [json!([1, 1.5]), json!([1, 1.0]), json!([1, 1])],
        ),
        with(
            "keyed",
            json!({"type": "array", "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name", "protocol"],
            "items": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "protocol": {"type": "string", "default": "TCP"},
                "port": {"type": "integer"}}}}),
            [
                json!([{"name": "a"}, {"name": "b"}]),
                json!([{"name": "a"}, {"name": "a", "protocol": "UDP"}]),
                json!([{"name": "a"}, {"name": "a", "protocol": "TCP", "port": 1}]),
                json!([{}, {}]),
                json!([]),
            ],
        ),
        feature(
            "atomic",
            json!({"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "string"}}),
        ),
        feature(
            "atomicMap",
            json!({"type": "object", "x-kubernetes-map-type": "atomic",
            "properties": {"x": {"type": "string"}}}),
        ),
        with(
            "embedded",
            json!({"type": "object", "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true}),
            [
                embedded(),
                json!({}),
                with_field("kind", json!("")),
                with_field("apiVersion", json!("a/b/c")),
                with_field("metadata", json!({"name": "Bad_", "labels": {"x": "bad value!"}})),
                with_field("metadata", json!({"name": "p", "unknown": 1})),
                with_field("metadata", json!(1)),
            ],
        ),
        with(
            "embeddedKnown",
            json!({"type": "object", "x-kubernetes-embedded-resource": true,
            "properties": {"spec": {"type": "object", "properties": {"y": {"type": "string"}}}}}),
            [
                embedded(),
                with_field("spec", json!({"y": "z"})),
                with_field("kind", json!(7)),
                with_field("metadata", json!({"labels": {"a": 1}})),
            ],
        ),
    ]
}

/// The schema of a thing in v1.
pub(super) fn schema() -> Value {
    let properties: Map<String, Value> =
        features().into_iter().map(|feature| (feature.name.to_owned(), feature.schema)).collect();
    json!({
        "type": "object",
        "description": "A thing that has everything.",
        "required": ["spec"],
        "properties": {
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}},
            "spec": {"type": "object", "required": ["text"], "properties": properties},
            "extra": {"type": "object", "properties": {"x": {"type": "string", "default": "y"}}},
            "status": status(),
        },
    })
}

pub(super) fn status() -> Value {
    json!({"type": "object", "properties": {
        "replicas": {"type": "integer", "format": "int32", "minimum": 0},
        "selector": {"type": "string"},
        "phase": {"type": "string", "enum": ["Busy", "Idle"]},
        "conditions": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
            "items": {"type": "object", "required": ["type", "status"], "properties": {
                "type": {"type": "string"}, "status": {"type": "string", "enum": ["True", "False"]},
                "since": {"type": "string", "format": "date-time"}}}},
    }})
}
