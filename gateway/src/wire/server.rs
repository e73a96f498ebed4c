//! The routes, and what their handlers share.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use tributary_access::{Authenticator, Authorizer};
use tributary_registry::Registry;

use super::limits::InFlight;
use super::{Readiness, api, chain, discovery, health, index};
use crate::metrics::{self, Metrics};

/// What is below a version: resources and raw endpoints.
const OBJECTS: &str = "/apis/{group}/{version}/{*rest}";

/// What every request needs.
pub(crate) struct Server {
    pub(crate) registry: Arc<Registry>,
    pub(crate) authenticator: Authenticator,
    pub(crate) authorizer: Authorizer,
    /// Decides who sees which objects of a view: many questions, whose answers are kept for a shorter time.
    pub(crate) objects: Authorizer,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) metrics: Metrics,
    pub(crate) in_flight: InFlight,
}

/// Everything that the gateway answers. Each request goes through [`chain::run`] first.
pub(crate) fn router(server: Arc<Server>) -> Router {
    finished(documents().route(OBJECTS, any(api::serve)), server)
}

/// What can be said of a group of which no gateway is ready: everything that depends on the definition alone.
pub(crate) fn stand_in_router(server: Arc<Server>) -> Router {
    finished(documents().route(OBJECTS, any(index::absent)), server)
}

fn documents() -> Router<Arc<Server>> {
    Router::new()
        .route("/livez", get(health::livez))
        .route("/livez/{check}", get(health::livez_check))
        .route("/healthz", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/readyz/{check}", get(health::readyz_check))
        .route("/metrics", get(metrics::scrape))
        .route("/version", get(index::version))
        .route("/apis", get(discovery::root))
        .route("/apis/{group}", get(discovery::group))
        .route("/apis/{group}/{version}", get(discovery::version))
        .route("/apis/{group}/{version}/", get(discovery::version))
        .route("/openapi/v2", get(discovery::openapi_v2))
        .route("/openapi/v3", get(discovery::openapi_v3_root))
        .route("/openapi/v3/{*key}", get(discovery::openapi_v3))
}

fn finished(routes: Router<Arc<Server>>, server: Arc<Server>) -> Router {
    routes
        .fallback(index::fallback)
        .method_not_allowed_fallback(index::method_not_allowed)
        .layer(from_fn_with_state(server.clone(), chain::run))
        .with_state(server)
}
