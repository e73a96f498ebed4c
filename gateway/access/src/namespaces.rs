//! The state of namespaces, for the rule of NamespaceLifecycle admission: nothing is created in a namespace that is
//! missing or terminating. And who leaves: what is kept of a namespace goes with it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use futures::{StreamExt, pin_mut};
use k8s_openapi::api::core::v1::Namespace;
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Config, Event};
use kube::{Api, ResourceExt};
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::review::{self, Patience, ReviewError};

/// Time given to the watch to see a namespace before it is asked for, as in Kubernetes: objects often follow their
/// namespace at once.
const GRACE: Duration = Duration::from_millis(50);
/// Longest name of a namespace (DNS label).
const MAX_NAME: usize = 63;

/// Whether objects can be created in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceState {
    /// It exists.
    Active,
    /// It is being deleted: no new objects.
    Terminating,
    /// There is no such namespace.
    Missing,
}

/// The namespace is not known and could not be asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("namespace {name}: {error}")]
pub struct NamespaceError {
    /// The namespace.
    pub name: String,
    /// Why there is no answer.
    pub error: ReviewError,
}

/// The live namespaces. Cheap to clone; clones see the same.
#[derive(Clone)]
pub struct Namespaces {
    client: kube::Client,
    patience: Patience,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    known: RwLock<HashMap<String, Known>>,
    synced: watch::Sender<bool>,
}

/// A namespace as it was last seen. Another one of the same name has another uid.
#[derive(Clone, Debug)]
struct Known {
    state: NamespaceState,
    uid: String,
}

/// The part of a Namespace that is read when it is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Live {
    #[serde(default)]
    metadata: LiveMetadata,
    #[serde(default)]
    status: LiveStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LiveMetadata {
    deletion_timestamp: Option<String>,
}

#[derive(Default, Deserialize)]
struct LiveStatus {
    phase: Option<String>,
}

// === impl Namespaces ===

impl Namespaces {
    /// Knows nothing until [`Namespaces::run`]; asks the API server behind `client` for what it does not know. The
    /// identity needs get, list and watch on namespaces.
    #[must_use]
    pub fn new(client: kube::Client) -> Self {
        Self { client, patience: Patience::KUBERNETES, shared: Arc::default() }
    }

    #[cfg(test)]
    pub(crate) fn with_patience(client: kube::Client, patience: Patience) -> Self {
        Self { patience, ..Self::new(client) }
    }

    /// The state of `name`: from the watch, else after 50 ms from the watch, else by one live GET.
    ///
    /// # Errors
    /// The watch does not know it and the GET gave no answer.
    pub async fn state(&self, name: &str) -> Result<NamespaceState, NamespaceError> {
        if let Some(state) = self.known(name) {
            return Ok(state);
        }
        if !is_name(name) {
            return Ok(NamespaceState::Missing);
        }
        if self.synced() {
            tokio::time::sleep(GRACE).await;
        }
        match self.known(name) {
            Some(state) => Ok(state),
            None => self.ask(name).await,
        }
    }

    /// Whether all namespaces have been listed once.
    #[must_use]
    pub fn synced(&self) -> bool {
        *self.shared.synced.borrow()
    }

    /// Waits until [`Namespaces::synced`].
    pub async fn wait_synced(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.shared.synced.subscribe().wait_for(|synced| *synced).await;
    }

    /// Whether the namespace of this name and uid is no more; false before [`Namespaces::synced`], when nobody knows.
    #[must_use]
    pub fn is_gone(&self, name: &str, uid: &str) -> bool {
        self.synced() && self.read().get(name).is_none_or(|known| known.uid != uid)
    }

    /// Watches the metadata of all namespaces until cancelled. Failures are logged and retried with backoff. `gone` is told
    /// the name of each namespace that is no more, before its name is free: nothing is created there meanwhile.
    pub async fn run(&self, cancel: CancellationToken, gone: impl Fn(&str)) {
        let api: Api<PartialObjectMeta<Namespace>> = Api::all(self.client.clone());
        let events = watcher::watcher(api, Config::default()).default_backoff();
        let events = events.take_until(cancel.cancelled_owned());
        pin_mut!(events);
        let mut listed = HashMap::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.observe(event, &mut listed, &gone),
                Err(error) => tracing::warn!(%error, "watch of namespaces failed, trying again"),
            }
        }
    }

    /// Takes an event over. A list becomes visible when it is complete.
    fn observe(
        &self,
        event: Event<PartialObjectMeta<Namespace>>,
        listed: &mut HashMap<String, Known>,
        gone: impl Fn(&str),
    ) {
        // Only this task writes.
        let left = |name: &str, uid: Option<&str>| {
            let known = self.read().get(name).map(|known| known.uid.clone());
            if known.is_some_and(|known| Some(known.as_str()) != uid) {
                gone(name);
            }
        };
        match event {
            Event::Init => listed.clear(),
            Event::InitApply(namespace) => {
                listed.insert(namespace.name_any(), Known::of(&namespace));
            }
            Event::InitDone => {
                let before: Vec<String> = self.read().keys().cloned().collect();
                for name in before {
                    left(&name, listed.get(&name).map(|known| known.uid.as_str()));
                }
                *self.write() = std::mem::take(listed);
                self.shared.synced.send_replace(true);
            }
            Event::Apply(namespace) => {
                let (name, known) = (namespace.name_any(), Known::of(&namespace));
                left(&name, Some(&known.uid));
                self.write().insert(name, known);
            }
            Event::Delete(namespace) => {
                let name = namespace.name_any();
                left(&name, None);
                self.write().remove(&name);
            }
        }
    }

    fn known(&self, name: &str) -> Option<NamespaceState> {
        self.read().get(name).map(|known| known.state)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Known>> {
        self.shared.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Known>> {
        self.shared.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, name: &str) -> Result<NamespaceState, NamespaceError> {
        let path = format!("/api/v1/namespaces/{name}");
        match review::get::<Live>(&self.client, self.patience, &path).await {
            Ok(live) => Ok(live.state()),
            Err(ReviewError::Refused { code: 404, .. }) => Ok(NamespaceState::Missing),
            Err(error) => Err(NamespaceError { name: name.to_owned(), error }),
        }
    }
}

impl std::fmt::Debug for Namespaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Namespaces").field("synced", &self.synced()).finish_non_exhaustive()
    }
}

// === impl Known ===

impl Known {
    /// The API server sets the deletion timestamp and phase Terminating in one write.
    fn of(namespace: &PartialObjectMeta<Namespace>) -> Self {
        let state = match namespace.metadata.deletion_timestamp {
            Some(_) => NamespaceState::Terminating,
            None => NamespaceState::Active,
        };
        Self { state, uid: namespace.uid().unwrap_or_default() }
    }
}

/// Only a DNS label can name a namespace; nothing else may get into the path of a request.
fn is_name(name: &str) -> bool {
    let is_alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.len() <= MAX_NAME
        && bytes.first().is_some_and(is_alphanumeric)
        && bytes.last().is_some_and(is_alphanumeric)
        && bytes.iter().all(|byte| is_alphanumeric(byte) || *byte == b'-')
}

// === impl Live ===

impl Live {
    fn state(&self) -> NamespaceState {
        let terminating =
            self.metadata.deletion_timestamp.is_some() || self.status.phase.as_deref() == Some("Terminating");
        if terminating { NamespaceState::Terminating } else { NamespaceState::Active }
    }
}

#[cfg(test)]
#[path = "namespaces_tests.rs"]
mod tests;
