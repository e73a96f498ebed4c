//! Where an object stands in the order of a collection.

use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// The storage key of an object: `<namespace>/<name>`, or `<name>` where the resource is cluster-scoped.
///
/// Kubernetes lists objects in the bytewise order of their storage keys (apiserver, etcd3 store
/// `GetList`). That is not the order of the pair: `a-b/x` stands before `a/x`, since `-` is less than `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key(Arc<str>);

/// The part of a collection that a list covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope<'a> {
    /// Every object.
    All,
    /// The objects of one namespace.
    Namespace(&'a str),
}

// === impl Key ===

impl Key {
    /// The key of `name` in `namespace`; an empty namespace stands for a cluster-scoped object.
    pub fn new(namespace: &str, name: &str) -> Self {
        if namespace.is_empty() {
            return Self(name.into());
        }
        let mut key = String::with_capacity(namespace.len() + 1 + name.len());
        key.push_str(namespace);
        key.push('/');
        key.push_str(name);
        Self(key.into())
    }

    /// The key as a continue token holds it, read back; nothing is checked, any text is a place in the order.
    pub fn from_token(text: &str) -> Self {
        Self(text.into())
    }

    /// The namespace, empty for a cluster-scoped object. Neither part of a key can hold a slash.
    pub fn namespace(&self) -> &str {
        self.0.split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The whole key, as it is ordered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first place after this key: where the next page starts.
    pub fn after(&self) -> Self {
        Self(format!("{}\0", self.0).into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// === impl Scope ===

impl Scope<'_> {
    /// The keys of this scope that are not before `start`.
    pub(crate) fn bounds(&self, start: Option<&Key>) -> (Bound<Key>, Bound<Key>) {
        let Self::Namespace(namespace) = self else {
            return (start.map_or(Bound::Unbounded, |key| Bound::Included(key.clone())), Bound::Unbounded);
        };
        let first = Key(format!("{namespace}/").into());
        // `0` is the character after `/`.
        let end = Key(format!("{namespace}0").into());
        let first = start.filter(|key| **key > first).cloned().unwrap_or(first);
        if first >= end {
            // A range must not be inverted; a start beyond the namespace (a forged token) selects nothing.
            return (Bound::Included(end.clone()), Bound::Excluded(end));
        }
        (Bound::Included(first), Bound::Excluded(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (namespace, name, text) in [("default", "a", "default/a"), ("", "a", "a")] {
            let key = Key::new(namespace, name);
            assert_eq!((key.namespace(), key.name(), key.as_str()), (namespace, name, text));
        }
    }

    #[test]
    fn order_is_that_of_storage_keys() {
        let mut keys = [Key::new("a", "x"), Key::new("a-b", "a"), Key::new("a", "a"), Key::new("a.b", "a")];
        keys.sort();
        assert_eq!(keys.map(|key| key.to_string()), ["a-b/a", "a.b/a", "a/a", "a/x"]);
    }

    #[test]
    fn after_is_the_next_place() {
        let key = Key::new("", "a");
        assert!(key.after() > key);
        assert!(key.after() < Key::new("", "a-"));
    }
}
