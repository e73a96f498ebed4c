//! The admin port: /healthz, /readyz, /metrics, without TLS, for kubelet and Prometheus.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::operator::Operator;

/// What OpenMetrics' text form is called.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves the admin port until `shutdown`.
///
/// # Errors
/// The system's, when the port cannot be opened.
pub(crate) async fn serve(
    address: SocketAddr,
    operator: Arc<Operator>,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "serving health and metrics");
    axum::serve(listener, router(operator)).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

fn router(operator: Arc<Operator>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(operator)
}

async fn ready(State(operator): State<Arc<Operator>>) -> Response {
    if operator.is_synced() || !operator.metrics.is_leader() {
        "ok".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "waiting for the API server").into_response()
    }
}

async fn metrics(State(operator): State<Arc<Operator>>) -> Response {
    match operator.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
