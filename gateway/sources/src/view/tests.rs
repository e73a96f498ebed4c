//! After any sequence of changes the view is what it would be if it were made from scratch.

use std::collections::BTreeMap;

use imbl::OrdMap;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Objects have a `key` list, a `shown` flag and a `name` that may not be their own.
struct Pairs {
    within: bool,
}

fn value(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}

fn keys(object: &[u8]) -> Vec<String> {
    value(object)["keys"].as_array().unwrap().iter().map(Value::to_string).collect()
}

impl Recipe for Pairs {
    type Object = Value;

    fn joins(&self) -> usize {
        1
    }

    fn within_namespace(&self, _: usize) -> bool {
        self.within
    }

    fn object_keys(&self, _: usize, object: &[u8]) -> Vec<String> {
        keys(object)
    }

    fn item_keys(&self, _: usize, item: &[u8]) -> Vec<String> {
        keys(item)
    }

    fn make(&self, object: &Kept, joined: &[Vec<Slim>]) -> Option<(ObjectId, Value)> {
        let object = value(&object.json);
        let items: Vec<_> = joined[0].iter().map(|item| value(item)["id"].clone()).collect();
        let name = ObjectId::new(object["namespace"].as_str()?, object["name"].as_str()?);
        (object["shown"] == true).then(|| (name, json!({"of": object["id"], "items": items})))
    }
}

/// What the sources have.
#[derive(Default)]
struct World {
    primaries: OrdMap<ObjectId, Kept>,
    items: OrdMap<ObjectId, Kept>,
}

impl World {
    /// The view computed without an index.
    fn view(&self, within: bool) -> BTreeMap<ObjectId, Value> {
        let mut view = BTreeMap::new();
        for (id, object) in &self.primaries {
            let joins = |(item_id, item): &(&ObjectId, &Kept)| {
                let in_both = !item_id.namespace.is_empty() && !id.namespace.is_empty();
                (!within || !in_both || item_id.namespace == id.namespace)
                    && keys(&item.json).iter().any(|key| keys(&object.json).contains(key))
            };
            let items: Vec<_> = self.items.iter().filter(joins).map(|(_, item)| item.json.clone()).collect();
            if let Some((name, made)) = (Pairs { within }).make(object, &[items]) {
                view.entry(name).or_insert(made);
            }
        }
        view
    }
}

#[derive(Clone, Debug)]
struct Step {
    primary: bool,
    namespace: u8,
    name: u8,
    /// None: the object goes.
    object: Option<(Vec<u8>, bool, u8)>,
    /// Whether the whole source is listed anew.
    relist: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let object = prop::option::weighted(
        0.75,
        (prop::collection::vec(0u8..4, 0..3), prop::bool::weighted(0.8), 0u8..4),
    );
    (any::<bool>(), 0u8..3, 0u8..4, object, prop::bool::weighted(0.1)).prop_map(
        |(primary, namespace, name, object, relist)| Step { primary, namespace, name, object, relist },
    )
}

fn kept(id: &ObjectId, keys: &[u8], shown: bool, name: u8) -> Kept {
    let object = json!({
        "id": id.to_string(), "keys": keys, "shown": shown, "namespace": *id.namespace, "name": format!("o{name}"),
    });
    Kept { json: object.to_string().into_bytes().into(), revision: 0 }
}

fn apply(engine: &mut Engine<Pairs>, changes: impl IntoIterator<Item = Change>) -> Vec<Output<Value>> {
    let affected = engine.note(changes);
    let mut outputs = Vec::new();
    engine.make(affected, &mut |output| outputs.push(output));
    outputs
}

fn check(steps: &[Step], within: bool) -> Result<(), TestCaseError> {
    let mut engine = Engine::new(Pairs { within });
    let (mut world, mut seen) = (World::default(), BTreeMap::new());
    for step in steps {
        // The first is none.
        let namespace = ["", "n1", "n2"][usize::from(step.namespace)];
        let id = ObjectId::new(namespace, &format!("p{}", step.name));
        let object = step.object.as_ref().map(|(keys, shown, name)| kept(&id, keys, *shown, *name));
        let source = if step.primary { &mut world.primaries } else { &mut world.items };
        match &object {
            Some(object) => source.insert(id.clone(), object.clone()),
            None => source.remove(&id),
        };
        let changes = match (step.relist, step.primary) {
            (true, true) => engine.replacing(None, &world.primaries),
            (true, false) => engine.replacing(Some(0), &world.items),
            (false, true) => vec![Change::Primary(id, object)],
            (false, false) => vec![Change::Item(0, id, object.map(|object| object.json))],
        };
        for output in apply(&mut engine, changes) {
            match output {
                Output::Put(name, made) => drop(seen.insert(name, made)),
                Output::Delete(name) => drop(seen.remove(&name)),
            }
        }
        prop_assert_eq!(&seen, &world.view(within));
    }
    let shown = world.primaries.values().filter(|object| value(&object.json)["shown"] == true).count();
    prop_assert_eq!(engine.hidden(), shown - seen.len());
    Ok(())
}

proptest! {
    #[test]
    fn the_view_is_what_it_would_be_from_scratch(steps in prop::collection::vec(step(), 1..60), within: bool) {
        check(&steps, within)?;
    }
}

#[test]
fn only_what_depends_on_a_change_is_made_anew() {
    let mut engine = Engine::new(Pairs { within: false });
    let primary = |name: u8, key: u8| {
        let id = ObjectId::new("n0", &format!("p{name}"));
        let object = kept(&id, &[key], true, name);
        Change::Primary(id, Some(object))
    };
    apply(&mut engine, [primary(0, 0), primary(1, 1)]);
    let item = ObjectId::new("n1", "i");
    let object = kept(&item, &[1], true, 0).json;
    let outputs = apply(&mut engine, [Change::Item(0, item.clone(), Some(object))]);
    assert_eq!(outputs, [Output::Put(ObjectId::new("n0", "o1"), json!({"of": "n0/p1", "items": ["n1/i"]}))]);
    let outputs = apply(&mut engine, [Change::Item(0, item, None)]);
    assert_eq!(outputs, [Output::Put(ObjectId::new("n0", "o1"), json!({"of": "n0/p1", "items": []}))]);
}
