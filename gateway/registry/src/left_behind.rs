//! What is still stored of a namespace that is no more: the namespace controller could not ask for its deletion, or was told
//! that nobody could.

use std::sync::Arc;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tributary_collection::Scope;
use tributary_sources::{Expect, Stored, StoredError, Write};

use crate::expiry::AT_ONCE;
use crate::published::Registry;
use crate::resource::Version;
use crate::row::Row;

/// The objects of one resource in a namespace, as they were when they were looked for.
pub struct LeftBehind {
    stored: Arc<Stored<Row>>,
    objects: Vec<Arc<Version>>,
}

/// Some objects could not be deleted; the others are gone.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kept} objects are kept: {why}")]
pub struct KeptError {
    /// How many.
    pub kept: usize,
    /// Why the last of them was not deleted.
    pub why: String,
}

impl Registry {
    /// What is stored of a namespace at this moment, of every resource that has been served, without what is newer than
    /// `before`.
    pub fn left_behind(&self, namespace: &str, before: Option<Timestamp>) -> Vec<LeftBehind> {
        let is_old =
            |object: &Version| before.is_none_or(|before| created(object).is_some_and(|at| at < before));
        let stores = self.stored();
        let left = stores.into_iter().map(|stored| {
            let snapshot = stored.snapshot();
            let objects = snapshot.range(Scope::Namespace(namespace), None);
            let objects = objects.filter(|object| is_old(object)).cloned().collect();
            LeftBehind { stored, objects }
        });
        left.filter(|left| !left.objects.is_empty()).collect()
    }
}

impl LeftBehind {
    /// Deletes them whatever finalizers they have: nobody can take those away any more. Returns how many there were.
    ///
    /// # Errors
    /// [`KeptError`], after which it may be tried again.
    pub async fn delete(&self) -> Result<usize, KeptError> {
        let deleted = stream::iter(self.objects.clone())
            .map(|object| async move { self.delete_one(&object).await })
            .buffer_unordered(AT_ONCE);
        let results: Vec<_> = deleted.collect().await;
        let kept = results.iter().filter_map(|result| result.as_ref().err());
        match kept.clone().next_back() {
            Some(error) => Err(KeptError { kept: kept.count(), why: error.to_string() }),
            None => Ok(results.iter().filter(|result| matches!(result, Ok(true))).count()),
        }
    }

    /// Whether it was there: an object that has changed since is the same one, and another one of its name is not.
    async fn delete_one(&self, object: &Version) -> Result<bool, StoredError<Row>> {
        loop {
            let current = self.stored.snapshot().get(object.key()).cloned();
            let Some(current) = current.filter(|current| current.uid() == object.uid()) else {
                return Ok(false);
            };
            let expected = Expect::Revision(current.revision());
            match self.stored.write(expected, Write::Delete(object.key().clone())).await {
                Ok(_) => return Ok(true),
                Err(StoredError::Conflict(_) | StoredError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// When it was created, by the clock of the gateway that did.
fn created(object: &Version) -> Option<Timestamp> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        creation_timestamp: Option<Time>,
    }
    serde_json::from_slice::<Metadata>(object.metadata_bytes()).ok()?.creation_timestamp.map(|time| time.0)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixture::{address, create, registry, resource};

    fn note(name: &str) -> Value {
        let metadata = json!({"name": name, "finalizers": ["example.com/hold"]});
        json!({"apiVersion": "g.example.com/v1", "kind": "Note", "metadata": metadata})
    }

    #[tokio::test]
    async fn what_was_there_goes_and_nothing_else() {
        let registry = registry();
        let notes = resource(&registry, "notes");
        for (namespace, name) in [("n", "a"), ("n", "b"), ("other", "a")] {
            create(&notes, address(namespace, ""), note(name), &[]).await.unwrap();
        }
        let hour = jiff::SignedDuration::from_hours(1);
        assert!(registry.left_behind("n", Some(Timestamp::now() - hour)).is_empty(), "they are newer");
        let left = registry.left_behind("n", Some(Timestamp::now() + hour));
        create(&notes, address("n", ""), note("c"), &[]).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].delete().await.unwrap(), 2, "held or not");
        assert_eq!(left[0].delete().await.unwrap(), 0, "they are gone");
        assert_eq!(notes.objects(), 2, "what came later, and another namespace's");
        create(&notes, address("n", ""), note("a"), &[]).await.unwrap();
        assert_eq!(left[0].delete().await.unwrap(), 0, "another one of the name");
    }
}
