//! From what a durable log has to a Collection.

use std::collections::BTreeMap;
use std::mem::take;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use tributary_collection::{Change, ChangeKind, Collection, Key, Object};
use tributary_durable::{Contents, Past, Reader, Version};

use super::Applied;

/// Makes objects of what was written.
pub trait Restore<D>: Send + Sync {
    /// The objects follow.
    fn begin(&mut self);

    /// The object of a version that was written; none of one that cannot be read.
    fn object(&self, version: &Version) -> Option<Object<D>>;

    /// All of them are in the collection.
    fn end(&mut self, collection: &Collection<D>);
}

/// Reads what a log has, and puts it into its collection.
pub(super) struct Restoring<D, R> {
    applied: Arc<Applied<D>>,
    restore: R,
    objects: BTreeMap<Key, Arc<Object<D>>>,
}

impl<D, R> Restoring<D, R> {
    pub(super) fn new(applied: Arc<Applied<D>>, restore: R) -> Self {
        Self { applied, restore, objects: BTreeMap::new() }
    }
}

impl<D, R> Reader for Restoring<D, R>
where
    D: Clone + Send + Sync,
    R: Restore<D>,
{
    fn begin(&mut self) {
        self.objects.clear();
        self.restore.begin();
    }

    fn objects(&mut self, part: Vec<(String, Version)>) {
        // Reading one object takes more time than fetching it: every processor reads some.
        let restore = &self.restore;
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let made = thread::scope(|scope| {
            let some = part.chunks(part.len().div_ceil(workers).max(1));
            let readers: Vec<_> = some.map(|some| scope.spawn(|| read(restore, some))).collect();
            readers.into_iter().flat_map(|reader| reader.join().unwrap_or_default()).collect::<Vec<_>>()
        });
        self.objects.extend(made.into_iter().map(|object| (object.key().clone(), object)));
    }

    fn finish(&mut self, contents: Contents) {
        let Contents { revision, floor, history } = contents;
        let changes: Vec<_> = history.iter().filter_map(|past| self.change(past)).collect();
        let objects = take(&mut self.objects).into_values();
        self.applied.collection.restore(revision, floor, objects, changes);
        self.restore.end(&self.applied.collection);
        self.applied.restored.send_replace(true);
        self.applied.committed.send_replace(revision);
    }
}

impl<D: Clone, R: Restore<D>> Restoring<D, R> {
    fn change(&self, past: &Past) -> Option<Change<D>> {
        let object = |version: &Version| self.restore.object(version).map(Arc::new);
        let current = self.objects.get(&Key::from_token(&past.key));
        let after = match &past.after {
            Some(after) => Some(object(after)?),
            None => current.filter(|current| current.revision() == past.revision).cloned(),
        };
        let before = past.before.as_ref().and_then(object);
        match (before, after) {
            (None, Some(after)) => Some(Change::new(ChangeKind::Added, after, None)),
            (before, Some(after)) => Some(Change::new(ChangeKind::Modified, after, before)),
            (Some(before), None) => {
                let last = Arc::new(before.at_revision(past.revision));
                Some(Change::new(ChangeKind::Deleted, last, None))
            }
            (None, None) => None,
        }
    }
}

fn read<D>(restore: &impl Restore<D>, some: &[(String, Version)]) -> Vec<Arc<Object<D>>> {
    some.iter().filter_map(|(_, version)| restore.object(version).map(Arc::new)).collect()
}
