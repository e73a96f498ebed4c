//! Watching the objects that views are made of: any resource of the cluster, as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{ApiResource, ListParams};
use kube::core::{DynamicResourceScope, Status};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Config, Event};
use kube::{Api, Resource};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tributary_crds::{SourceReason, SourceReference};

/// How often a source is tried that is forbidden or missing. It takes an administrator a moment to mend that, who then
/// looks at what comes of it; kube-apiserver refuses such a request without work.
const RETRY: Duration = Duration::from_secs(5);
/// After so long without a failure a watch is taken to work again: failures are further apart than kube's longest wait
/// (30 s, and as much again at random) and its time to connect (30 s).
const SILENCE: Duration = Duration::from_secs(90);

/// What a source tells. A list begins, has its objects, and is complete; changes follow. A list that begins anew takes the
/// place of all that was told.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceEvent {
    /// A list begins.
    Begun,
    /// An object of the list.
    Listed(Value),
    /// The list is complete.
    Complete,
    /// An object was added or changed.
    Applied(Value),
    /// An object is gone; its last state.
    Deleted(Value),
    /// The source cannot be read. It is tried again; what was told stands.
    Failed(SourceFailure),
    /// It can be read again: what was told stood all the while.
    Recovered,
}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceFailure {
    /// The gateway may not list or watch it.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// There is no such resource, or not yet.
    #[error("not found: {0}")]
    Missing(String),
    /// Anything else.
    #[error("{0}")]
    Unavailable(String),
}

impl SourceFailure {
    /// What would mend it.
    #[must_use]
    pub fn reason(&self) -> SourceReason {
        match self {
            Self::Forbidden(_) => SourceReason::Forbidden,
            Self::Missing(_) => SourceReason::NotFound,
            Self::Unavailable(_) => SourceReason::Unavailable,
        }
    }
}

/// An object as JSON, with the metadata that the watch itself needs.
#[derive(Clone, Debug)]
struct Watched {
    value: Value,
    metadata: ObjectMeta,
}

/// What the objects of `source` do, without end: failures are told and tried again. Who takes the events slowly is waited
/// for.
pub fn watch_source(
    client: kube::Client,
    source: &SourceReference,
) -> impl Stream<Item = SourceEvent> + Send + use<> {
    let config = Config::default()
        .labels(source.label_selector.as_deref().unwrap_or_default())
        .fields(source.field_selector.as_deref().unwrap_or_default());
    let shown = format!("{} of {}", source.resource, source.api_version);
    let following =
        Following { api: api(client, source), config, shown, events: None, failure: None, next: None };
    stream::unfold(following, |mut following| async {
        let event = following.next().await;
        Some((event, following))
    })
}

/// One source that is followed.
struct Following {
    api: Api<Watched>,
    config: Config,
    shown: String,
    /// None: it is read anew.
    events: Option<BoxStream<'static, watcher::Result<Event<Watched>>>>,
    /// What was told last, if that was a failure.
    failure: Option<SourceFailure>,
    /// What is told next, before anything else is heard.
    next: Option<SourceEvent>,
}

impl Following {
    async fn next(&mut self) -> SourceEvent {
        if let Some(event) = self.next.take() {
            return event;
        }
        loop {
            let events = match &mut self.events {
                Some(events) => events,
                None => {
                    if let Some(failure) = self.still_refused().await {
                        return self.failed(failure);
                    }
                    let watcher = watcher::watcher(self.api.clone(), self.config.clone());
                    self.events.insert(watcher.default_backoff().boxed())
                }
            };
            // A watch that goes on after a failure is silent until an object changes.
            let silence = if self.failure.is_some() { SILENCE } else { Duration::MAX };
            match tokio::time::timeout(silence, events.next()).await {
                Ok(Some(Ok(event))) => return self.heard(event),
                Ok(Some(Err(error))) => return self.failed(failure(&error)),
                // It never does.
                Ok(None) => self.events = None,
                Err(_) => {
                    self.failure = None;
                    return SourceEvent::Recovered;
                }
            }
        }
    }

    /// Waits, and asks for as little as can be: the whole is read when it can be.
    async fn still_refused(&mut self) -> Option<SourceFailure> {
        self.failure.as_ref()?;
        tokio::time::sleep(RETRY).await;
        let error = self.api.list(&ListParams::default().limit(1)).await.err()?;
        Some(of_client(&error)).filter(|failure| !matches!(failure, SourceFailure::Unavailable(_)))
    }

    fn heard(&mut self, event: Event<Watched>) -> SourceEvent {
        let changed = match event {
            // A list begins with a request that may yet fail.
            Event::Init => return SourceEvent::Begun,
            Event::InitApply(object) => return SourceEvent::Listed(object.value),
            Event::InitDone => {
                self.failure = None;
                return SourceEvent::Complete;
            }
            Event::Apply(object) => SourceEvent::Applied(object.value),
            Event::Delete(object) => SourceEvent::Deleted(object.value),
        };
        if self.failure.take().is_none() {
            return changed;
        }
        self.next = Some(changed);
        SourceEvent::Recovered
    }

    /// What is forbidden or missing is read anew: another resource may have the name by then, and a watch that only goes
    /// on would never tell that it does.
    fn failed(&mut self, failure: SourceFailure) -> SourceEvent {
        if self.failure.as_ref() != Some(&failure) {
            tracing::warn!(source = self.shown, %failure, "a source cannot be read");
        }
        if !matches!(failure, SourceFailure::Unavailable(_)) {
            self.events = None;
        }
        self.failure = Some(failure.clone());
        SourceEvent::Failed(failure)
    }
}

fn api(client: kube::Client, source: &SourceReference) -> Api<Watched> {
    let (group, version) = source.api_version.split_once('/').unwrap_or(("", &source.api_version));
    let resource = ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: source.api_version.clone(),
        // No request names it.
        kind: String::new(),
        plural: source.resource.clone(),
    };
    match source.namespace.as_deref().filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => Api::namespaced_with(client, namespace, &resource),
        None => Api::all_with(client, &resource),
    }
}

fn failure(error: &watcher::Error) -> SourceFailure {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => of_client(error),
        watcher::Error::WatchError(status) => of_status(status),
        other => SourceFailure::Unavailable(other.to_string()),
    }
}

fn of_client(error: &kube::Error) -> SourceFailure {
    match error {
        kube::Error::Api(status) => of_status(status),
        other => SourceFailure::Unavailable(other.to_string()),
    }
}

fn of_status(status: &Status) -> SourceFailure {
    match status.code {
        403 => SourceFailure::Forbidden(status.message.clone()),
        404 => SourceFailure::Missing(status.message.clone()),
        _ => SourceFailure::Unavailable(status.message.clone()),
    }
}

// === impl Watched ===

impl<'de> Deserialize<'de> for Watched {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |field: &str| {
            value.pointer(&format!("/metadata/{field}")).and_then(Value::as_str).map(str::to_owned)
        };
        let annotations = value.pointer("/metadata/annotations").and_then(Value::as_object);
        let annotations: BTreeMap<String, String> = annotations
            .into_iter()
            .flatten()
            // The bookmark that ends the initial events says so in an annotation.
            .filter(|(key, _)| *key == "k8s.io/initial-events-end")
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        let metadata = ObjectMeta {
            name: text("name"),
            namespace: text("namespace"),
            resource_version: text("resourceVersion"),
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..ObjectMeta::default()
        };
        Ok(Self { value, metadata })
    }
}

impl Resource for Watched {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn kind(resource: &ApiResource) -> Cow<'_, str> {
        resource.kind.as_str().into()
    }

    fn group(resource: &ApiResource) -> Cow<'_, str> {
        resource.group.as_str().into()
    }

    fn version(resource: &ApiResource) -> Cow<'_, str> {
        resource.version.as_str().into()
    }

    fn plural(resource: &ApiResource) -> Cow<'_, str> {
        resource.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{ApiServer, Reply};

    fn pods() -> SourceReference {
        SourceReference {
            api_version: "v1".to_owned(),
            resource: "pods".to_owned(),
            label_selector: Some("a=b".to_owned()),
            ..SourceReference::default()
        }
    }

    /// What a source tells, up to `count` events, of a server that answers like this.
    async fn told(
        source: SourceReference,
        count: usize,
        reply: impl Fn(usize, &crate::testing::Asked) -> Reply + Send + Sync + 'static,
    ) -> (Vec<SourceEvent>, Vec<String>) {
        let server = ApiServer::default();
        let events = watch_source(server.client(reply), &source).take(count).collect();
        let events = tokio::time::timeout(Duration::from_secs(10), events).await.unwrap();
        (events, server.asked().into_iter().map(|asked| asked.uri).collect())
    }

    #[tokio::test]
    async fn lists_and_then_watches() {
        let pod =
            json!({"metadata": {"name": "p", "namespace": "n", "resourceVersion": "3"}, "spec": {"x": 1}});
        let listed = pod.clone();
        let (events, asked) = told(pods(), 3, move |number, _| match number {
            0 => Reply::Answer(200, None, json!({"metadata": {"resourceVersion": "5"}, "items": [listed]})),
            _ => Reply::Lost,
        })
        .await;
        assert_eq!(events, [SourceEvent::Begun, SourceEvent::Listed(pod), SourceEvent::Complete]);
        assert!(
            asked[0].starts_with("/api/v1/pods?") && asked[0].contains("labelSelector=a%3Db"),
            "{asked:?}"
        );
    }

    #[tokio::test]
    async fn failures_are_told_by_what_mends_them() {
        for (code, expected) in [
            (403, SourceFailure::Forbidden("no".to_owned())),
            (404, SourceFailure::Missing("no".to_owned())),
            (500, SourceFailure::Unavailable("no".to_owned())),
        ] {
            let source = SourceReference {
                api_version: "apps/v1".to_owned(),
                resource: "deployments".to_owned(),
                namespace: Some("n".to_owned()),
                ..SourceReference::default()
            };
            let status =
                json!({"kind": "Status", "status": "Failure", "message": "no", "reason": "x", "code": code});
            let (events, asked) =
                told(source, 2, move |_, _| Reply::Answer(code, None, status.clone())).await;
            assert_eq!(events.last(), Some(&SourceEvent::Failed(expected)), "{events:?}");
            assert!(asked[0].starts_with("/apis/apps/v1/namespaces/n/deployments?"), "{asked:?}");
        }
    }

    /// What is told of the source, without what is told of objects.
    fn named(events: &[SourceEvent]) -> Vec<&'static str> {
        let name = |event: &SourceEvent| match event {
            SourceEvent::Complete => Some("complete"),
            SourceEvent::Failed(SourceFailure::Missing(_)) => Some("missing"),
            SourceEvent::Failed(_) => Some("failed"),
            SourceEvent::Recovered => Some("recovered"),
            _ => None,
        };
        events.iter().filter_map(name).collect()
    }

    fn list() -> Reply {
        Reply::Answer(200, None, json!({"metadata": {"resourceVersion": "5"}, "items": []}))
    }

    fn refusal(code: u16) -> Reply {
        let status =
            json!({"kind": "Status", "status": "Failure", "message": "no", "reason": "x", "code": code});
        Reply::Answer(code, None, status)
    }

    #[tokio::test(start_paused = true)]
    async fn what_vanishes_and_comes_again_is_read_anew() {
        let server = ApiServer::default();
        let client = server.client(|number, asked| match number {
            0 => list(),
            // The watch, and looks until there is one again.
            1..4 => refusal(404),
            _ if asked.uri.contains("watch=true") => Reply::Never,
            _ => list(),
        });
        let events: Vec<_> = watch_source(client, &pods()).take(7).collect().await;
        assert_eq!(named(&events), ["complete", "missing", "missing", "missing", "complete"], "{events:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_after_a_failure_tells_that_it_is_over() {
        let server = ApiServer::default();
        let pod = json!({"metadata": {"name": "p", "namespace": "n", "resourceVersion": "9"}});
        let event = json!({"type": "MODIFIED", "object": pod});
        let client = server.client(move |number, _| match number {
            0 => list(),
            1 => refusal(503),
            2 => Reply::Answer(200, None, event.clone()),
            _ => Reply::Never,
        });
        let events: Vec<_> = watch_source(client, &pods()).take(5).collect().await;
        assert_eq!(named(&events), ["complete", "failed", "recovered"], "{events:?}");
        assert!(matches!(events.last(), Some(SourceEvent::Applied(_))), "{events:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_that_goes_on_after_a_failure_is_well_again() {
        let server = ApiServer::default();
        let client = server.client(move |number, _| match number {
            0 => list(),
            1 | 2 => refusal(503),
            _ => Reply::Never,
        });
        let events: Vec<_> = watch_source(client, &pods()).take(5).collect().await;
        assert_eq!(named(&events), ["complete", "failed", "failed", "recovered"], "{events:?}");
    }
}
