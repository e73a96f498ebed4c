//! Discovery and OpenAPI: documents that were encoded when the definition was compiled. They never wait for a
//! store, a source or an upstream.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, EXPIRES};
use http::{HeaderMap, HeaderValue};
use tributary_definition::Document;
use tributary_registry::Published;

use super::respond::{self, JSON};
use super::server::Server;
use super::{index, negotiate};

/// The media type of aggregated discovery.
pub(super) const AGGREGATED: HeaderValue =
    HeaderValue::from_static("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
/// A year, in seconds: how long a document with its hash in the address may be kept.
const YEAR: i64 = 365 * 24 * 60 * 60;

/// `GET /apis`: aggregated or legacy.
pub(crate) async fn root(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    let Some(published) = server.registry.published() else { return index::not_yet() };
    let discovery = &published.compiled.discovery;
    if negotiate::aggregated_discovery(&headers) {
        return respond::public_document(&headers, &discovery.aggregated, AGGREGATED);
    }
    respond::document(&headers, &discovery.root, JSON)
}

/// `GET /apis/<group>`.
pub(crate) async fn group(
    State(server): State<Arc<Server>>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&server, &headers, |published| {
        (group == published.compiled.group).then_some(&published.compiled.discovery.group)
    })
}

/// `GET /apis/<group>/<version>`.
pub(crate) async fn version(
    State(server): State<Arc<Server>>,
    Path((group, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&server, &headers, |published| {
        let versions = &published.compiled.discovery.versions;
        versions.get(&version).filter(|_| group == published.compiled.group)
    })
}

/// `GET /openapi/v2`.
pub(crate) async fn openapi_v2(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    answer(&server, &headers, |published| Some(&published.compiled.openapi.v2))
}

/// `GET /openapi/v3`. One 404 here would make kube-apiserver give up on v3 for this group for good.
pub(crate) async fn openapi_v3_root(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    answer(&server, &headers, |published| Some(&published.compiled.openapi.v3_root))
}

/// `GET /openapi/v3/apis/<group>/<version>`. With an old hash the current document is sent: a redirect, which
/// a server of its own would send, is refused by kube-apiserver.
pub(crate) async fn openapi_v3(
    State(server): State<Arc<Server>>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut current = false;
    let mut response = answer(&server, &headers, |published| {
        let document = published.compiled.openapi.v3.get(&key)?;
        let query = query.as_deref().unwrap_or_default();
        let hash = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "hash");
        current = hash.is_some_and(|(_, hash)| hash == document.hash());
        Some(document)
    });
    if current {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, immutable"));
        respond::insert(response.headers_mut(), EXPIRES, &in_a_year());
    }
    response
}

fn answer(
    server: &Server,
    headers: &HeaderMap,
    find: impl for<'a> FnOnce(&'a Published) -> Option<&'a Document>,
) -> Response {
    let Some(published) = server.registry.published() else { return index::not_yet() };
    match find(&published) {
        Some(document) => respond::document(headers, document, JSON),
        None => index::no_such_path(Some(&published)),
    }
}

/// As HTTP writes a date.
fn in_a_year() -> String {
    let now = jiff::Timestamp::now().as_second();
    let then = jiff::Timestamp::from_second(now + YEAR).unwrap_or_default();
    then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
