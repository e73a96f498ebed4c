//! Objects and patches that requests carry.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::schema::{Feature, features, status};
use super::values;
use crate::control_plane::parity::normal::GENERATED;

/// JSON pointers that patches of things are about.
const POINTERS: [&str; 24] = [
    "/spec/text",
    "/spec/whole",
    "/spec/choice",
    "/spec/flag",
    "/spec/maybe",
    "/spec/strings",
    "/spec/strings/0",
    "/spec/strings/-",
    "/spec/strings/01",
    "/spec/map/a",
    "/spec/map",
    "/spec/deep/a/b/c",
    "/spec/none/deep",
    "/spec",
    "/metadata/labels/x",
    "/metadata/labels",
    "/metadata/annotations/a~1b",
    "/metadata/name",
    "/metadata/uid",
    "/metadata/resourceVersion",
    "/kind",
    "/unknown",
    "/status/replicas",
    "",
];

/// Makes objects of both resources.
pub(super) struct Objects {
    features: Vec<Feature>,
}

impl Objects {
    pub(super) fn new() -> Self {
        Self { features: features() }
    }

    /// One field of a thing's spec.
    fn field(&self, dice: &mut Dice) -> (String, Value) {
        let feature = &self.features[dice.below(self.features.len())];
        let value = match feature.examples.len() {
            0 => values::of(&feature.schema, dice),
            _ if dice.percent(75) => feature.examples[0].clone(),
            count => feature.examples[dice.below(count)].clone(),
        };
        (feature.name.to_owned(), value)
    }

    /// A thing of `version`.
    pub(super) fn thing(&self, name: &str, version: &str, dice: &mut Dice) -> Value {
        let mut spec = Map::from_iter([("text".to_owned(), json!("text"))]);
        for _ in 0..dice.weighted(&[(3, 0), (4, 1), (3, 2), (2, 4), (1, 12)]) {
            let (name, value) = self.field(dice);
            spec.insert(name, value);
        }
        let mut thing = json!({"apiVersion": format!("{{g}}/{version}"), "kind": "{Thing}", "spec": spec});
        thing["metadata"] = json!({"name": name});
        if dice.percent(10) {
            thing["status"] = values::of(&status(), dice);
        }
        if dice.percent(5) {
            thing["extra"] = json!({});
        }
        if dice.percent(2) {
            thing["spec"]["long"] = json!("{long:150000}");
        }
        thing
    }

    pub(super) fn zone(name: &str, dice: &mut Dice) -> Value {
        let mut zone = json!({"apiVersion": "{g}/v1", "kind": "{Zone}", "metadata": {"name": name}});
        zone["spec"] = values::any(dice);
        zone
    }

    /// Changes an object or merge patch in a way that is allowed.
    pub(super) fn edit(&self, object: &mut Value, dice: &mut Dice) {
        if !object.is_object() {
            return;
        }
        match dice.below(6) {
            0 => object["metadata"]["labels"] = labels(dice),
            1 => object["metadata"]["annotations"] = json!({"a/b": dice.pick(&["", "1", "ü"])}),
            _ => {
                let (name, value) = self.field(dice);
                if object.get("spec").is_none_or(Value::is_object) {
                    object["spec"][name] = value;
                }
            }
        }
    }

    /// A merge patch.
    pub(super) fn merge(&self, dice: &mut Dice) -> Value {
        let mut patch = json!({});
        for _ in 0..1 + dice.below(2) {
            self.edit(&mut patch, dice);
        }
        if dice.percent(20) {
            let (name, _) = self.field(dice);
            patch["spec"][name] = Value::Null;
        }
        if dice.percent(10) {
            patch["status"] = values::of(&status(), dice);
        }
        patch
    }

    /// A JSON patch.
    pub(super) fn operations(&self, dice: &mut Dice) -> Value {
        (0..1 + dice.below(3)).map(|_| self.operation(dice)).collect()
    }

    fn operation(&self, dice: &mut Dice) -> Value {
        let path = match dice.percent(50) {
            true => dice.pick(&POINTERS).to_owned(),
            false => format!("/spec/{}", self.field(dice).0),
        };
        let kinds =
            [(6, "add"), (5, "replace"), (4, "remove"), (2, "test"), (2, "copy"), (2, "move"), (1, "other")];
        let mut operation = json!({"op": dice.weighted(&kinds), "path": path});
        if matches!(operation["op"].as_str(), Some("copy" | "move")) {
            // What only one of the two knows must not become content.
            let from = dice.pick(&POINTERS);
            let known = from.starts_with("/metadata/uid") || from.starts_with("/metadata/resourceVersion");
            operation["from"] = json!(if known { "/spec/text" } else { from });
        } else if operation["op"] != "remove" {
            let field = path.strip_prefix("/spec/").unwrap_or_default();
            let feature = self.features.iter().find(|feature| feature.name == field);
            operation["value"] = match feature {
                Some(feature) if dice.percent(80) => values::of(&feature.schema, dice),
                _ if dice.percent(50) => json!("ab"),
                _ => values::any(dice),
            };
        }
        operation
    }
}

pub(super) fn labels(dice: &mut Dice) -> Value {
    let value = dice.pick(&["1", "2", "", "a.b"]);
    match dice.below(3) {
        0 => json!({"x": value}),
        1 => json!({"x": value, "example.com/y": dice.pick(&["1", "z"])}),
        _ => json!({"y": value}),
    }
}

/// Changes metadata of the object `key`, rightly or wrongly.
pub(super) fn edit_metadata(metadata: &mut Value, key: &str, dice: &mut Dice) {
    let choice = dice.below(22);
    if !metadata.is_object() {
        return;
    }
    let owner = json!([{"apiVersion": "v1", "kind": "Namespace", "name": "default", "uid": "{owner}"}]);
    let (name, value) = match choice {
        0 => ("labels", labels(dice)),
        1 => ("labels", json!({"bad key!": "x", "y": "bad value!"})),
        2 => ("labels", json!({"x": 1})),
        3 => ("annotations", json!({"Bad Key": "x"})),
        4 => ("finalizers", json!(["example.com/hold"])),
        5 => ("finalizers", json!(["example.com/hold", "example.com/more"])),
        6 => ("finalizers", json!(["unqualified", "bad one!"])),
        7 => ("finalizers", json!([])),
        8 => ("ownerReferences", owner),
        9 => ("ownerReferences", json!([{"apiVersion": "v1", "kind": "Pod", "name": "p"}])),
        10 => ("uid", json!(format!("{{uid:{key}}}"))),
        11 => ("uid", json!("mine")),
        12 => ("resourceVersion", json!(format!("{{rv:{key}}}"))),
        13 => ("resourceVersion", json!(dice.pick(&["1", "0", "x", "-1"]))),
        14 => ("generation", json!(99)),
        15 => ("creationTimestamp", json!(dice.pick(&["2020-01-01T00:00:00Z", "yesterday"]))),
        16 => ("deletionTimestamp", json!("2020-01-01T00:00:00Z")),
        17 => ("deletionGracePeriodSeconds", json!(5)),
        18 => ("generateName", json!(dice.pick(&GENERATED))),
        19 => ("selfLink", json!("/somewhere")),
        20 => ("namespace", json!(dice.pick(&["{n}", "{m}", "elsewhere", ""]))),
        _ => ("name", json!(dice.pick(&["Upper", "a_b", "", "other", "a-name-that-is-too-long-for-it"]))),
    };
    metadata[name] = value;
}

/// Bodies that are no objects.
pub(super) const NONSENSE: [&str; 14] = [
    "",
    "{",
    "[]",
    "null",
    "1",
    "\"text\"",
    "{} {}",
    "{\"kind\":1}",
    "{\"a\":tru}",
    "\u{feff}{}",
    "{\"a\":\"\u{1}\"}",
    "a: b\nc: [",
    "- 1\n- 2\n",
    "{\"apiVersion\":\"{g}/v1\",\"kind\":\"{Thing}\",\"metadata\":{\"name\":\"a\"},\"spec\":",
];

/// YAML beyond JSON: `%` is where the name goes.
pub(super) const YAML: [&str; 6] = [
    "apiVersion: {g}/v1\nkind: '{Thing}'\nmetadata: {name: %}\nspec:\n  text: ab\n  anything: {a: yes, b: 0x1F, c: 1e3, d: ~, e: 012, f: 2001-01-01}\n",
    "---\napiVersion: {g}/v1\nkind: '{Thing}'\nmetadata:\n  name: %\nspec: {text: ab, long: >-\n  a\n  b}\n",
    "apiVersion: {g}/v1\nkind: '{Thing}'\nmetadata: {name: %}\nspec: &s\n  text: ab\nextra: {x: *s}\n",
    "apiVersion: {g}/v1\nkind: '{Thing}'\nmetadata: {name: %}\nspec:\n  text: ab\n  text: cd\n",
    "apiVersion: {g}/v1\nkind: '{Thing}'\nmetadata: {name: %}\nspec:\n  text: |\n    a\n  long: \"\\x41\\u00e9\"\n  anything: !!str 1\n",
    "apiVersion: {g}/v1\nkind: '{Thing}'\nmetadata: {name: %}\nspec: {text: ab, anything: {1: a, true: b, 1.5: c, null: d}}\n",
];
