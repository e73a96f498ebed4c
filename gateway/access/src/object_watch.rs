//! Watching one object by name.
//!
//! RBAC by resourceNames admits list and watch only with the field selector `metadata.name=<name>`, so every request
//! carries it.

use std::fmt::Debug;
use std::sync::Arc;

use futures::{StreamExt, pin_mut};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher::Config};
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What is known of the object.
#[derive(Debug)]
pub enum Observation<K> {
    /// The object as last seen.
    Present(Arc<K>),
    /// There is no such object.
    Absent,
}

/// Keeps the latest state of one object, for instance a mounted Secret. Nothing is known before the first list.
#[derive(Debug)]
pub struct ObjectWatch<K> {
    latest: watch::Sender<Option<Observation<K>>>,
}

/// Turns watch events into observations; readers never see the middle of a list.
struct Observer<K> {
    listed: Option<K>,
}

/// Watches `name` until cancelled and tells `observed` each state. Failures are logged and retried with backoff,
/// while the last state stands.
pub(crate) async fn observe<K>(
    api: Api<K>,
    name: &str,
    cancel: CancellationToken,
    mut observed: impl FnMut(Observation<K>),
) where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let config = Config::default().fields(&format!("metadata.name={name}"));
    let events = watcher::watcher(api, config).default_backoff().take_until(cancel.cancelled_owned());
    pin_mut!(events);
    let mut observer = Observer { listed: None };
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                if let Some(observation) = observer.observe(event) {
                    observed(observation);
                }
            }
            Err(error) => tracing::warn!(name, %error, "watch failed, trying again"),
        }
    }
}

// === impl Observation ===

impl<K> Clone for Observation<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Present(object) => Self::Present(Arc::clone(object)),
            Self::Absent => Self::Absent,
        }
    }
}

// === impl ObjectWatch ===

impl<K> ObjectWatch<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    /// A watch that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { latest: watch::Sender::new(None) }
    }

    /// The latest state, `None` until the first list is complete. Changes between two looks are merged.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Option<Observation<K>>> {
        self.latest.subscribe()
    }

    /// Watches the object `name` of `api` until cancelled.
    pub async fn run(&self, api: Api<K>, name: &str, cancel: CancellationToken) {
        observe(api, name, cancel, |observation| {
            self.latest.send_replace(Some(observation));
        })
        .await;
    }
}

impl<K> Default for ObjectWatch<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

// === impl Observer ===

impl<K> Observer<K> {
    fn observe(&mut self, event: Event<K>) -> Option<Observation<K>> {
        match event {
            Event::Init => {
                self.listed = None;
                None
            }
            Event::InitApply(object) => {
                self.listed = Some(object);
                None
            }
            Event::InitDone => {
                let listed = self.listed.take();
                Some(listed.map_or(Observation::Absent, |object| Observation::Present(Arc::new(object))))
            }
            Event::Apply(object) => Some(Observation::Present(Arc::new(object))),
            Event::Delete(_) => Some(Observation::Absent),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::Secret;
    use serde_json::json;

    use super::*;
    use crate::testing::{ApiServer, Reply};

    #[test]
    fn a_list_is_seen_when_it_is_complete() {
        let check = |events: Vec<Event<u8>>, expected: &[Option<u8>]| {
            let shown = format!("{events:?}");
            let mut observer = Observer { listed: None };
            let seen: Vec<_> =
                events.into_iter().filter_map(|event| observer.observe(event)).map(value).collect();
            assert_eq!(seen, expected, "{shown}");
        };
        check(vec![Event::Init, Event::InitApply(1)], &[]);
        check(vec![Event::Init, Event::InitDone], &[None]);
        check(vec![Event::Init, Event::InitApply(1), Event::InitDone], &[Some(1)]);
        check(vec![Event::Init, Event::InitApply(1), Event::Init, Event::InitDone], &[None]);
        check(vec![Event::Init, Event::InitDone, Event::Apply(2), Event::Delete(2)], &[None, Some(2), None]);
        let relist = vec![Event::Init, Event::InitApply(1), Event::InitDone, Event::Init, Event::InitDone];
        check(relist, &[Some(1), None]);
    }

    #[tokio::test]
    async fn failures_are_retried_and_the_object_is_seen() {
        let server = ApiServer::default();
        let client = server.client(|number, asked| {
            if number == 0 || asked.uri.contains("watch=true") {
                return Reply::Lost;
            }
            let item = json!({"metadata": {"name": "tls"}, "type": "kubernetes.io/tls"});
            Reply::Answer(200, None, json!({"metadata": {"resourceVersion": "1"}, "items": [item]}))
        });
        let (watch, cancel) = (ObjectWatch::<Secret>::new(), CancellationToken::new());
        let mut seen = watch.subscribe();
        assert!(seen.borrow().is_none());
        let run = watch.run(Api::namespaced(client, "system"), "tls", cancel.clone());
        let look = async {
            let seen = seen.wait_for(Option::is_some).await.unwrap().clone();
            cancel.cancel();
            seen
        };
        let both = async { tokio::join!(run, look).1 };
        let seen = tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
        let Some(Observation::Present(secret)) = seen else { panic!("{seen:?}") };
        assert_eq!(secret.type_.as_deref(), Some("kubernetes.io/tls"));
        for asked in server.asked() {
            assert!(asked.uri.starts_with("/api/v1/namespaces/system/secrets?"), "{}", asked.uri);
            assert!(asked.uri.contains("fieldSelector=metadata.name%3Dtls"), "{}", asked.uri);
        }
    }

    fn value(observation: Observation<u8>) -> Option<u8> {
        match observation {
            Observation::Present(object) => Some(*object),
            Observation::Absent => None,
        }
    }
}
