//! Who has which key: one kind of index for primaries and joined items alike.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::object_id::ObjectId;

/// A key that joins: the text form of a value and, where only one namespace joins, that namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct JoinKey {
    namespace: Option<Arc<str>>,
    value: Arc<str>,
}

/// Objects by their keys.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: BTreeMap<ObjectId, Vec<JoinKey>>,
    objects: HashMap<JoinKey, BTreeSet<ObjectId>>,
}

// === impl JoinKey ===

impl JoinKey {
    /// The keys of an object whose `values` join those of the other side; in one `namespace` only, if given.
    pub(super) fn all(values: Vec<String>, namespace: Option<&Arc<str>>) -> Vec<Self> {
        let key = |value: String| Self { namespace: namespace.cloned(), value: value.into() };
        let mut keys: Vec<_> = values.into_iter().map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

// === impl Index ===

impl Index {
    /// Gives an object these keys and no others; returns those it had.
    pub(super) fn set(&mut self, object: &ObjectId, keys: Vec<JoinKey>) -> Vec<JoinKey> {
        let before = self.remove(object);
        for key in &keys {
            self.objects.entry(key.clone()).or_default().insert(object.clone());
        }
        if !keys.is_empty() {
            self.keys.insert(object.clone(), keys);
        }
        before
    }

    /// Forgets an object; returns the keys it had.
    pub(super) fn remove(&mut self, object: &ObjectId) -> Vec<JoinKey> {
        let keys = self.keys.remove(object).unwrap_or_default();
        for key in &keys {
            let Some(objects) = self.objects.get_mut(key) else { continue };
            objects.remove(object);
            if objects.is_empty() {
                self.objects.remove(key);
            }
        }
        keys
    }

    /// The keys of an object.
    pub(super) fn keys(&self, object: &ObjectId) -> &[JoinKey] {
        self.keys.get(object).map_or(&[], Vec::as_slice)
    }

    /// The objects that have one of `keys`, each once, in order.
    pub(super) fn with_any(&self, keys: &[JoinKey]) -> BTreeSet<ObjectId> {
        keys.iter().filter_map(|key| self.objects.get(key)).flatten().cloned().collect()
    }
}
