//! Paths that lead nowhere, the version, and the time before there is a definition.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use serde_json::json;
use tributary_registry::{Published, Reason, Status};

use super::respond::{self, Refusal};
use super::server::Server;

/// When to ask again where no gateway is ready, in seconds. Clients of Kubernetes do so by themselves, a few times: a moment in which a
/// gateway is back, and callers are not sent to it yet, is not seen.
const ABSENT_FOR: u32 = 1;

/// `GET /version`: `version.Info`.
pub(crate) async fn version() -> Response {
    let mut numbers = env!("CARGO_PKG_VERSION").split('.');
    respond::json(
        StatusCode::OK,
        &json!({
            "major": numbers.next().unwrap_or_default(),
            "minor": numbers.next().unwrap_or_default(),
            "gitVersion": concat!("v", env!("CARGO_PKG_VERSION")),
            "gitCommit": "",
            "gitTreeState": "",
            "buildDate": "",
            "goVersion": "",
            "compiler": "rustc",
            "platform": format!("{}/{}", std::env::consts::OS, architecture()),
        }),
    )
}

/// Go's name of the architecture.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// `GET /` lists the paths; so does 404.
pub(crate) async fn fallback(State(server): State<Arc<Server>>, uri: Uri) -> Response {
    let published = server.registry.published();
    if uri.path() == "/" {
        return respond::json(StatusCode::OK, &json!({ "paths": paths(published.as_deref()) }));
    }
    match published {
        Some(published) => no_such_path(Some(&published)),
        None => not_yet(),
    }
}

/// 404 as Go's `http.NotFound` has it: for a path that no resource of the group has.
pub(crate) fn not_found() -> Response {
    respond::text(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// 405.
pub(crate) async fn method_not_allowed() -> Response {
    Refusal(Status::method_not_allowed()).into_response()
}

/// 404 for a path that no resource can have.
pub(crate) fn no_such_path(published: Option<&Published>) -> Response {
    respond::json(StatusCode::NOT_FOUND, &json!({ "paths": paths(published) }))
}

/// 503 until there is a definition: a 404 would say that something is gone for good.
pub(crate) fn not_yet() -> Response {
    let text = "the definition of the group has not been loaded yet, please try again";
    unavailable(text, 1)
}

/// 503 for what only a gateway can answer: nobody is to take it for gone.
pub(crate) async fn absent(State(server): State<Arc<Server>>) -> Response {
    let published = server.registry.published();
    let group = published.as_ref().map(|published| published.compiled.group.as_str()).unwrap_or_default();
    let text = format!("no gateway of {group} is ready, please try again");
    unavailable(&text, ABSENT_FOR)
}

/// 503, and in how many seconds to ask again.
fn unavailable(text: &str, retry_after: u32) -> Response {
    Refusal(Status::failure(Reason::ServiceUnavailable, text).with_retry_after(retry_after)).into_response()
}

fn paths(published: Option<&Published>) -> Vec<String> {
    let mut paths: Vec<String> =
        ["/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]
            .map(str::to_owned)
            .into();
    if let Some(published) = published {
        let group = format!("/apis/{}", published.compiled.group);
        paths.extend(published.compiled.versions.iter().map(|version| format!("{group}/{version}")));
        paths.push(group);
    }
    paths.sort();
    paths
}
