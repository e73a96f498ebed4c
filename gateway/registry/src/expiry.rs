//! Objects that are deleted some time after their last change.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use tributary_collection::Scope;
use tributary_definition::Source;

use crate::options::{DeleteOptions, Preconditions};
use crate::resource::{Address, Resource, Version};

/// How many deletions are under way at once: they share what a commit costs.
pub(crate) const AT_ONCE: usize = 64;

impl Resource {
    /// How long after their last change objects are deleted, if ever.
    pub fn ttl(&self) -> Option<Duration> {
        match self.definition.source {
            Source::Stored { ttl } => ttl,
            _ => None,
        }
    }

    /// Deletes what has not changed for longer than its time, as anybody would: what has finalizers is marked, and stays until
    /// they are gone. `now` is in microseconds since the epoch. Returns how many were deleted or marked.
    pub async fn expire(&self, now: u64) -> usize {
        let Some(ttl) = self.ttl().filter(|_| self.check_ready().is_ok()) else { return 0 };
        let ttl = u64::try_from(ttl.as_micros()).unwrap_or(u64::MAX);
        let snapshot = self.stored.snapshot();
        let due = |object: &&Arc<Version>| {
            now.saturating_sub(object.derived().written_at()) > ttl && !is_marked(object.metadata_bytes())
        };
        let due: Vec<_> = snapshot.range(Scope::All, None).filter(due).cloned().collect();
        let deleted = stream::iter(due).map(|object| async move {
            let address = Address { namespace: object.key().namespace(), name: object.key().name() };
            // A change in between begins its time anew.
            let resource_version = Some(object.revision().to_string());
            let preconditions = Preconditions { uid: Some(object.uid().to_owned()), resource_version };
            let options = DeleteOptions { preconditions, ..DeleteOptions::default() };
            self.delete(address, &options).await.is_ok()
        });
        deleted.buffer_unordered(AT_ONCE).filter(|deleted| std::future::ready(*deleted)).count().await
    }
}

/// Whether it is being deleted already.
fn is_marked(metadata: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata<'a> {
        #[serde(borrow)]
        deletion_timestamp: Option<&'a serde_json::value::RawValue>,
    }
    serde_json::from_slice::<Metadata<'_>>(metadata)
        .is_ok_and(|metadata| metadata.deletion_timestamp.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tributary_sources::microseconds as now;

    use crate::fixture::{address, create, json_of, merge_patch, registry, resource, update};
    use crate::update::Change;

    const SECOND: u64 = 1_000_000;

    fn note(name: &str, finalizers: &[&str]) -> Value {
        let metadata = json!({"name": name, "finalizers": finalizers});
        json!({"apiVersion": "g.example.com/v1", "kind": "Note", "metadata": metadata})
    }

    #[tokio::test]
    async fn what_does_not_change_goes() {
        let registry = registry();
        let notes = resource(&registry, "notes");
        for (name, finalizers) in [("plain", &[][..]), ("held", &["example.com/hold"]), ("changed", &[])] {
            create(&notes, address("n", ""), note(name, finalizers), &[]).await.unwrap();
        }
        let began = now();
        assert_eq!(notes.expire(began + 59 * SECOND).await, 0);
        while now() < began + 2_000 {
            tokio::task::yield_now().await;
        }
        let patch = Change::Patch(merge_patch(json!({"metadata": {"labels": {"a": "b"}}})));
        update(&notes, address("n", "changed"), patch.clone(), &[]).await.unwrap();
        // Later than a minute after the two, not after the third.
        assert_eq!(notes.expire(began + 60 * SECOND + 1_000).await, 2);
        assert_eq!(notes.objects(), 2);
        let held = update(&notes, address("n", "held"), patch, &[]).await.unwrap();
        assert!(json_of(&held)["metadata"]["deletionTimestamp"].is_string(), "it waits for its finalizer");
        // It is marked already; the other is due by now.
        assert_eq!(notes.expire(began + 3_600 * SECOND).await, 1);
        assert_eq!(notes.objects(), 1);
        let patch = Change::Patch(merge_patch(json!({"metadata": {"finalizers": null}})));
        update(&notes, address("n", "held"), patch, &[]).await.unwrap();
        assert_eq!(notes.objects(), 0);
    }

    #[tokio::test]
    async fn what_has_no_end_stays() {
        let registry = registry();
        let hosts = resource(&registry, "hosts");
        let host = json!({"apiVersion": "g.example.com/v1", "kind": "Host", "metadata": {"name": "a"}});
        create(&hosts, address("", ""), host, &[]).await.unwrap();
        assert_eq!(hosts.expire(u64::MAX).await, 0);
    }
}
