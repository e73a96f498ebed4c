//! Tests of the whole: the example compiles, everything else is refused, the documents are what they should be.

mod compiled;
mod discovery;
mod refusals;

use serde_json::{Value, json};
use tributary_crds::AggregatedApi;

use crate::{Compiled, compile};

/// The example that users apply first.
const EXAMPLE: &str = include_str!("../../../../examples/custom-api.yaml");

/// What of the example the gateway keeps or answers itself: the base that the tests mutate.
pub(crate) fn example() -> Value {
    let mut example: Value = serde_saphyr::from_str(EXAMPLE).expect("the example is YAML");
    let resources = example["spec"]["resources"].as_array_mut().expect("a list");
    resources.retain(|resource| resource["source"].get("view").is_none());
    example
}

/// The example with other values at some places; a place is a JSON pointer, `-` appends to a list, null removes.
pub(crate) fn example_with(changes: &[(&str, Value)]) -> Value {
    let mut definition = example();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let parent = definition.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"));
        match parent {
            Value::Array(items) if key == "-" => items.push(value.clone()),
            Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value.clone(),
            Value::Object(map) if value.is_null() => drop(map.remove(key)),
            Value::Object(map) => drop(map.insert(key.to_owned(), value.clone())),
            other => panic!("{other} has no {key}"),
        }
    }
    definition
}

pub(crate) fn typed(definition: Value) -> AggregatedApi {
    serde_json::from_value(definition).expect("the definition fits the types")
}

pub(crate) fn compiled(changes: &[(&str, Value)]) -> Compiled {
    compile(&typed(example_with(changes))).expect("the definition compiles")
}

/// A resource with one version.
pub(crate) fn resource(name: &str, kind: &str, version: &str) -> Value {
    json!({
        "name": name, "kind": kind, "scope": "Namespaced",
        "versions": [{"name": version}], "source": {"stored": {}},
    })
}
