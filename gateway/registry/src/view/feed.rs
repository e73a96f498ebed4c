//! A view's objects, made of its sources.

use std::sync::Arc;

use imbl::OrdMap;
use serde_json::Value;
use tributary_collection::{Encoded, Key};
use tributary_definition::{Resource as Definition, View};
use tributary_expr::Shape;
use tributary_sources::view::{Change, Engine, ObjectId, Output, Slim};
use tributary_sources::{Stored, Write};

use super::recipe::{Made, ViewRecipe};
use super::state::ViewState;
use crate::resource::Version;
use crate::row::Row;

/// The objects of one view, computed when its sources change.
pub struct ViewFeed {
    definition: Arc<Definition>,
    engine: Engine<ViewRecipe>,
    stored: Arc<Stored<Row>>,
    state: Arc<ViewState>,
    /// For each source whether its first list is complete.
    listed: Vec<bool>,
}

impl ViewFeed {
    /// The feed of a view without objects yet.
    pub(crate) fn new(
        definition: Arc<Definition>,
        view: Arc<View>,
        stored: Arc<Stored<Row>>,
        state: Arc<ViewState>,
    ) -> Self {
        let listed = vec![false; 1 + view.joins.len()];
        let recipe = ViewRecipe::new(definition.clone(), view, state.clone());
        Self { definition, engine: Engine::new(recipe), stored, state, listed }
    }

    /// The view.
    pub fn view(&self) -> &Arc<View> {
        self.engine.recipe().view()
    }

    /// What is known of it.
    pub fn state(&self) -> &Arc<ViewState> {
        &self.state
    }

    /// What is read of the objects of a source, by its place.
    pub fn reads(view: &View, source: usize) -> Option<&Shape> {
        match source.checked_sub(1) {
            None => Some(&view.reads),
            Some(join) => view.joins.get(join).map(|join| &join.reads),
        }
    }

    /// All objects of a source, by its place; the others are gone. As much of them as is read is enough.
    pub fn replace(&mut self, source: usize, objects: &OrdMap<ObjectId, Slim>) {
        if let Some(listed) = self.listed.get_mut(source) {
            *listed = true;
        }
        let changes = self.engine.replacing(source.checked_sub(1), objects);
        self.take(changes);
    }

    /// Changes of a source's objects.
    pub fn apply(&mut self, source: usize, changes: impl IntoIterator<Item = (ObjectId, Option<Slim>)>) {
        self.take(changes.into_iter().map(|(id, object)| match source.checked_sub(1) {
            None => Change::Primary(id, object),
            Some(join) => Change::Item(join, id, object),
        }));
    }

    /// Until every source is listed nothing is computed: a join that is not there yet is not an empty one.
    fn take(&mut self, changes: impl IntoIterator<Item = Change>) {
        let mut affected = self.engine.note(changes);
        if !self.listed.iter().all(|listed| *listed) {
            return;
        }
        if self.state.unready().is_some() {
            affected = self.engine.all();
        }
        let (stored, definition) = (&self.stored, &self.definition);
        self.engine.make(affected, &mut |output| write(stored, definition, output));
        self.state.hides(self.engine.hidden());
        self.state.synced();
    }
}

/// Commits what happens to an object of the view.
fn write(stored: &Stored<Row>, definition: &Definition, output: Output<Made>) {
    let snapshot = stored.snapshot();
    let written = match output {
        Output::Delete(id) => {
            let key = Key::new(&id.namespace, &id.name);
            if snapshot.get(&key).is_none() {
                return;
            }
            stored.set(Write::Delete(key))
        }
        Output::Put(_, Made { fields, guard }) => {
            let Ok(encoded) = Encoded::new(&fields) else { return };
            let current = snapshot.get(encoded.key());
            let same = |current: &Arc<Version>| {
                encoded.same_as(current) && current.derived().guard() == guard.as_ref()
            };
            // What did not change emits nothing. Who may see it is of the object, too.
            if current.is_some_and(same) {
                return;
            }
            let row = Row::new(&Value::Object(fields), definition).with_guard(guard);
            stored.set(Write::Put(encoded, row))
        }
    };
    if let Err(error) = written {
        tracing::error!(%error, "a change of a view is lost");
    }
}
