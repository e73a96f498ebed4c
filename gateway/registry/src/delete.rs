//! delete.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use tributary_sources::{Expect, StoredError, Write};

use crate::change::MODIFIED;
use crate::create::now;
use crate::metadata::{self, FOREGROUND, ORPHAN};
use crate::options::{DeleteOptions, Preconditions, Propagation};
use crate::resource::{Address, Resource, Version};
use crate::row::Row;
use crate::status::{Details, Status};

/// How often a deletion without preconditions is tried anew, when others write at the same time.
const TRIES: usize = 5;

/// What became of the object.
#[derive(Debug)]
pub enum Deleted {
    /// It is gone; the Status says so.
    Gone(Box<Status>),
    /// It is marked, and goes with its last finalizer.
    Marked(Arc<Version>),
}

impl Resource {
    /// Deletes the object at `address`.
    pub async fn delete(&self, address: Address<'_>, options: &DeleteOptions) -> Result<Deleted, Status> {
        self.check_ready()?;
        for _ in 0..TRIES {
            let object = self.stored.snapshot().get(&address.key()).cloned();
            let object = object.ok_or_else(|| Status::not_found(self.about(address.name)))?;
            self.check_preconditions(&object, &options.preconditions)?;
            // None: somebody wrote in between. Look again, the preconditions may have changed their answer.
            if let Some(deleted) = self.let_go(object, options).await? {
                return Ok(deleted);
            }
        }
        Err(Status::conflict(self.about(address.name), MODIFIED))
    }

    /// Removes the object, or marks it where finalizers hold it; None if there is another version by now.
    async fn let_go(&self, object: Arc<Version>, options: &DeleteOptions) -> Result<Option<Deleted>, Status> {
        let unreadable = |error: serde_json::Error| Status::unknown(error.to_string());
        // What is marked is written, as what is updated, in the version that it is reached by.
        let current = self.shown(object.clone());
        let fields: Map<String, Value> = serde_json::from_slice(current.bytes()).map_err(unreadable)?;
        let mut metadata = metadata::read(&fields, &mut Vec::new()).map_err(unreadable)?;
        let before = metadata.finalizers.take().unwrap_or_default();
        let after = finalizers(&before, options.propagation);
        metadata.finalizers = Some(after.clone());
        if after.is_empty() {
            let write = Write::Delete(object.key().clone());
            return match self.commit(&object, write, options.dry_run).await? {
                Some(last) => Ok(Some(Deleted::Gone(Box::new(self.gone(&last))))),
                None => Ok(None),
            };
        }
        if metadata.deletion_timestamp.is_some() && after == before {
            return Ok(Some(Deleted::Marked(self.shown(object))));
        }
        let fields = self.assemble(fields, &marked(metadata))?;
        let (encoded, row) = self.kept(fields)?;
        if options.dry_run {
            return Ok(Some(Deleted::Marked(self.shown(Arc::new(encoded.at(object.revision(), row))))));
        }
        let marked = self.commit(&object, Write::Put(encoded, row), false).await?;
        Ok(marked.map(|object| Deleted::Marked(self.shown(object))))
    }

    async fn commit(
        &self,
        object: &Arc<Version>,
        write: Write<Row>,
        dry_run: bool,
    ) -> Result<Option<Arc<Version>>, Status> {
        if dry_run {
            return Ok(Some(object.clone()));
        }
        match self.stored.write(Expect::Revision(object.revision()), write).await {
            Ok(version) => Ok(Some(version)),
            Err(StoredError::Conflict(_) | StoredError::Missing) => Ok(None),
            Err(error) => Err(Status::unwritten(&error)),
        }
    }

    /// apiserver, `registry/rest/delete.go BeforeDelete`.
    fn check_preconditions(&self, object: &Version, wanted: &Preconditions) -> Result<(), Status> {
        let name = object.key().name();
        if let Some(uid) = wanted.uid.as_deref().filter(|uid| *uid != object.uid()) {
            let why = format!(
                "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                object.uid()
            );
            return Err(Status::conflict(self.about_kind(name), &why));
        }
        let current = object.revision().to_string();
        if let Some(version) = wanted.resource_version.as_deref().filter(|version| *version != current) {
            let why = format!(
                "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current}). The object might have been modified"
            );
            return Err(Status::conflict(self.about_kind(name), &why));
        }
        Ok(())
    }

    fn gone(&self, object: &Version) -> Status {
        Status::success(Details {
            name: object.key().name().to_owned(),
            group: self.definition.group.clone(),
            kind: self.definition.plural.clone(),
            uid: object.uid().to_owned(),
            ..Details::default()
        })
    }
}

/// The finalizers that tell the garbage collector what to do, put in or taken out (apiserver,
/// `deletionFinalizersForGarbageCollection`).
fn finalizers(before: &[String], propagation: Option<Propagation>) -> Vec<String> {
    let has = |name: &str| before.iter().any(|finalizer| finalizer == name);
    let collector = match propagation {
        Some(Propagation::Background) => None,
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Orphan) => Some(ORPHAN),
        None => [ORPHAN, FOREGROUND].into_iter().find(|name| has(name)),
    };
    if collector.is_some_and(has) {
        return before.to_vec();
    }
    let others = before.iter().filter(|finalizer| *finalizer != ORPHAN && *finalizer != FOREGROUND);
    others.cloned().chain(collector.map(str::to_owned)).collect()
}

/// As an object that is being deleted: custom resources know no grace.
fn marked(metadata: ObjectMeta) -> ObjectMeta {
    if metadata.deletion_timestamp.is_some() {
        return metadata;
    }
    ObjectMeta {
        deletion_timestamp: Some(now()),
        deletion_grace_period_seconds: Some(0),
        generation: metadata.generation.map(|generation| generation + 1),
        ..metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finalizers_for_the_garbage_collector() {
        use Propagation::{Background, Foreground, Orphan};
        for (before, propagation, after) in [
            (&[][..], None, &[][..]),
            (&["a/b"], None, &["a/b"]),
            (&["a/b"], Some(Foreground), &["a/b", FOREGROUND]),
            (&["a/b"], Some(Orphan), &["a/b", ORPHAN]),
            (&[ORPHAN], None, &[ORPHAN]),
            (&[FOREGROUND, "a/b"], None, &[FOREGROUND, "a/b"]),
            (&[FOREGROUND], Some(Background), &[]),
            (&[ORPHAN, "a/b"], Some(Foreground), &["a/b", FOREGROUND]),
        ] {
            let owned: Vec<_> = before.iter().map(|one| one.to_string()).collect();
            assert_eq!(finalizers(&owned, propagation), after, "{before:?} {propagation:?}");
        }
    }
}
