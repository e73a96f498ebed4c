//! How an object of a view is made.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tributary_definition::{NEVER_SHOWN, Resource as Definition, Scope, View};
use tributary_expr::{Bindings, Fuel, Input};
use tributary_schema::names;
use tributary_sources::view::{Kept, ObjectId, Recipe, Slim};
use uuid::Uuid;

use super::state::ViewState;
use crate::metadata;
use crate::visible::Guard;

/// Fuel for all expressions of one object together.
const FUEL: u64 = 1_000_000;

/// The computing part.
pub(super) struct ViewRecipe {
    definition: Arc<Definition>,
    view: Arc<View>,
    state: Arc<ViewState>,
}

/// An object of the view.
pub(super) struct Made {
    pub(super) fields: Map<String, Value>,
    /// Where the view asks whom it is shown to.
    pub(super) guard: Option<Guard>,
    /// That of the primary; 0: none that is a number.
    pub(super) revision: u64,
}

impl ViewRecipe {
    pub(super) fn new(definition: Arc<Definition>, view: Arc<View>, state: Arc<ViewState>) -> Self {
        Self { definition, view, state }
    }

    pub(super) fn view(&self) -> &Arc<View> {
        &self.view
    }

    /// What guards the object, if anything does; none at all if that fails.
    fn guard(&self, bindings: &Bindings<'_>, fuel: &mut Fuel) -> Option<Option<Guard>> {
        let Some(check) = &self.view.visible_if else { return Some(None) };
        let rendered = check.place.render(bindings, fuel);
        for failure in &rendered.failures {
            self.state.failed(&format!("visibleIf.{}", failure.path), failure.kind);
        }
        let place = rendered.value.filter(|_| rendered.failures.is_empty())?;
        let text = |field: &str| match place.get(field) {
            None | Some(Value::Null) => Some(Arc::from("")),
            Some(Value::String(text)) => Some(Arc::from(text.as_str())),
            Some(_) => {
                self.state.failed(&format!("visibleIf.{field}"), "must be a string");
                None
            }
        };
        Some(Some(Guard { namespace: text("namespace")?, name: text("name")? }))
    }

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
        NEVER_SHOWN.iter().for_each(|name| drop(own.remove(*name)));
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
    type Object = Made;

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

    fn make(&self, primary: &Kept, joined: &[Vec<Slim>]) -> Option<(ObjectId, Self::Object)> {
        let object: Value = serde_json::from_slice(&primary.json).ok()?;
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
        let guard = self.guard(&bindings, &mut fuel)?;
        let rendered = self.view.template.render(&bindings, &mut fuel);
        let mut nameless = false;
        for failure in &rendered.failures {
            self.state.failed(&format!("template.{}", failure.path), failure.kind);
            nameless |= matches!(failure.path.as_str(), "metadata" | "metadata.name" | "metadata.namespace");
        }
        if nameless {
            return None;
        }
        let (id, fields) = self.assemble(&object, rendered.value.unwrap_or_else(|| json!({})))?;
        Some((id, Made { fields, guard, revision: primary.revision }))
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
