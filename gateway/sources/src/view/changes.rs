//! Changes of a source that wait to be taken.

use std::collections::BTreeMap;

use super::object_id::ObjectId;
use super::source::Changed;

/// So many changes wait one by one; more become the last one of each object, so that what waits is bounded by the objects
/// that there are.
const MOST: usize = 10_000;
/// The same of bytes, which a small Pod can spare for each view that falls behind: the objects that there are are kept once
/// for all views, what they were in between is not.
const MOST_BYTES: usize = 16 << 20;

/// Changes in the order in which they came. Of several of one object that follow each other only the last is kept: no state
/// in between is lost that anybody could have seen elsewhere together with a change of another object.
#[derive(Debug, Default)]
pub struct Changes {
    all: Vec<(ObjectId, Changed)>,
    /// What is read of the objects.
    bytes: usize,
    /// How many and how large they may be before they are merged.
    most: usize,
    most_bytes: usize,
    merged: bool,
}

impl Changes {
    /// One more.
    pub fn push(&mut self, id: ObjectId, changed: Changed) {
        self.bytes += size(&changed);
        match self.all.last_mut() {
            Some((last, before)) if *last == id => {
                self.bytes -= size(before);
                *before = changed.after(before);
            }
            _ => self.all.push((id, changed)),
        }
        if self.all.len() > self.most.max(MOST) || self.bytes > self.most_bytes.max(MOST_BYTES) {
            self.merge();
        }
    }

    fn merge(&mut self) {
        self.all = last_of_each(std::mem::take(&mut self.all)).into_iter().collect();
        self.bytes = self.all.iter().map(|(_, changed)| size(changed)).sum();
        // Not again with the next one, where there are so many objects.
        (self.most, self.most_bytes) = (2 * self.all.len(), 2 * self.bytes);
        self.merged = true;
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether they are the last ones of their objects, in no order: what was in between is not known.
    pub fn is_merged(&self) -> bool {
        self.merged
    }

    /// The last change of each object.
    pub fn last_of_each(self) -> BTreeMap<ObjectId, Changed> {
        last_of_each(self.all)
    }
}

impl IntoIterator for Changes {
    type Item = (ObjectId, Changed);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

impl FromIterator<(ObjectId, Changed)> for Changes {
    fn from_iter<I: IntoIterator<Item = (ObjectId, Changed)>>(changes: I) -> Self {
        let mut all = Self::default();
        changes.into_iter().for_each(|(id, changed)| all.push(id, changed));
        all
    }
}

fn size(changed: &Changed) -> usize {
    changed.object.as_ref().map_or(0, |json| json.len())
}

fn last_of_each(changes: Vec<(ObjectId, Changed)>) -> BTreeMap<ObjectId, Changed> {
    let mut last: BTreeMap<ObjectId, Changed> = BTreeMap::new();
    for (id, changed) in changes {
        let changed = match last.get(&id) {
            Some(before) => changed.after(before),
            None => changed,
        };
        last.insert(id, changed);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Slim;

    fn push(changes: &mut Changes, name: &str, revision: u64) {
        changes.push(ObjectId::new("", name), Changed::new(None, revision));
    }

    fn told(changes: Changes) -> Vec<(String, u64, u64)> {
        changes
            .into_iter()
            .map(|(id, changed)| (id.name.to_string(), changed.first, changed.revision))
            .collect()
    }

    #[test]
    fn what_follows_at_once_is_one() {
        let mut changes = Changes::default();
        for (name, revision) in [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("a", 6)] {
            push(&mut changes, name, revision);
        }
        let named = |name: &str, first, revision| (name.to_owned(), first, revision);
        assert_eq!(told(changes), [named("a", 1, 2), named("b", 3, 3), named("a", 4, 6)]);
    }

    #[test]
    fn too_many_bytes_become_the_last_of_each() {
        let mut changes = Changes::default();
        let large: Slim = vec![b' '; MOST_BYTES / 8].into();
        let mut push = |name: &str, revision: u64| {
            changes.push(ObjectId::new("", name), Changed::new(Some(large.clone()), revision));
            (changes.len(), changes.is_merged())
        };
        // What follows at once takes no more.
        (0..20).for_each(|revision| assert_eq!(push("a", revision), (1, false)));
        for revision in 0..7 {
            let count = revision as usize + 2;
            assert_eq!(push(["b", "a"][revision as usize % 2], 20 + revision), (count, false));
        }
        assert_eq!(push("a", 27), (2, true));
    }

    #[test]
    fn too_many_become_the_last_of_each() {
        let mut changes = Changes::default();
        let names = ["a", "b", "c"];
        for revision in 0..=MOST {
            push(&mut changes, names[revision % 3], revision as u64);
        }
        assert!(changes.is_merged());
        assert_eq!(changes.len(), 3);
        // As many objects as that are merged seldom.
        for revision in 0..5 * MOST {
            push(&mut changes, &format!("o{revision}"), revision as u64);
        }
        assert_eq!(changes.len(), 5 * MOST + 3);
        assert_eq!(changes.last_of_each().len(), 5 * MOST + 3);
    }
}
