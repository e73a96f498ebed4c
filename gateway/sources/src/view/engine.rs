//! What a change of a source object changes in the view.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;

use super::index::Index;
use super::object_id::ObjectId;
use super::served::Names;
use super::source::{Kept, Slim};

/// What a view computes.
pub trait Recipe {
    /// An object of the view.
    type Object;

    /// How many joins there are.
    fn joins(&self) -> usize;

    /// Whether only items of the object's own namespace join, where both are in one.
    fn within_namespace(&self, join: usize) -> bool;

    /// The values that have to be equal, of a primary.
    fn object_keys(&self, join: usize, object: &[u8]) -> Vec<String>;

    /// The same of an item.
    fn item_keys(&self, join: usize, item: &[u8]) -> Vec<String>;

    /// The object's place and what is shown there, or none. `joined` has the items of each join, in order.
    fn make(&self, object: &Kept, joined: &[Vec<Slim>]) -> Option<(ObjectId, Self::Object)>;
}

/// What happened to an object of a source.
#[derive(Clone, Debug)]
pub enum Change {
    /// Of the primary.
    Primary(ObjectId, Option<Kept>),
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

/// Primaries whose objects are to be computed.
#[derive(Debug)]
pub struct Affected(BTreeSet<ObjectId>);

/// How many objects are held at once while they are computed.
const TOGETHER: usize = 256;

/// The state of one view: its source objects, indexed by what joins them.
#[derive(Debug)]
pub struct Engine<R> {
    recipe: R,
    primaries: BTreeMap<ObjectId, Kept>,
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

    /// Takes changes over, and says which primaries' objects they touch. Nothing is computed.
    pub fn note(&mut self, changes: impl IntoIterator<Item = Change>) -> Affected {
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
        Affected(affected)
    }

    /// Computes what was touched, and tells it.
    pub fn make(&mut self, affected: Affected, tell: &mut impl FnMut(Output<R::Object>)) {
        let mut affected = affected.0.into_iter().peekable();
        while affected.peek().is_some() {
            self.make_anew(affected.by_ref().take(TOGETHER), tell);
        }
    }

    /// Everything that is shown, and what is shown no more where changes were noted that nobody made.
    pub fn all(&self) -> Affected {
        Affected(self.primaries.keys().chain(self.names.primaries()).cloned().collect())
    }

    /// What changes where the source of the primaries (none) or of a join has these objects and no others.
    pub fn replacing(&self, join: Option<usize>, objects: &OrdMap<ObjectId, Kept>) -> Vec<Change> {
        match join {
            None => {
                let other = |id: &ObjectId| self.primaries.get(id).map(|known| &known.json);
                replaced(self.primaries.keys(), other, objects)
                    .map(|(id, object)| Change::Primary(id, object))
                    .collect()
            }
            Some(number) => {
                let items = &self.joins[number].items;
                replaced(items.keys(), |id| items.get(id), objects)
                    .map(|(id, object)| Change::Item(number, id, object.map(|object| object.json)))
                    .collect()
            }
        }
    }

    /// What computes.
    pub fn recipe(&self) -> &R {
        &self.recipe
    }

    /// How many primaries are not shown because another one has their name.
    pub fn hidden(&self) -> usize {
        self.names.hidden()
    }

    fn set_primary(&mut self, id: &ObjectId, object: Option<Kept>) {
        for (number, join) in self.joins.iter_mut().enumerate() {
            let keys = object.as_ref().map(|object| self.recipe.object_keys(number, &object.json));
            join.primaries_by_key.set(id, keys.unwrap_or_default());
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
        let before = join.items_by_key.set(id, keys.unwrap_or_default());
        match item {
            Some(item) => join.items.insert(id.clone(), item),
            None => join.items.remove(id),
        };
        let near = near(&self.recipe, number, id);
        let mut affected = join.primaries_by_key.with_any(&before, near);
        affected.append(&mut join.primaries_by_key.with_any(join.items_by_key.keys(id), near));
        affected
    }

    /// Makes the objects of these primaries; of names that they leave or take, what is shown now.
    fn make_anew(
        &mut self,
        affected: impl Iterator<Item = ObjectId>,
        tell: &mut impl FnMut(Output<R::Object>),
    ) {
        let mut made = BTreeMap::new();
        let mut names = BTreeSet::new();
        for primary in affected {
            let object = self.made_of(&primary);
            let name = object.as_ref().map(|(name, _)| name.clone());
            names.extend(self.names.give(&primary, name.as_ref()));
            names.extend(name);
            made.insert(primary, object);
        }
        let shown = |name: ObjectId| {
            let Some(owner) = self.names.owner(&name) else { return Output::Delete(name) };
            let object = made.remove(owner).unwrap_or_else(|| self.made_of(owner));
            match object {
                Some((_, object)) => Output::Put(name, object),
                None => Output::Delete(name),
            }
        };
        names.into_iter().map(shown).for_each(tell);
    }

    fn made_of(&self, primary: &ObjectId) -> Option<(ObjectId, R::Object)> {
        let object = self.primaries.get(primary)?;
        let joins = self.joins.iter().enumerate();
        let joined: Vec<Vec<Slim>> =
            joins.map(|(number, join)| join.of(primary, near(&self.recipe, number, primary))).collect();
        self.recipe.make(object, &joined)
    }
}

impl Join {
    /// The items of a primary, in order.
    fn of(&self, primary: &ObjectId, near: Option<&Arc<str>>) -> Vec<Slim> {
        let items = self.items_by_key.with_any(self.primaries_by_key.keys(primary), near);
        items.iter().filter_map(|id| self.items.get(id)).cloned().collect()
    }
}

/// What becomes of objects that are known where there are these.
fn replaced<'a>(
    known: impl Iterator<Item = &'a ObjectId>,
    json: impl Fn(&ObjectId) -> Option<&'a Slim>,
    objects: &'a OrdMap<ObjectId, Kept>,
) -> impl Iterator<Item = (ObjectId, Option<Kept>)> {
    let gone = known.filter(|id| !objects.contains_key(*id)).map(|id| (id.clone(), None));
    let other = objects.iter().filter(move |(id, object)| json(id) != Some(&object.json));
    gone.chain(other.map(|(id, object)| (id.clone(), Some(object.clone()))))
}

/// The namespace in which the other side is looked for; none: everywhere.
fn near<'a, R: Recipe>(recipe: &R, join: usize, id: &'a ObjectId) -> Option<&'a Arc<str>> {
    Some(&id.namespace).filter(|namespace| recipe.within_namespace(join) && !namespace.is_empty())
}
