//! Who has which key: one kind of index for primaries and joined items alike.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::object_id::ObjectId;

/// The text form of a value that joins.
pub(super) type JoinKey = Arc<str>;

/// Objects by their keys.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: BTreeMap<ObjectId, Vec<JoinKey>>,
    objects: HashMap<JoinKey, BTreeSet<ObjectId>>,
}

impl Index {
    /// Gives an object the keys of `values` and no others; returns those it had.
    pub(super) fn set(&mut self, object: &ObjectId, values: Vec<String>) -> Vec<JoinKey> {
        let before = self.remove(object);
        let mut keys: Vec<JoinKey> = values.into_iter().map(JoinKey::from).collect();
        keys.sort_unstable();
        keys.dedup();
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

    /// The objects that have one of `keys`, each once, in order; with a `namespace`, those in it and those in none.
    pub(super) fn with_any(&self, keys: &[JoinKey], namespace: Option<&Arc<str>>) -> BTreeSet<ObjectId> {
        let objects = keys.iter().filter_map(|key| self.objects.get(key));
        match namespace {
            None => objects.flatten().cloned().collect(),
            Some(namespace) => {
                let near = [Arc::default(), namespace.clone()];
                objects
                    .flat_map(|objects| near.iter().flat_map(|namespace| within(objects, namespace)))
                    .cloned()
                    .collect()
            }
        }
    }
}

fn within<'a>(
    objects: &'a BTreeSet<ObjectId>,
    namespace: &Arc<str>,
) -> impl Iterator<Item = &'a ObjectId> + use<'a> {
    let (first, namespace) =
        (ObjectId { namespace: namespace.clone(), name: Arc::default() }, namespace.clone());
    objects.range(first..).take_while(move |object| object.namespace == namespace)
}
