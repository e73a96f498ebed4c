//! Whom the gateway trusts to name callers: the CAs and headers that kube-apiserver publishes in ConfigMap
//! kube-system/extension-apiserver-authentication. And whom it tells its state: the holder of a certificate of the
//! group's own CA.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use rustls::DistinguishedName;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::authority::{AuthorityBundle, AuthorityError};
use crate::object_watch::{self, Observation};
use crate::request_header::{RequestHeaderError, RequestHeaders};

const NAMESPACE: &str = "kube-system";
const CONFIG_MAP: &str = "extension-apiserver-authentication";
const CLIENT_CA_KEY: &str = "client-ca-file";
const FRONT_PROXY_CA_KEY: &str = "requestheader-client-ca-file";
/// What errors call the group's own CA.
const GROUP_CA: &str = "the group's CA";

/// The live trust. Cheap to clone; clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    current: ArcSwap<TrustSnapshot>,
    /// Held by who makes the next snapshot: the parts come from different watches.
    changing: Mutex<()>,
    synced: watch::Sender<bool>,
    rejected: AtomicU64,
}

/// Trust at one moment. The empty one trusts nobody: no certificate and no header counts.
#[derive(Debug, Default)]
pub struct TrustSnapshot {
    clients: Option<Arc<AuthorityBundle>>,
    front_proxies: Option<Arc<AuthorityBundle>>,
    headers: Option<Arc<RequestHeaders>>,
    /// The group's own CA.
    group: Option<Arc<AuthorityBundle>>,
    no_headers: RequestHeaders,
    subjects: Vec<DistinguishedName>,
}

/// A part of the ConfigMap that cannot be used; the last good one stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A CA bundle.
    #[error("{key}: {error}")]
    Authorities {
        /// Key in the ConfigMap, or what else it is.
        key: &'static str,
        /// What is wrong with it.
        error: AuthorityError,
    },
    /// The header names or allowed names.
    #[error(transparent)]
    Headers(#[from] RequestHeaderError),
}

// === impl Trust ===

impl Trust {
    /// Trust in nobody, until [`Trust::run`] or [`Trust::apply`] says otherwise.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The trust of this moment.
    #[must_use]
    pub fn current(&self) -> Arc<TrustSnapshot> {
        self.shared.current.load_full()
    }

    /// Whether the ConfigMap has been looked for once, found or not.
    #[must_use]
    pub fn synced(&self) -> bool {
        *self.shared.synced.borrow()
    }

    /// Waits until [`Trust::synced`].
    pub async fn wait_synced(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.shared.synced.subscribe().wait_for(|synced| *synced).await;
    }

    /// Updates that were not taken over, since the start.
    #[must_use]
    pub fn rejected_updates(&self) -> u64 {
        self.shared.rejected.load(Ordering::Relaxed)
    }

    /// Watches the ConfigMap until cancelled. A missing one is tolerated: at the start nobody is trusted, later the
    /// last good trust stays until kube-apiserver has written the ConfigMap again.
    pub async fn run(&self, client: kube::Client, cancel: CancellationToken) {
        let api: Api<ConfigMap> = Api::namespaced(client, NAMESPACE);
        object_watch::observe(api, CONFIG_MAP, cancel, |observation| self.observe(observation)).await;
    }

    fn observe(&self, observation: Observation<ConfigMap>) {
        match observation {
            Observation::Present(config_map) => {
                self.apply(config_map.data.as_ref().unwrap_or(&BTreeMap::new()));
            }
            Observation::Absent => {
                tracing::warn!("ConfigMap {NAMESPACE}/{CONFIG_MAP} is missing: trust stays as it is");
            }
        }
        self.shared.synced.send_replace(true);
    }

    /// Takes over the ConfigMap's data. Each part stands alone: a missing key turns its feature off, a broken one is
    /// logged, counted and returned, and leaves the last good in place.
    pub fn apply(&self, data: &BTreeMap<String, String>) -> Vec<TrustError> {
        self.change(|current| current.updated(data))
    }

    /// Takes over the group's own CA, PEM: what its client certificates open is the gateway's state, and nothing else. A
    /// broken one is logged, counted and returned, and leaves the last good in place.
    pub fn apply_group_authority(&self, pem: &str) -> Vec<TrustError> {
        self.change(|current| current.with_group(pem))
    }

    fn change(
        &self,
        next: impl FnOnce(&TrustSnapshot) -> (TrustSnapshot, Vec<TrustError>),
    ) -> Vec<TrustError> {
        let _changing = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.current();
        let (next, errors) = next(&current);
        for error in &errors {
            tracing::error!(%error, "trust update rejected, keeping the last good one");
            self.shared.rejected.fetch_add(1, Ordering::Relaxed);
        }
        // An equal snapshot is not published, so that verdicts on open connections stay.
        if !next.is_same(&current) {
            self.shared.current.store(Arc::new(next));
        }
        errors
    }
}

// === impl TrustSnapshot ===

impl TrustSnapshot {
    /// CAs of client certificates, `None` if the feature is off.
    #[must_use]
    pub fn client_authorities(&self) -> Option<&AuthorityBundle> {
        self.clients.as_deref()
    }

    /// CAs of front proxies, `None` if the feature is off.
    #[must_use]
    pub fn front_proxy_authorities(&self) -> Option<&AuthorityBundle> {
        self.headers.as_ref().and(self.front_proxies.as_deref())
    }

    /// The group's own CA, `None` if it is not known.
    #[must_use]
    pub fn group_authorities(&self) -> Option<&AuthorityBundle> {
        self.group.as_deref()
    }

    /// Subjects of all CAs, each once: what a CertificateRequest lists as acceptable.
    #[must_use]
    pub fn subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    /// Whether the cluster has named no authority.
    pub(crate) fn is_empty(&self) -> bool {
        self.client_authorities().is_none() && self.front_proxy_authorities().is_none()
    }

    /// Identity headers; without configuration none counts.
    pub(crate) fn headers(&self) -> &RequestHeaders {
        self.headers.as_deref().unwrap_or(&self.no_headers)
    }

    pub(crate) fn bundles(&self) -> impl Iterator<Item = &AuthorityBundle> {
        [&self.clients, &self.front_proxies, &self.group].into_iter().filter_map(Option::as_deref)
    }

    fn updated(&self, data: &BTreeMap<String, String>) -> (Self, Vec<TrustError>) {
        let mut errors = Vec::new();
        let clients = accept(authorities(data, CLIENT_CA_KEY), &self.clients, &mut errors);
        let front_proxies = accept(authorities(data, FRONT_PROXY_CA_KEY), &self.front_proxies, &mut errors);
        let headers = RequestHeaders::parse(data).map(Some).map_err(TrustError::from);
        let headers = accept(headers, &self.headers, &mut errors);
        let next = Self { clients, front_proxies, headers, group: self.group.clone(), ..Self::default() };
        (next.with_subjects(), errors)
    }

    fn with_group(&self, pem: &str) -> (Self, Vec<TrustError>) {
        let mut errors = Vec::new();
        let parsed = AuthorityBundle::parse(pem).map(Some);
        let parsed = parsed.map_err(|error| TrustError::Authorities { key: GROUP_CA, error });
        let next = Self {
            clients: self.clients.clone(),
            front_proxies: self.front_proxies.clone(),
            headers: self.headers.clone(),
            group: accept(parsed, &self.group, &mut errors),
            ..Self::default()
        };
        (next.with_subjects(), errors)
    }

    fn with_subjects(mut self) -> Self {
        self.subjects = union_of_subjects(&self);
        self
    }

    fn is_same(&self, other: &Self) -> bool {
        same(&self.clients, &other.clients)
            && same(&self.front_proxies, &other.front_proxies)
            && same(&self.headers, &other.headers)
            && same(&self.group, &other.group)
    }
}

fn authorities(
    data: &BTreeMap<String, String>,
    key: &'static str,
) -> Result<Option<AuthorityBundle>, TrustError> {
    let Some(pem) = data.get(key).filter(|pem| !pem.is_empty()) else { return Ok(None) };
    AuthorityBundle::parse(pem).map(Some).map_err(|error| TrustError::Authorities { key, error })
}

/// The new part, or the last one where it is equal (keeping the pointer) or the new one is broken.
fn accept<T: PartialEq>(
    part: Result<Option<T>, TrustError>,
    last: &Option<Arc<T>>,
    errors: &mut Vec<TrustError>,
) -> Option<Arc<T>> {
    match part {
        Ok(part) if part.as_ref() == last.as_deref() => last.clone(),
        Ok(part) => part.map(Arc::new),
        Err(error) => {
            errors.push(error);
            last.clone()
        }
    }
}

fn same<T>(one: &Option<Arc<T>>, other: &Option<Arc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

fn union_of_subjects(trust: &TrustSnapshot) -> Vec<DistinguishedName> {
    let mut subjects: Vec<DistinguishedName> = Vec::new();
    for subject in trust.bundles().flat_map(AuthorityBundle::subjects) {
        if !subjects.iter().any(|known| known.as_ref() == subject.as_ref()) {
            subjects.push(subject);
        }
    }
    subjects
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
