//! A view's objects, made of its sources.

use std::sync::Arc;

use serde_json::{Map, Value};
use tributary_collection::{Encoded, Key};
use tributary_definition::{Resource as Definition, View};
use tributary_expr::Shape;
use tributary_sources::view::{Affected, Change, Changed, Changes, Engine, Kept, Listed, ObjectId, Output};
use tributary_sources::{Stored, StoredError, Write};

use super::recipe::{Made, ViewRecipe};
use super::state::ViewState;
use crate::resource::Version;
use crate::row::Row;
use crate::visible::Guard;

/// The objects of one view, computed when its sources change.
pub struct ViewFeed {
    definition: Arc<Definition>,
    engine: Engine<ViewRecipe>,
    stored: Arc<Stored<Row>>,
    state: Arc<ViewState>,
    /// For each source whether its first list is complete.
    listed: Vec<bool>,
    /// Whether the revisions are those of the source. It ends with the first that cannot be one of this view.
    passes: bool,
    /// The view as it was declared before went as far as this: its revisions are not given again.
    newer_than: u64,
    /// Whether those revisions were the source's, which its next ones can be compared with.
    continues: bool,
}

/// What becomes of a write.
type Committed = Result<Arc<Version>, StoredError<Row>>;

impl ViewFeed {
    /// The feed of a view without objects yet. Its revisions are greater than `newer_than`, which were the source's if it
    /// `continues`.
    pub(crate) fn new(
        definition: Arc<Definition>,
        view: Arc<View>,
        stored: Arc<Stored<Row>>,
        state: Arc<ViewState>,
        newer_than: u64,
        continues: bool,
    ) -> Self {
        let listed = vec![false; 1 + view.joins.len()];
        let passes = view.passes_revisions();
        let recipe = ViewRecipe::new(definition.clone(), view, state.clone());
        Self { definition, engine: Engine::new(recipe), stored, state, listed, passes, newer_than, continues }
    }

    /// The view.
    pub fn view(&self) -> &Arc<View> {
        self.engine.recipe().view()
    }

    /// What is known of it.
    pub fn state(&self) -> &Arc<ViewState> {
        &self.state
    }

    /// The first list of a source is to be newer; 0: any will do.
    pub fn newer_than(&self) -> u64 {
        if self.passes && self.continues { self.newer_than } else { 0 }
    }

    /// What is read of the objects of a source, by its place.
    pub fn reads(view: &View, source: usize) -> Option<&Shape> {
        match source.checked_sub(1) {
            None => Some(&view.reads),
            Some(join) => view.joins.get(join).map(|join| &join.reads),
        }
    }

    /// All objects of a source, by its place; the others are gone. As much of them as is read is enough.
    pub fn replace(&mut self, source: usize, all: &Listed) {
        if let Some(listed) = self.listed.get_mut(source) {
            *listed = true;
        }
        let changes = self.engine.replacing(source.checked_sub(1), &all.objects);
        if !self.passes {
            return self.take(changes);
        }
        let affected = self.engine.note(changes);
        let served = self.stored.snapshot().revision();
        let mut same = self.state.is_synced() && served <= all.revision;
        if same {
            let (stored, definition) = (&self.stored, &self.definition);
            self.engine.make(affected, &mut |output| same &= written(stored, definition, output).is_none());
        }
        if same {
            // Another process may have told of what happened meanwhile and is undone by now.
            self.stored.skip(served + 1..all.revision);
            self.stored.reach(all.revision);
        } else {
            self.load(all.revision);
        }
    }

    /// Changes of a source's objects, and how far it has come with them.
    pub fn apply(&mut self, source: usize, changes: Changes, reached: u64) {
        let of_source = |(id, changed)| change(source, id, changed);
        if !self.passes {
            return self.take(changes.last_of_each().into_iter().map(of_source));
        }
        let synced = self.state.is_synced();
        let mut last = if synced { self.stored.snapshot().revision() } else { 0 };
        // What was merged has states that no other process has had: only all of it together is one.
        let merged = changes.is_merged();
        let changes: Vec<_> = changes.into_iter().collect();
        let in_order = changes
            .iter()
            .all(|(_, changed)| changed.revision > std::mem::replace(&mut last, changed.revision));
        if !synced || merged || !in_order {
            let last = changes.iter().map(|(_, changed)| changed.revision).max().unwrap_or_default();
            drop(self.engine.note(changes.into_iter().map(of_source)));
            // What comes before the first list is part of it.
            if self.listed.iter().all(|listed| *listed) {
                self.load(last.max(reached));
            }
            return;
        }
        changes.iter().for_each(|(_, changed)| self.stored.skip(changed.first..changed.revision));
        for (id, changed) in changes {
            self.pass(changed.revision, change(source, id, changed));
        }
        self.stored.reach(reached);
        self.computed();
    }

    /// Takes changes over with revisions of the view's own. Until every source is listed nothing is computed: a join that
    /// is not there yet is not an empty one.
    fn take(&mut self, changes: impl IntoIterator<Item = Change>) {
        let mut affected = self.engine.note(changes);
        if !self.listed.iter().all(|listed| *listed) {
            return;
        }
        if !self.state.is_synced() {
            affected = self.engine.all();
        }
        self.commit(affected, |stored, write| stored.set(write));
        self.computed();
    }

    /// Commits what one change does, at its revision. It is one object at the most: its name depends on nothing that changes.
    fn pass(&mut self, revision: u64, change: Change) {
        let affected = self.engine.note([change]);
        self.commit(affected, |stored, write| stored.pass(revision, write));
    }

    /// Computes what was touched, and commits what differs.
    fn commit(&mut self, affected: Affected, commit: impl Fn(&Stored<Row>, Write<Row>) -> Committed) {
        let (stored, definition) = (&self.stored, &self.definition);
        self.engine.make(affected, &mut |output| {
            let Some(write) = written(stored, definition, output) else { return };
            match commit(stored, write) {
                // Another definition of the view is in force already.
                Ok(_) | Err(StoredError::Closed) => {}
                Err(error) => tracing::error!(%error, "a change of a view is lost"),
            }
        });
    }

    /// Puts what the source has at a revision in the place of all that was served: whoever watches is expired, as those are
    /// of an API server that has read anew.
    fn load(&mut self, revision: u64) {
        let synced = self.state.is_synced();
        let served = if synced { self.stored.snapshot().revision() } else { 0 };
        let told = if are_comparable(revision, self.newer_than) { self.newer_than } else { 0 };
        if revision > served.max(told) {
            let objects = self.made();
            let own = |own: u64| if (1..revision).contains(&own) { own } else { revision };
            self.stored.load(revision, objects.into_iter().map(|(of, object, row)| (own(of), object, row)));
            return self.computed();
        }
        if !synced && revision > 0 && self.state.is_shared() {
            // The other processes wait for the same.
            return self.state.waits(revision, told);
        }
        tracing::warn!(revision, served, "a source's revisions cannot be passed on: the view has its own");
        self.passes = false;
        self.state.has_own_revisions();
        let objects = self.made();
        self.stored.load_anew(objects.into_iter().map(|(_, object, row)| (object, row)));
        self.computed();
    }

    /// Every object, with the revision of what it is made of.
    fn made(&mut self) -> Vec<(u64, Encoded, Row)> {
        let (mut objects, definition) = (Vec::new(), &self.definition);
        self.engine.make(self.engine.all(), &mut |output| {
            if let Output::Put(_, Made { fields, guard, revision }) = output
                && let Ok(encoded) = Encoded::new(&fields)
            {
                objects.push((revision, encoded, row(fields, guard, definition)));
            }
        });
        objects
    }

    fn computed(&self) {
        self.state.hides(self.engine.hidden());
        self.state.synced();
    }
}

/// Whether both are revisions of a source, or both were given by a process: those are microseconds since 1970, where no
/// source comes that counts its changes. Between the two nothing is missed: who comes with the other kind is refused.
pub(crate) fn are_comparable(one: u64, other: u64) -> bool {
    const GIVEN: u64 = 1 << 50;
    (one < GIVEN) == (other < GIVEN)
}

fn change(source: usize, id: ObjectId, Changed { object, revision, .. }: Changed) -> Change {
    match source.checked_sub(1) {
        None => Change::Primary(id, object.map(|json| Kept { json, revision })),
        Some(join) => Change::Item(join, id, object),
    }
}

fn row(fields: Map<String, Value>, guard: Option<Guard>, definition: &Definition) -> Row {
    Row::new(&Value::Object(fields), definition).with_guard(guard)
}

/// What is written for what happens to an object of the view; none, if it is as it was.
fn written(stored: &Stored<Row>, definition: &Definition, output: Output<Made>) -> Option<Write<Row>> {
    let snapshot = stored.snapshot();
    match output {
        Output::Delete(id) => {
            let key = Key::new(&id.namespace, &id.name);
            snapshot.get(&key)?;
            Some(Write::Delete(key))
        }
        Output::Put(_, Made { fields, guard, .. }) => {
            let encoded = Encoded::new(&fields).ok()?;
            let current = snapshot.get(encoded.key());
            let same = |current: &Arc<Version>| {
                encoded.same_as(current) && current.derived().guard() == guard.as_ref()
            };
            // What did not change emits nothing. Who may see it is of the object, too.
            if current.is_some_and(same) {
                return None;
            }
            Some(Write::Put(encoded, row(fields, guard, definition)))
        }
    }
}
