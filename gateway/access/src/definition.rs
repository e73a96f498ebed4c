//! The one `AggregatedAPI` that this gateway serves, watched by name.

use std::sync::Arc;

use kube::Api;
use kube::core::{ApiResource, DynamicObject};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tributary_crds::AggregatedApi;

use crate::object_watch::{self, Observation};

/// What happened to the definition.
#[derive(Clone, Debug)]
pub enum DefinitionEvent {
    /// It was created or changed.
    Applied(Arc<AggregatedApi>),
    /// It is there, but these types cannot read it, for instance because a newer operator knows more. What is served
    /// stays as it is.
    Unreadable {
        /// `metadata.generation`.
        generation: Option<i64>,
        /// Which part cannot be read.
        message: String,
    },
    /// It does not exist, or does no longer.
    Deleted,
}

/// Watches the definition of one group. Cheap to clone; clones see the same.
#[derive(Clone, Debug)]
pub struct DefinitionWatch {
    name: Arc<str>,
    latest: watch::Sender<Option<DefinitionEvent>>,
}

// === impl DefinitionWatch ===

impl DefinitionWatch {
    /// A watch of the AggregatedAPI `name` that knows nothing yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), latest: watch::Sender::new(None) }
    }

    /// The latest event, `None` until the first list is complete. Changes between two looks are merged: what is seen
    /// is always the newest definition.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Option<DefinitionEvent>> {
        self.latest.subscribe()
    }

    /// Watches until cancelled. The identity needs get, list and watch on this resource name. Failures are logged
    /// and retried with backoff; the last definition stands.
    pub async fn run(&self, client: kube::Client, cancel: CancellationToken) {
        let resource = ApiResource::erase::<AggregatedApi>(&());
        let api: Api<DynamicObject> = Api::all_with(client, &resource);
        object_watch::observe(api, &self.name, cancel, |observation| {
            self.latest.send_replace(Some(DefinitionEvent::of(observation)));
        })
        .await;
    }
}

// === impl DefinitionEvent ===

impl DefinitionEvent {
    /// Reads the object apart from the watch, so that one unreadable definition does not stop the watch.
    fn of(observation: Observation<DynamicObject>) -> Self {
        let Observation::Present(object) = observation else { return Self::Deleted };
        let generation = object.metadata.generation;
        match Arc::unwrap_or_clone(object).try_parse::<AggregatedApi>() {
            Ok(definition) => Self::Applied(Arc::new(definition)),
            Err(error) => {
                tracing::error!(%error, "definition cannot be read, keeping the last one");
                Self::Unreadable { generation, message: error.to_string() }
            }
        }
    }
}

#[cfg(test)]
#[path = "definition_tests.rs"]
mod tests;
