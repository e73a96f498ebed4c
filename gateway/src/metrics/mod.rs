//! What the gateway counts, with the names that an API server has for it.

mod storage;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Families;
use tributary_registry::Registry;

use crate::wire::{RequestInfo, Server};
pub(crate) use storage::StorageMetrics;

/// Upper bounds in seconds; Kubernetes' own for `apiserver_request_duration_seconds`, thinned.
const SECONDS: [f64; 11] = [0.001, 0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// The metrics of one gateway.
pub(crate) struct Metrics {
    families: Families,
    requests: Family<RequestLabels, Counter>,
    durations: Family<DurationLabels, Histogram, fn() -> Histogram>,
    objects: Family<ResourceLabels, Gauge<i64>>,
    lags: Family<ResourceLabels, Gauge<f64, AtomicU64>>,
    rejected: Counter,
    generation: Gauge<f64, AtomicU64>,
    storage: StorageMetrics,
}

/// Labels come from the definition, never from a caller's path: their number is bounded.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    verb: &'static str,
    group: String,
    version: String,
    resource: String,
    subresource: String,
    scope: &'static str,
    component: &'static str,
    code: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DurationLabels {
    verb: &'static str,
    group: String,
    version: String,
    resource: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResourceLabels {
    group: String,
    resource: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut families = Families::default();
        let requests = Family::default();
        families.register("apiserver_request", "Requests by verb, resource and answer", requests.clone());
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let durations = Family::new_with_constructor(histogram);
        families.register(
            "apiserver_request_duration_seconds",
            "Time to the answer's header",
            durations.clone(),
        );
        let objects = Family::default();
        families.register("tributary_stored_objects", "Objects of a stored resource", objects.clone());
        let lags = Family::default();
        families.register(
            "tributary_view_lag_seconds",
            "How long after it came the last change of a view's sources was served",
            lags.clone(),
        );
        let rejected = Counter::default();
        families.register(
            "tributary_definition_rejections",
            "Definitions that did not compile and were not served",
            rejected.clone(),
        );
        let generation = Gauge::default();
        families.register(
            "tributary_definition_generation",
            "metadata.generation of the served definition",
            generation.clone(),
        );
        let storage = StorageMetrics::new(&mut families);
        Self { families, requests, durations, objects, lags, rejected, generation, storage }
    }
}

impl Metrics {
    /// Counts one answered request.
    pub(crate) fn observe(&self, registry: &Registry, info: &RequestInfo, code: StatusCode, took: Duration) {
        let published = registry.published();
        let known = info.resource.as_ref().filter(|target| {
            published.as_ref().is_some_and(|published| {
                target.group == published.compiled.group
                    && published.resource(&target.version, &target.resource).is_some()
            })
        });
        let verb = known.map_or("GET", |target| target.verb.metric());
        let part =
            |part: fn(&crate::wire::ResourceInfo) -> &String| known.map(part).cloned().unwrap_or_default();
        let (group, version, resource) = (part(|t| &t.group), part(|t| &t.version), part(|t| &t.resource));
        let labels = RequestLabels {
            verb,
            group: group.clone(),
            version: version.clone(),
            resource: resource.clone(),
            // One that does not exist must not make a label.
            subresource: known.map(declared_subresource).unwrap_or_default(),
            scope: known.map_or("", |target| target.scope()),
            component: "apiserver",
            code: code.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
        let labels = DurationLabels { verb, group, version, resource };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// What the database file is observed by.
    pub(crate) fn storage(&self) -> StorageMetrics {
        self.storage.clone()
    }

    /// Notes that a definition is served.
    pub(crate) fn definition_served(&self, generation: i64) {
        self.generation.set(generation as f64);
    }

    /// Notes that a definition was not.
    pub(crate) fn definition_rejected(&self) {
        self.rejected.inc();
    }

    /// Looks at what is known of each resource.
    fn look_at_resources(&self, registry: &Registry) {
        for resource in registry.published().iter().flat_map(|published| published.resources()) {
            let definition = resource.definition();
            let labels =
                ResourceLabels { group: definition.group.clone(), resource: definition.plural.clone() };
            self.objects.get_or_create(&labels).set(i64::try_from(resource.objects()).unwrap_or(i64::MAX));
            if let Some(view) = resource.view_report() {
                self.lags.get_or_create(&labels).set(view.lag.as_secs_f64());
            }
        }
    }
}

fn declared_subresource(target: &crate::wire::ResourceInfo) -> String {
    let known = ["status", "scale"].contains(&target.subresource.as_str());
    if known { target.subresource.clone() } else { String::new() }
}

/// `GET /metrics`.
pub(crate) async fn scrape(State(server): State<Arc<Server>>) -> Response {
    server.metrics.look_at_resources(&server.registry);
    let mut text = String::new();
    match encode(&mut text, &server.metrics.families) {
        Ok(()) => {
            let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, media_type)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
