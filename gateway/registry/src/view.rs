//! A view's objects, made of its sources.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};
use tributary_collection::{Encoded, Key};
use tributary_definition::{Resource as Definition, Scope, View};
use tributary_expr::{Bindings, Fuel, Input};
use tributary_schema::names;
use tributary_sources::view::{Change, Engine, ObjectId, Output, Recipe, Slim};
use tributary_sources::{Stored, Write};
use uuid::Uuid;

use crate::metadata;
use crate::row::Row;

/// Fuel for one object: keys, condition and template together (design: 10,000,000 an object, 1,000,000 a call).
const FUEL: u64 = 1_000_000;

/// The objects of one view, computed when its sources change.
pub struct ViewFeed {
    definition: Arc<Definition>,
    engine: Engine<ViewRecipe>,
    stored: Arc<Stored<Row>>,
    state: Arc<ViewState>,
    /// For each source whether its first list is complete.
    listed: Vec<bool>,
}

/// What is known of a view beside its objects.
#[derive(Debug, Default)]
pub struct ViewState {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    synced: bool,
    /// Why sources cannot be read, by their place.
    failures: BTreeMap<usize, String>,
    /// How many evaluations failed since the start, and the last failure: path and kind, never data.
    errors: u64,
    last_error: String,
}

/// The computing part.
struct ViewRecipe {
    definition: Arc<Definition>,
    view: Arc<View>,
    state: Arc<ViewState>,
}

// === impl ViewState ===

impl ViewState {
    /// Why the view cannot be read yet; none if it can.
    pub(crate) fn unready(&self) -> Option<String> {
        let inner = self.lock();
        if inner.synced {
            return None;
        }
        let failures: Vec<_> = inner.failures.values().map(String::as_str).collect();
        Some(if failures.is_empty() { "its sources are being read".to_owned() } else { failures.join("; ") })
    }

    /// A source cannot be read, or can be again.
    pub fn source_failed(&self, source: usize, why: Option<String>) {
        let mut inner = self.lock();
        match why {
            Some(why) => inner.failures.insert(source, why),
            None => inner.failures.remove(&source),
        };
    }

    fn failed(&self, path: &str, kind: impl std::fmt::Display) {
        let mut inner = self.lock();
        inner.errors += 1;
        inner.last_error = format!("{path}: {kind}");
        if inner.errors == 1 {
            tracing::warn!(path, %kind, "an expression of a view failed; further failures are counted only");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl ViewFeed ===

impl ViewFeed {
    /// The feed of a view without objects yet.
    pub(crate) fn new(
        definition: Arc<Definition>,
        view: Arc<View>,
        stored: Arc<Stored<Row>>,
        state: Arc<ViewState>,
    ) -> Self {
        let listed = vec![false; 1 + view.joins.len()];
        let recipe = ViewRecipe { definition: definition.clone(), view, state: state.clone() };
        Self { definition, engine: Engine::new(recipe), stored, state, listed }
    }

    /// The view.
    pub fn view(&self) -> &Arc<View> {
        &self.engine.recipe().view
    }

    /// What is known of it.
    pub fn state(&self) -> &Arc<ViewState> {
        &self.state
    }

    /// What is kept of an object of a source, by its place; none for one that has no name.
    pub fn slim(view: &View, source: usize, object: &Value) -> Option<(ObjectId, Slim)> {
        let text = |field: &str| object.pointer(&format!("/metadata/{field}")).and_then(Value::as_str);
        let id = ObjectId::new(text("namespace").unwrap_or_default(), text("name")?);
        let reads = match source.checked_sub(1) {
            None => &view.reads,
            Some(join) => &view.joins.get(join)?.reads,
        };
        let kept = serde_json::to_vec(&reads.keep(object)).ok()?;
        Some((id, kept.into()))
    }

    /// All objects of a source, by its place; the others are gone.
    pub fn replace(&mut self, source: usize, objects: BTreeMap<ObjectId, Slim>) {
        let outputs = match source.checked_sub(1) {
            None => self.engine.replace_primaries(objects),
            Some(join) => self.engine.replace_items(join, objects),
        };
        if let Some(listed) = self.listed.get_mut(source) {
            *listed = true;
        }
        self.emit(outputs);
    }

    /// Changes of a source's objects.
    pub fn apply(&mut self, source: usize, changes: Vec<(ObjectId, Option<Slim>)>) {
        let outputs =
            self.engine.apply(changes.into_iter().map(|(id, object)| match source.checked_sub(1) {
                None => Change::Primary(id, object),
                Some(join) => Change::Item(join, id, object),
            }));
        self.emit(outputs);
    }

    /// Until every source is listed nothing is shown: a join that is not there yet is not an empty one.
    fn emit(&mut self, outputs: Vec<Output<Map<String, Value>>>) {
        if !self.listed.iter().all(|listed| *listed) {
            return;
        }
        let mut inner = self.state.lock();
        let first = !std::mem::replace(&mut inner.synced, true);
        drop(inner);
        let outputs = if first { self.engine.all() } else { outputs };
        for output in outputs {
            self.write(output);
        }
    }

    fn write(&self, output: Output<Map<String, Value>>) {
        let snapshot = self.stored.snapshot();
        let written = match output {
            Output::Delete(id) => {
                let key = Key::new(&id.namespace, &id.name);
                if snapshot.get(&key).is_none() {
                    return;
                }
                self.stored.set(Write::Delete(key))
            }
            Output::Put(_, fields) => {
                let Ok(encoded) = Encoded::new(&fields) else { return };
                // What did not change emits nothing.
                if snapshot.get(encoded.key()).is_some_and(|current| encoded.same_as(current)) {
                    return;
                }
                let row = Row::new(&Value::Object(fields), &self.definition);
                self.stored.set(Write::Put(encoded, row))
            }
        };
        if let Err(error) = written {
            tracing::error!(%error, "a change of a view is lost");
        }
    }
}

// === impl ViewRecipe ===

impl ViewRecipe {
    fn keys(&self, value: Result<Option<Value>, tributary_expr::EvaluationError>, path: &str) -> Vec<String> {
        match value {
            Ok(Some(Value::Array(values))) => values.iter().map(Value::to_string).collect(),
            Ok(Some(Value::Null) | None) => Vec::new(),
            Ok(Some(value)) => vec![value.to_string()],
            // A failing key joins nothing.
            Err(error) => {
                self.state.failed(path, error.kind);
                Vec::new()
            }
        }
    }

    /// Whether the primary is shown. A failing condition hides it.
    fn shows(&self, bindings: &Bindings<'_>, fuel: &mut Fuel) -> bool {
        let Some(condition) = &self.view.condition else { return true };
        condition.evaluate_bool(bindings, fuel).unwrap_or_else(|error| {
            self.state.failed("where", error.kind);
            false
        })
    }

    /// The rendered object with the metadata that it has unless the template says otherwise.
    fn assemble(&self, object: &Value, rendered: Value) -> Option<(ObjectId, Map<String, Value>)> {
        let Value::Object(mut fields) = rendered else { return None };
        let mut own = Map::new();
        for name in ["name", "labels", "creationTimestamp", "deletionTimestamp", "generation"] {
            if let Some(value) = object["metadata"].get(name) {
                own.insert(name.to_owned(), value.clone());
            }
        }
        if let (Scope::Namespaced, Some(namespace)) =
            (self.definition.scope, object["metadata"].get("namespace"))
        {
            own.insert("namespace".to_owned(), namespace.clone());
        }
        if let Some(Value::Object(given)) = fields.remove("metadata") {
            own.extend(given);
        }
        own.insert("uid".to_owned(), uid(object, &self.definition).into());
        fields.insert("apiVersion".to_owned(), self.definition.api_version().into());
        fields.insert("kind".to_owned(), self.definition.kind.clone().into());
        fields.insert("metadata".to_owned(), Value::Object(own));
        self.definition.schema.prune(&mut fields);
        self.definition.schema.default(&mut fields);
        self.check_metadata(fields)
    }

    /// The object under the name that it is shown by, if that and the rest of its metadata can be served.
    fn check_metadata(&self, mut fields: Map<String, Value>) -> Option<(ObjectId, Map<String, Value>)> {
        let read = metadata::read(&fields, &mut Vec::new());
        let written = read.and_then(|metadata| Ok((metadata::write(&metadata)?, metadata)));
        let Ok((written, metadata)) = written else {
            self.state.failed("metadata", "is none of an object");
            return None;
        };
        let name = metadata.name.as_deref().unwrap_or_default();
        let namespace = metadata.namespace.as_deref().unwrap_or_default();
        let namespaced = self.definition.scope == Scope::Namespaced;
        let placed = if namespaced { names::dns_label(namespace).is_empty() } else { namespace.is_empty() };
        if !placed || !names::path_segment(name).is_empty() || name.is_empty() {
            self.state.failed("metadata", "name or namespace cannot be served");
            return None;
        }
        fields.insert("metadata".to_owned(), written);
        Some((ObjectId::new(namespace, name), fields))
    }
}

impl Recipe for ViewRecipe {
    type Object = Map<String, Value>;

    fn joins(&self) -> usize {
        self.view.joins.len()
    }

    fn within_namespace(&self, join: usize) -> bool {
        self.view.joins.get(join).is_some_and(|join| !join.across_namespaces)
    }

    fn object_keys(&self, join: usize, object: &[u8]) -> Vec<String> {
        let (Some(join), Ok(object)) = (self.view.joins.get(join), serde_json::from_slice(object)) else {
            return Vec::new();
        };
        let environment = View::object_environment();
        let mut bindings = Bindings::new(&environment);
        bindings.set(&environment, "object", Input::Json(&object));
        self.keys(join.object_keys.evaluate(&bindings, &mut Fuel::new(FUEL)), "join.keys.object")
    }

    fn item_keys(&self, join: usize, item: &[u8]) -> Vec<String> {
        let (Some(join), Ok(item)) = (self.view.joins.get(join), serde_json::from_slice(item)) else {
            return Vec::new();
        };
        let environment = View::item_environment();
        let mut bindings = Bindings::new(&environment);
        bindings.set(&environment, "item", Input::Json(&item));
        self.keys(join.item_keys.evaluate(&bindings, &mut Fuel::new(FUEL)), "join.keys.item")
    }

    fn make(&self, object: &[u8], joined: &[Vec<Slim>]) -> Option<(ObjectId, Self::Object)> {
        let object: Value = serde_json::from_slice(object).ok()?;
        let parse = |item: &Slim| serde_json::from_slice::<Value>(item).ok();
        let joined: Vec<Vec<Value>> =
            joined.iter().map(|items| items.iter().filter_map(parse).collect()).collect();
        let lists: Vec<Vec<&Value>> = joined.iter().map(|items| items.iter().collect()).collect();
        let environment = &self.view.environment;
        let mut bindings = Bindings::new(environment);
        bindings.set(environment, "object", Input::Json(&object));
        for (join, items) in self.view.joins.iter().zip(&lists) {
            bindings.set(environment, &join.name, Input::List(items));
        }
        let mut fuel = Fuel::new(FUEL);
        if !self.shows(&bindings, &mut fuel) {
            return None;
        }
        let rendered = self.view.template.render(&bindings, &mut fuel);
        let mut nameless = false;
        for failure in &rendered.failures {
            self.state.failed(&format!("template.{}", failure.path), failure.kind);
            nameless |= matches!(failure.path.as_str(), "metadata" | "metadata.name" | "metadata.namespace");
        }
        if nameless {
            return None;
        }
        self.assemble(&object, rendered.value.unwrap_or_else(|| json!({})))
    }
}

/// A uid of the view's own, the same for the same primary: a UUIDv5 of its uid and of what is served.
fn uid(object: &Value, definition: &Definition) -> String {
    let primary = object["metadata"]["uid"].as_str().unwrap_or_default();
    let served = format!("{}/{}", definition.group, definition.plural);
    match Uuid::parse_str(primary) {
        Ok(primary) => Uuid::new_v5(&primary, served.as_bytes()),
        Err(_) => Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{primary}/{served}").as_bytes()),
    }
    .to_string()
}
