//! Several groups behind one listener, as kube-apiserver has them: discovery and OpenAPI name all of them, and everything else
//! goes to the group that its path names.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};
use tower::ServiceExt;
use tributary_definition::{Compiled, Document};

use super::discovery::AGGREGATED;
use super::respond::{self, JSON};
use super::server::{Server, router};
use super::{chain, health, index, negotiate};

/// OpenAPI v2 in protobuf, as clients ask for it and as kube-apiserver names it.
const OPENAPI_V2_ACCEPTED: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
const OPENAPI_V2: HeaderValue =
    HeaderValue::from_static("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");

/// The groups that are served, swapped as a whole.
#[derive(Default)]
pub(crate) struct Groups {
    current: ArcSwap<Current>,
}

#[derive(Default)]
struct Current {
    routers: BTreeMap<String, Router>,
    documents: Documents,
}

/// What is said of all groups together.
struct Documents {
    root: Document,
    aggregated: Document,
    openapi_v2: Document,
    openapi_v3: Document,
    paths: Vec<String>,
}

/// What a request for a group or for all of them needs.
#[derive(Clone)]
struct Front {
    groups: Arc<Groups>,
    /// Answers what is of no group.
    own: Router,
}

// === impl Groups ===

impl Groups {
    /// Serves these groups, and no others.
    pub(crate) fn serve(&self, servers: impl IntoIterator<Item = Arc<Server>>) {
        let mut routers = BTreeMap::new();
        let mut served = Vec::new();
        for server in servers {
            let Some(published) = server.registry.published() else { continue };
            routers.insert(published.compiled.group.clone(), router(server));
            served.push(published.compiled.clone());
        }
        self.current.store(Arc::new(Current { routers, documents: Documents::of(&served) }));
    }

    fn router(&self, path: &str) -> Option<Router> {
        let path = path.strip_prefix("/openapi/v3").unwrap_or(path);
        let group = path.strip_prefix("/apis/")?.split('/').next()?;
        self.current.load().routers.get(group).cloned()
    }
}

/// Everything that the groups answer. `server` is who answers for all of them: it publishes no definition.
pub(crate) fn groups_router(groups: Arc<Groups>, server: Arc<Server>) -> Router {
    let own = Router::new()
        .route("/livez", get(health::livez))
        .route("/healthz", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/version", get(index::version))
        .route("/api", get(core))
        .route("/apis", get(root))
        .route("/openapi/v2", get(openapi_v2))
        .route("/openapi/v3", get(openapi_v3))
        .fallback(fallback)
        .method_not_allowed_fallback(index::method_not_allowed)
        .layer(Extension(groups.clone()))
        .layer(from_fn_with_state(server.clone(), chain::run))
        .with_state(server);
    Router::new().fallback(dispatch).with_state(Front { groups, own })
}

async fn dispatch(State(front): State<Front>, request: Request) -> Response {
    let router = front.groups.router(request.uri().path()).unwrap_or(front.own);
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// `GET /api`: there is no core group here.
async fn core(headers: HeaderMap) -> Response {
    if negotiate::aggregated_discovery(&headers) {
        let none = Documents::of(&[]).aggregated;
        return respond::public_document(&headers, &none, AGGREGATED);
    }
    let none = json!({"kind": "APIVersions", "versions": [], "serverAddressByClientCIDRs": []});
    respond::json(StatusCode::OK, &none)
}

async fn root(Extension(groups): Extension<Arc<Groups>>, headers: HeaderMap) -> Response {
    let documents = &groups.current.load().documents;
    if negotiate::aggregated_discovery(&headers) {
        return respond::public_document(&headers, &documents.aggregated, AGGREGATED);
    }
    respond::document(&headers, &documents.root, JSON)
}

/// kubectl asks for it in protobuf alone, and only of a kind that it has not found in v3. A document without anything,
/// which in protobuf is no bytes, says that it is not here either.
async fn openapi_v2(Extension(groups): Extension<Arc<Groups>>, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if accepted.starts_with(OPENAPI_V2_ACCEPTED) && !accepted.contains("json") {
        return respond::with_type(StatusCode::OK, OPENAPI_V2, Body::empty());
    }
    respond::document(&headers, &groups.current.load().documents.openapi_v2, JSON)
}

async fn openapi_v3(Extension(groups): Extension<Arc<Groups>>, headers: HeaderMap) -> Response {
    respond::document(&headers, &groups.current.load().documents.openapi_v3, JSON)
}

/// `GET /` lists the paths; so does 404.
async fn fallback(Extension(groups): Extension<Arc<Groups>>, uri: Uri) -> Response {
    let code = if uri.path() == "/" { StatusCode::OK } else { StatusCode::NOT_FOUND };
    respond::json(code, &json!({ "paths": groups.current.load().documents.paths }))
}

// === impl Documents ===

impl Documents {
    /// Those of the groups put together: each is a list or a map of what the groups have.
    fn of(served: &[Arc<Compiled>]) -> Self {
        let documents = |of: fn(&Compiled) -> &Document| served.iter().map(move |compiled| of(compiled));
        let root = json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": []});
        let kind = "APIGroupDiscoveryList";
        let aggregated =
            json!({"kind": kind, "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": []});
        let v2 = json!({"swagger": "2.0", "info": {"title": "Tributary", "version": "v0"}, "paths": {}});
        Self {
            root: joined(root, documents(|compiled| &compiled.discovery.root)),
            aggregated: joined(aggregated, documents(|compiled| &compiled.discovery.aggregated)),
            openapi_v2: joined(v2, documents(|compiled| &compiled.openapi.v2)),
            openapi_v3: joined(json!({"paths": {}}), documents(|compiled| &compiled.openapi.v3_root)),
            paths: paths(served),
        }
    }
}

impl Default for Documents {
    fn default() -> Self {
        Self::of(&[])
    }
}

/// The lists of all documents one after the other, and the maps merged.
fn joined<'a>(mut all: Value, documents: impl Iterator<Item = &'a Document>) -> Document {
    for document in documents {
        // What was encoded when the definition was compiled is an object.
        let fields: Map<String, Value> = serde_json::from_slice(&document.body).unwrap_or_default();
        for (name, value) in fields {
            match (all.get_mut(&name), value) {
                (Some(Value::Array(all)), Value::Array(items)) => all.extend(items),
                (Some(Value::Object(all)), Value::Object(fields)) => all.extend(fields),
                (Some(_), _) => {}
                (None, value) => all[name] = value,
            }
        }
    }
    let body = all.to_string();
    let etag = format!("\"{:X}\"", Sha512::digest(&body));
    Document { body: body.into(), etag }
}

fn paths(served: &[Arc<Compiled>]) -> Vec<String> {
    let own = ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];
    let of_groups = served.iter().flat_map(|compiled| {
        let group = format!("/apis/{}", compiled.group);
        let versions: Vec<_> = compiled.versions.iter().map(|version| format!("{group}/{version}")).collect();
        std::iter::once(group).chain(versions)
    });
    let mut paths: Vec<String> = own.map(str::to_owned).into_iter().chain(of_groups).collect();
    paths.sort();
    paths
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
