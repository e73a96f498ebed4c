//! Which primary makes the object of a name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::object_id::ObjectId;

/// The names of the view's objects, and the primaries that would make them: the first one does.
#[derive(Debug, Default)]
pub(super) struct Names {
    candidates: HashMap<ObjectId, BTreeSet<ObjectId>>,
    /// The name that each primary would give.
    given: BTreeMap<ObjectId, ObjectId>,
}

impl Names {
    /// The primary gives its object `name`, or none; returns the name that it gave before, if that is another one.
    pub(super) fn give(&mut self, primary: &ObjectId, name: Option<&ObjectId>) -> Option<ObjectId> {
        let before = match name {
            Some(name) => self.given.insert(primary.clone(), name.clone()),
            None => self.given.remove(primary),
        };
        let left = before.filter(|before| Some(before) != name);
        if let Some(left) = &left
            && let Some(candidates) = self.candidates.get_mut(left)
        {
            candidates.remove(primary);
            if candidates.is_empty() {
                self.candidates.remove(left);
            }
        }
        if let Some(name) = name {
            self.candidates.entry(name.clone()).or_default().insert(primary.clone());
        }
        left
    }

    /// The primary whose object is shown under `name`.
    pub(super) fn owner(&self, name: &ObjectId) -> Option<&ObjectId> {
        self.candidates.get(name)?.first()
    }

    /// The primaries that have given a name.
    pub(super) fn primaries(&self) -> impl Iterator<Item = &ObjectId> {
        self.given.keys()
    }

    /// How many primaries are not shown because another one comes before them.
    pub(super) fn hidden(&self) -> usize {
        self.given.len() - self.candidates.len()
    }
}
