//! Which group a connection is for: its client looks for the group's Service by name (TLS, SNI).

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceExt;

use crate::listener::Connection;
use crate::wire::{Server, health, stand_in_router};

/// The groups that are answered for, by the first label of their Services' names.
#[derive(Default)]
pub(super) struct Groups {
    routers: ArcSwap<BTreeMap<String, Router>>,
}

#[derive(Clone)]
struct Front {
    groups: Arc<Groups>,
    /// Answers probes, who look for nobody.
    own: Router,
}

// === impl Groups ===

impl Groups {
    /// Answers for these groups, and no others.
    pub(super) fn answer_for(&self, servers: impl Iterator<Item = (String, Arc<Server>)>) {
        let routers = servers.map(|(instance, server)| (instance, stand_in_router(server)));
        self.routers.store(Arc::new(routers.collect()));
    }
}

/// Everything that is answered. `server` publishes nothing.
pub(super) fn router(groups: Arc<Groups>, server: Arc<Server>) -> Router {
    let own = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .with_state(server);
    Router::new().fallback(dispatch).with_state(Front { groups, own })
}

async fn dispatch(State(front): State<Front>, request: Request) -> Response {
    let connection = request.extensions().get::<Arc<Connection>>().cloned().unwrap_or_default();
    // Callers go back to the gateway with their next connection, as soon as it is ready: what they have here would
    // last as long as they use it.
    connection.drain.cancel();
    let asked = connection.server_name.as_deref().map(instance);
    let router = asked.and_then(|instance| front.groups.routers.load().get(instance).cloned());
    match router.unwrap_or(front.own).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The name of the Service in its DNS name.
pub(super) fn instance(server_name: &str) -> &str {
    server_name.split('.').next().unwrap_or_default()
}
