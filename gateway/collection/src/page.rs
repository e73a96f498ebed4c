//! One page of a list.

use std::sync::Arc;

use crate::collection::Snapshot;
use crate::fields::{FieldSelector, Selectable};
use crate::key::{Key, Scope};
use crate::labels::LabelSelector;
use crate::object::{Lens, Object, seen};

/// What a list asks of a snapshot.
pub struct Query<'a, D> {
    /// All namespaces or one.
    pub scope: Scope<'a>,
    /// On metadata.labels.
    pub labels: &'a LabelSelector,
    /// On the object's fields.
    pub fields: &'a FieldSelector,
    /// The first key of the page; absent: from the beginning.
    pub start: Option<&'a Key>,
    /// The most objects; 0: no limit.
    pub limit: usize,
    /// How the objects are seen.
    pub lens: &'a Lens<D>,
}

/// The objects of a page.
#[derive(Debug)]
pub struct Page<D> {
    /// In the order of their keys.
    pub objects: Vec<Arc<Object<D>>>,
    /// Where the next page starts, if there is one.
    pub next: Option<Key>,
    /// How many objects come after this page; known only without selectors, as in Kubernetes.
    pub remaining: Option<u64>,
}

impl<D: Selectable> Snapshot<D> {
    /// The page that `query` asks for. A page is short only at the end of the list: selection goes on until
    /// it is full.
    pub fn page(&self, query: &Query<'_, D>) -> Page<D> {
        if let Some(name) = query.fields.name() {
            return self.page_of_one(query, name);
        }
        let most = if query.limit == 0 { usize::MAX } else { query.limit };
        let mut objects: Vec<Arc<Object<D>>> = Vec::with_capacity(most.min(self.len()));
        let mut range = self.range(query.scope, query.start);
        for object in range.by_ref().filter_map(|object| query.select(object)) {
            objects.push(object);
            if objects.len() == most {
                break;
            }
        }
        if objects.len() < most {
            return Page { objects, next: None, remaining: None };
        }
        if query.labels.is_empty() && query.fields.is_empty() {
            let remaining = range.count() as u64;
            let next = if remaining > 0 { objects.last().map(|last| last.key().after()) } else { None };
            return Page { objects, next, remaining: (remaining > 0).then_some(remaining) };
        }
        let next = if range.any(|object| query.select(object).is_some()) {
            objects.last().map(|last| last.key().after())
        } else {
            None
        };
        Page { objects, next, remaining: None }
    }

    /// `metadata.name=x` within one namespace, or of a cluster-scoped resource, is a lookup.
    fn page_of_one(&self, query: &Query<'_, D>, name: &str) -> Page<D> {
        let candidates: Vec<_> = match query.scope {
            Scope::Namespace(namespace) => self.get(&Key::new(namespace, name)).into_iter().collect(),
            Scope::All => {
                self.range(query.scope, query.start).filter(|object| object.key().name() == name).collect()
            }
        };
        let selected = candidates.into_iter().filter_map(|object| query.select(object));
        let objects =
            selected.filter(|object| query.start.is_none_or(|start| object.key() >= start)).collect();
        Page { objects, next: None, remaining: None }
    }
}

impl<D: Selectable> Query<'_, D> {
    /// The object as it is seen, if it is selected.
    fn select(&self, object: &Arc<Object<D>>) -> Option<Arc<Object<D>>> {
        // Labels are the same in every form.
        if !self.labels.matches(object.labels()) {
            return None;
        }
        let seen = seen(object, self.lens);
        self.fields.matches(&seen).then_some(seen)
    }
}
