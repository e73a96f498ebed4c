//! Watching the objects that views are made of: any resource of the cluster, as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use futures::{Stream, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::ApiResource;
use kube::core::DynamicResourceScope;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Config, Event};
use kube::{Api, Resource};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tributary_crds::SourceReference;

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

/// An object as JSON, with the metadata that the watch itself needs.
#[derive(Clone, Debug)]
struct Watched {
    value: Value,
    metadata: ObjectMeta,
}

/// What the objects of `source` do, without end: failures are told and tried again with backoff. Who takes the events
/// slowly is waited for.
pub fn watch_source(
    client: kube::Client,
    source: &SourceReference,
) -> impl Stream<Item = SourceEvent> + Send + use<> {
    let config = Config::default()
        .labels(source.label_selector.as_deref().unwrap_or_default())
        .fields(source.field_selector.as_deref().unwrap_or_default());
    let shown = format!("{} of {}", source.resource, source.api_version);
    let events = watcher::watcher(api(client, source), config).default_backoff();
    events.map(move |event| match event {
        Ok(Event::Init) => SourceEvent::Begun,
        Ok(Event::InitApply(object)) => SourceEvent::Listed(object.value),
        Ok(Event::InitDone) => SourceEvent::Complete,
        Ok(Event::Apply(object)) => SourceEvent::Applied(object.value),
        Ok(Event::Delete(object)) => SourceEvent::Deleted(object.value),
        Err(error) => {
            tracing::warn!(source = shown, %error, "a source cannot be read");
            SourceEvent::Failed(failure(&error))
        }
    })
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
    let status = match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status))
        | watcher::Error::WatchError(status) => status,
        other => return SourceFailure::Unavailable(other.to_string()),
    };
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
    use std::time::Duration;

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
}
