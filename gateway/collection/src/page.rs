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

// === impl Snapshot ===

impl<D: Selectable> Snapshot<D> {
    /// The page that `query` asks for. A page is short only at the end of the list: selection goes on until
    /// it is full. Whether another follows is a matter of keys, not of what is selected of them: it may turn out empty.
    pub fn page(&self, query: &Query<'_, D>) -> Page<D> {
        let scope = query.scope();
        if let Some(page) = self.page_of_one(scope, query) {
            return page;
        }
        let most = if query.limit == 0 { usize::MAX } else { query.limit };
        let mut objects: Vec<Arc<Object<D>>> = Vec::with_capacity(most.min(self.len()));
        let mut range = self.range(scope, query.start);
        for object in range.by_ref().filter_map(|object| query.select(object)) {
            objects.push(object);
            if objects.len() == most {
                break;
            }
        }
        let all = query.labels.is_empty() && query.fields.is_empty();
        let following = if all { range.count() } else { range.take(1).count() } as u64;
        let next = objects.last().filter(|_| following > 0).map(|last| last.key().after());
        Page { objects, next, remaining: Some(following).filter(|following| all && *following > 0) }
    }

    /// `metadata.name=x` from the beginning is a lookup, where only one object can have the name.
    fn page_of_one(&self, scope: Scope<'_>, query: &Query<'_, D>) -> Option<Page<D>> {
        let name = query.fields.name().filter(|_| query.start.is_none())?;
        let found = match scope {
            Scope::Namespace(namespace) => self.get(&Key::new(namespace, name)),
            // In all namespaces there may be several, and none has this key.
            Scope::All => Some(self.get(&Key::new("", name))?),
        };
        let objects = found.into_iter().filter_map(|object| query.select(object)).collect();
        Some(Page { objects, next: None, remaining: None })
    }
}

// === impl Query ===

impl<'a, D: Selectable> Query<'a, D> {
    /// What the list covers: of all namespaces the one that is selected, unless a page is to follow on others.
    fn scope(&self) -> Scope<'a> {
        match (self.scope, self.fields.namespace()) {
            (Scope::All, Some(namespace)) if self.start.is_none() => Scope::Namespace(namespace),
            (scope, _) => scope,
        }
    }

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
