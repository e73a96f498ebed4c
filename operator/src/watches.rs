//! The watches: what feeds the stores, and what makes an AggregatedAPI be looked at again.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::mpsc;
use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::core::PartialObjectMeta;
use kube::runtime::controller::{self, Controller};
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::utils::predicates;
use kube::runtime::{Predicate, WatchStreamExt, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use tributary_crds::{AggregatedApi, GROUP_LABEL};

use crate::children::STAND_IN_SELECTOR;
use crate::deletion;
use crate::operator::{Operator, Stores};
use crate::reconcile::{reconcile, retry};
use crate::registrations::{ApiServiceMeta, DefinitionMeta, group_of};

/// How many groups are reconciled at once: each holds a handful of requests, and the API server has other clients.
const CONCURRENCY: u16 = 4;

/// How often it is looked for what waits to be reconciled though nothing tells of it: an object that is new in the list of a watch
/// that begins anew can be told of before the store has it, and is then passed over.
const OVERDUE: Duration = Duration::from_secs(15);

/// The label of ClusterRoles whose rules kube-controller-manager gives to the operator.
const SOURCES_LABEL: &str = "tributary.dev/aggregate-to-sources";

/// What feeds the [`Stores`].
pub(crate) struct Writers {
    api_services: Writer<ApiServiceMeta>,
    definitions: Writer<DefinitionMeta>,
    namespace: Writer<PartialObjectMeta<Namespace>>,
}

/// Empty stores, and what will feed them.
pub(crate) fn stores() -> (Stores, Writers) {
    let (api_services, api_services_writer) = reflector::store();
    let (definitions, definitions_writer) = reflector::store();
    let (namespace, namespace_writer) = reflector::store();
    (
        Stores { api_services, definitions, namespace },
        Writers {
            api_services: api_services_writer,
            definitions: definitions_writer,
            namespace: namespace_writer,
        },
    )
}

/// Reconciles until `shutdown`; ends earlier only if something is wrong.
pub(crate) async fn run(
    operator: Arc<Operator>,
    writers: Writers,
    told: mpsc::Receiver<ObjectRef<AggregatedApi>>,
    shutdown: CancellationToken,
) {
    let client = operator.cluster.client();
    let namespace = operator.site.namespace.clone();
    let (definitions, writer) = reflector::store::<AggregatedApi>();
    // Our own writes of the status are no reason to look again.
    let changed = reflector::reflector(
        writer,
        watcher(Api::all(client.clone()), watcher::Config::default()).default_backoff(),
    )
    .applied_objects()
    .predicate_filter(
        predicates::generation.combine(predicates::annotations).combine(predicates::finalizers),
        Default::default(),
    );
    let api_services = stored(writers.api_services, Api::all(client.clone()), watcher::Config::default());
    let custom = stored(writers.definitions, Api::all(client.clone()), watcher::Config::default());
    let own = watcher::Config::default().fields(&format!("metadata.name={namespace}"));
    let namespaces = stored(writers.namespace, Api::all(client.clone()), own);
    let all: Store<AggregatedApi> = definitions.clone();
    let everyone = move || all.state().iter().map(|api| ObjectRef::from_obj(&**api)).collect::<Vec<_>>();
    let overdue = ticks(OVERDUE).flat_map({
        let all = definitions.clone();
        move |()| stream::iter(overdue(&all))
    });
    // What was not granted may be granted now. Until kube-controller-manager has aggregated it, a moment later, it is not:
    // the first retries follow soon.
    let granted = cluster_scoped::<ClusterRole>(&client, &format!("{SOURCES_LABEL}=true"));
    // Those that it stands in for send their callers to where it is.
    let stand_in = namespaced::<Pod>(&client, &namespace, STAND_IN_SELECTOR);
    let others = everyone.clone();
    let try_anew = {
        let (operator, everyone) = (operator.clone(), everyone.clone());
        move |_| {
            operator.retries.start_anew();
            everyone()
        }
    };

    Controller::for_stream(changed, definitions)
        .with_config(controller::Config::default().concurrency(CONCURRENCY))
        .watches_stream(api_services, by_name)
        .watches_stream(custom, by_name)
        .watches_stream(namespaces, move |_| everyone())
        .watches_stream(granted, try_anew)
        // Their gateways told something new.
        .reconcile_on(stream::select(told, overdue))
        .watches_stream(namespaced::<ServiceAccount>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<Role>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<RoleBinding>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<ConfigMap>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<Secret>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<Service>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<PersistentVolumeClaim>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<Deployment>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<Pod>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(namespaced::<EndpointSlice>(&client, &namespace, GROUP_LABEL), by_label)
        .watches_stream(stand_in, move |_| others())
        .watches_stream(cluster_scoped::<ClusterRole>(&client, GROUP_LABEL), by_label)
        .watches_stream(cluster_scoped::<ClusterRoleBinding>(&client, GROUP_LABEL), by_label)
        .graceful_shutdown_on(shutdown.cancelled_owned())
        .run(
            |api, operator: Arc<Operator>| async move {
                operator.stores.wait().await;
                reconcile(api, operator).await
            },
            retry,
            operator,
        )
        .for_each(|result| async move {
            match result {
                // `retry` has logged it.
                Ok(_) | Err(controller::Error::ReconcilerFailed(..)) => {}
                // A child, or somebody else's APIService, of a group that is not declared.
                Err(controller::Error::ObjectNotFound(_)) => {}
                Err(error) => tracing::warn!(%error, "a watch failed and is tried again"),
            }
        })
        .await;
}

fn ticks(every: Duration) -> impl Stream<Item = ()> {
    stream::unfold(tokio::time::interval(every), |mut interval| async move {
        interval.tick().await;
        Some(((), interval))
    })
}

fn overdue(all: &Store<AggregatedApi>) -> Vec<ObjectRef<AggregatedApi>> {
    all.state().iter().filter(|api| is_overdue(api)).map(|api| ObjectRef::from_obj(&**api)).collect()
}

/// Whether nothing is said yet of an object as it is, or it waits for us to let it go.
fn is_overdue(api: &AggregatedApi) -> bool {
    let told = api.status.as_ref().and_then(|status| status.observed_generation);
    let held = api.metadata.deletion_timestamp.is_some() && deletion::is_held(api);
    held || told < api.metadata.generation
}

/// The children of one kind, only their metadata: that something changed is all that matters.
fn namespaced<K>(
    client: &Client,
    namespace: &str,
    labels: &str,
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + 'static
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + 'static,
{
    watcher(Api::<PartialObjectMeta<K>>::namespaced(client.clone(), namespace), labelled(labels))
        .default_backoff()
        .touched_objects()
}

fn cluster_scoped<K>(
    client: &Client,
    labels: &str,
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + 'static
where
    K: Resource<DynamicType = (), Scope = ClusterResourceScope>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + 'static,
{
    watcher(Api::<PartialObjectMeta<K>>::all(client.clone()), labelled(labels))
        .default_backoff()
        .touched_objects()
}

fn labelled(labels: &str) -> watcher::Config {
    watcher::Config::default().labels(labels)
}

/// The metadata of all objects of one kind, which feed a store on their way.
fn stored<K>(
    writer: Writer<PartialObjectMeta<K>>,
    api: Api<PartialObjectMeta<K>>,
    config: watcher::Config,
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + 'static
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    reflector::reflector(writer, watcher(api, config).default_backoff()).touched_objects()
}

/// The AggregatedAPI that a child's label names.
fn by_label<K: Resource>(child: PartialObjectMeta<K>) -> Option<ObjectRef<AggregatedApi>> {
    child.labels().get(GROUP_LABEL).map(|group| ObjectRef::new(group))
}

/// The AggregatedAPI of the group in the name of an APIService or a CustomResourceDefinition.
fn by_name<K: Resource>(registered: PartialObjectMeta<K>) -> Option<ObjectRef<AggregatedApi>> {
    group_of(&registered.name_any()).map(ObjectRef::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture;

    #[test]
    fn what_waits_is_found() {
        for (case, metadata, status, overdue) in [
            ("new", json!({}), json!(null), true),
            ("told", json!({}), json!({"observedGeneration": 3}), false),
            ("changed", json!({}), json!({"observedGeneration": 2}), true),
            (
                "held",
                json!({"finalizers": ["tributary.dev/apiservices"]}),
                json!({"observedGeneration": 3}),
                false,
            ),
            (
                "going",
                json!({"finalizers": ["tributary.dev/apiservices"], "deletionTimestamp": "2026-01-02T03:04:05Z"}),
                json!({"observedGeneration": 3}),
                true,
            ),
            (
                "held by another",
                json!({"finalizers": ["example.com/x"], "deletionTimestamp": "2026-01-02T03:04:05Z"}),
                json!({"observedGeneration": 3}),
                false,
            ),
        ] {
            let mut api = serde_json::to_value(fixture::api(json!({}))).expect("JSON");
            fixture::merge(&mut api, json!({"metadata": metadata, "status": status}));
            let api: AggregatedApi = serde_json::from_value(api).expect("an AggregatedAPI");
            assert_eq!(is_overdue(&api), overdue, "{case}");
        }
    }
}
