//! What a change of a source object changes in the view.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::{Index, JoinKey};
use super::object_id::ObjectId;
use super::served::Names;

/// An object of a source, as JSON; as much of it as the view reads.
pub type Slim = Arc<[u8]>;

/// What a view computes.
pub trait Recipe {
    /// An object of the view.
    type Object;

    /// How many joins there are.
    fn joins(&self) -> usize;

    /// Whether only items of the object's own namespace join.
    fn within_namespace(&self, join: usize) -> bool;

    /// The values that have to be equal, of a primary.
    fn object_keys(&self, join: usize, object: &[u8]) -> Vec<String>;

    /// The same of an item.
    fn item_keys(&self, join: usize, item: &[u8]) -> Vec<String>;

    /// The object's place and what is shown there, or none. `joined` has the items of each join, in order.
    fn make(&self, object: &[u8], joined: &[Vec<Slim>]) -> Option<(ObjectId, Self::Object)>;
}

/// What happened to an object of a source.
#[derive(Clone, Debug)]
pub enum Change {
    /// Of the primary.
    Primary(ObjectId, Option<Slim>),
    /// Of the items of a join, by its place among the joins.
    Item(usize, ObjectId, Option<Slim>),
}

/// What happens to an object of the view. An object that is put may be as it was.
#[derive(Debug, PartialEq, Eq)]
pub enum Output<O> {
    /// It is there, like this.
    Put(ObjectId, O),
    /// It is not there, if it ever was.
    Delete(ObjectId),
}

/// The state of one view: its source objects, indexed by what joins them.
#[derive(Debug)]
pub struct Engine<R> {
    recipe: R,
    primaries: BTreeMap<ObjectId, Slim>,
    joins: Vec<Join>,
    names: Names,
}

#[derive(Debug, Default)]
struct Join {
    items: BTreeMap<ObjectId, Slim>,
    items_by_key: Index,
    primaries_by_key: Index,
}

impl<R: Recipe> Engine<R> {
    /// A view of nothing yet.
    pub fn new(recipe: R) -> Self {
        let joins = (0..recipe.joins()).map(|_| Join::default()).collect();
        Self { recipe, primaries: BTreeMap::new(), joins, names: Names::default() }
    }

    /// Applies changes and says what they change in the view, each object once.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) -> Vec<Output<R::Object>> {
        let mut affected = BTreeSet::new();
        for change in changes {
            match change {
                Change::Primary(id, object) => {
                    self.set_primary(&id, object);
                    affected.insert(id);
                }
                Change::Item(join, id, item) => affected.extend(self.set_item(join, &id, item)),
            }
        }
        self.make_anew(affected)
    }

    /// The primary objects that the source has now; all others are gone.
    pub fn replace_primaries(&mut self, objects: BTreeMap<ObjectId, Slim>) -> Vec<Output<R::Object>> {
        let gone: Vec<_> = self.primaries.keys().filter(|id| !objects.contains_key(*id)).cloned().collect();
        let gone = gone.into_iter().map(|id| Change::Primary(id, None));
        self.apply(gone.chain(objects.into_iter().map(|(id, object)| Change::Primary(id, Some(object)))))
    }

    /// The items that the source of a join has now; all others are gone.
    pub fn replace_items(&mut self, join: usize, items: BTreeMap<ObjectId, Slim>) -> Vec<Output<R::Object>> {
        let known = self.joins[join].items.keys();
        let gone: Vec<_> = known.filter(|id| !items.contains_key(*id)).cloned().collect();
        let gone = gone.into_iter().map(|id| Change::Item(join, id, None));
        self.apply(gone.chain(items.into_iter().map(|(id, item)| Change::Item(join, id, Some(item)))))
    }

    /// Everything that is shown, made anew.
    pub fn all(&mut self) -> Vec<Output<R::Object>> {
        self.make_anew(self.primaries.keys().cloned().collect())
    }

    /// What computes.
    pub fn recipe(&self) -> &R {
        &self.recipe
    }

    /// How many primaries are not shown because another one has their name.
    pub fn hidden(&self) -> usize {
        self.names.hidden()
    }

    fn set_primary(&mut self, id: &ObjectId, object: Option<Slim>) {
        for (number, join) in self.joins.iter_mut().enumerate() {
            let keys = object.as_ref().map(|object| self.recipe.object_keys(number, object));
            join.primaries_by_key.set(id, keys_of(&self.recipe, number, id, keys));
        }
        match object {
            Some(object) => self.primaries.insert(id.clone(), object),
            None => self.primaries.remove(id),
        };
    }

    /// The primaries that the item joined, and those that it joins now.
    fn set_item(&mut self, number: usize, id: &ObjectId, item: Option<Slim>) -> BTreeSet<ObjectId> {
        let Some(join) = self.joins.get_mut(number) else { return BTreeSet::new() };
        let keys = item.as_ref().map(|item| self.recipe.item_keys(number, item));
        let keys = keys_of(&self.recipe, number, id, keys);
        let before = join.items_by_key.set(id, keys.clone());
        match item {
            Some(item) => join.items.insert(id.clone(), item),
            None => join.items.remove(id),
        };
        let mut affected = join.primaries_by_key.with_any(&before);
        affected.append(&mut join.primaries_by_key.with_any(&keys));
        affected
    }

    /// Makes the objects of these primaries; of names that they leave or take, what is shown now.
    fn make_anew(&mut self, affected: BTreeSet<ObjectId>) -> Vec<Output<R::Object>> {
        let mut made = BTreeMap::new();
        let mut names = BTreeSet::new();
        for primary in affected {
            let object = self.make(&primary);
            let name = object.as_ref().map(|(name, _)| name.clone());
            names.extend(self.names.give(&primary, name.as_ref()));
            names.extend(name);
            made.insert(primary, object);
        }
        let shown = |name: ObjectId| {
            let Some(owner) = self.names.owner(&name) else { return Output::Delete(name) };
            let object = made.remove(owner).unwrap_or_else(|| self.make(owner));
            match object {
                Some((_, object)) => Output::Put(name, object),
                None => Output::Delete(name),
            }
        };
        names.into_iter().map(shown).collect()
    }

    fn make(&self, primary: &ObjectId) -> Option<(ObjectId, R::Object)> {
        let object = self.primaries.get(primary)?;
        let joined: Vec<Vec<Slim>> = self.joins.iter().map(|join| join.of(primary)).collect();
        self.recipe.make(object, &joined)
    }
}

impl Join {
    /// The items of a primary, in order.
    fn of(&self, primary: &ObjectId) -> Vec<Slim> {
        let items = self.items_by_key.with_any(self.primaries_by_key.keys(primary));
        items.iter().filter_map(|id| self.items.get(id)).cloned().collect()
    }
}

/// The keys of an object that has these values; none of one that is gone.
fn keys_of<R: Recipe>(recipe: &R, join: usize, id: &ObjectId, values: Option<Vec<String>>) -> Vec<JoinKey> {
    let namespace = recipe.within_namespace(join).then_some(&id.namespace);
    JoinKey::all(values.unwrap_or_default(), namespace)
}
