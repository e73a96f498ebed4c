//! What every request goes through before its handler, and every answer after (design: a request's way).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version};
use tracing::{debug, error, warn};
use tributary_access::{AuthenticationError, Decision, User};
use tributary_registry::{Parameters, Reason, Status};

use super::forbidden;
use super::negotiate::Preferences;
use super::request_info::RequestInfo;
use super::respond::{self, Refusal};
use super::server::Server;
use super::{limits, query, sources, state};
use crate::held::hold;
use crate::listener::Connection;

/// How long a request other than a watch may take (apiserver, `RequestTimeout`).
const DEADLINE: Duration = Duration::from_secs(60);
const AUDIT_ID: HeaderName = HeaderName::from_static("audit-id");
/// The longest audit id that is taken over from a client, in bytes.
const AUDIT_ID_MOST: usize = 64;

/// Runs one request: out of it comes an answer, whatever the handler does.
pub(crate) async fn run(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let parameters = query::parameters(request.uri());
    let info = Arc::new(RequestInfo::parse(request.method(), request.uri(), &parameters));
    let audit_id = audit_id(request.headers());
    let uri = request.uri().clone();
    let preferences = Preferences::of(request.headers(), &parameters);
    let guarded = AssertUnwindSafe(admit(&server, request, next, info.clone(), parameters)).catch_unwind();
    let response = guarded.await.unwrap_or_else(|_| panicked(&uri));
    let mut response = respond::as_preferred(response, &preferences);
    finish(&mut response, audit_id);
    server.metrics.observe(&server.registry, &info, response.status(), started.elapsed());
    debug!(method = info.method, path = info.path, code = response.status().as_u16(), "request");
    response
}

/// Who calls, whether there is room, whether they may: then the handler, within the deadline.
async fn admit(
    server: &Server,
    mut request: Request,
    next: Next,
    info: Arc<RequestInfo>,
    parameters: Parameters,
) -> Response {
    // The listener puts it there; without one nothing was presented.
    let connection = request.extensions().get::<Arc<Connection>>().cloned().unwrap_or_default();
    if let Some(answer) = state::answer(server, &connection, &request) {
        return answer;
    }
    let token = request.headers().contains_key(AUTHORIZATION);
    let Some(asking) = (if token { server.in_flight.authenticate().map(Some) } else { Some(None) }) else {
        return limits::too_many();
    };
    let user = authenticate(server, &connection, &mut request).await;
    drop(asking);
    if request.version() == Version::HTTP_2 && user.as_ref().map_or(true, User::is_anonymous) {
        // The callers of an open port are not to hold on to it (apiserver, `UnauthenticatedHTTP2DOSMitigation`).
        connection.drain.cancel();
    }
    let user = match user {
        Ok(user) => user,
        Err(refused) => return refused,
    };
    let Some(permit) = server.in_flight.enter(&info, &user) else {
        return limits::too_many();
    };
    let handle = async {
        if state::is_asked_for(request.uri()) {
            return forbidden::refuse(&user, &info, "");
        }
        if let Err(refused) = authorize(server, &user, &info, &parameters, request.uri()).await {
            return refused;
        }
        if let Err(refused) = sources::authorize(server, &user, &info, request.uri()).await {
            return refused;
        }
        request.extensions_mut().insert(info.clone());
        request.extensions_mut().insert(Arc::new(user.clone()));
        request.extensions_mut().insert(Arc::new(parameters));
        next.run(request).await
    };
    if info.is_watch() {
        return handle.await.map(|body| hold(body, permit));
    }
    tokio::time::timeout(DEADLINE, handle).await.unwrap_or_else(|_| timed_out())
}

async fn authenticate(
    server: &Server,
    connection: &Connection,
    request: &mut Request,
) -> Result<User, Response> {
    let user = server.authenticator.authenticate(request.headers(), &connection.peer).await;
    server.authenticator.strip(request.headers_mut());
    user.map_err(|error| {
        if let AuthenticationError::Starting = &error {
            let status = Status::failure(Reason::ServiceUnavailable, error.to_string());
            return Refusal(status.with_retry_after(1)).into_response();
        }
        if let AuthenticationError::Unavailable(cause) = &error {
            warn!(%cause, "a token could not be reviewed");
        }
        Refusal(Status::failure(Reason::Unauthorized, "Unauthorized")).into_response()
    })
}

async fn authorize(
    server: &Server,
    user: &User,
    info: &RequestInfo,
    parameters: &Parameters,
    uri: &Uri,
) -> Result<(), Response> {
    match server.authorizer.authorize(user, &info.attributes(parameters)).await {
        Ok(Decision::Allowed) => Ok(()),
        Ok(Decision::Denied { reason }) => Err(forbidden::refuse(user, info, &reason)),
        Err(error) => {
            warn!(%error, "a request could not be authorized");
            Err(forbidden::internal_error(uri, &error.to_string()))
        }
    }
}

/// What apiserver's `WithRequestDeadline` answers.
fn timed_out() -> Response {
    let text = "Timeout: request did not complete within the allotted timeout";
    Refusal(Status::failure(Reason::Timeout, text)).into_response()
}

fn panicked(uri: &Uri) -> Response {
    error!(path = uri.path(), "a handler panicked");
    respond::text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "This request caused apiserver to panic. Look in the logs for details.\n",
    )
}

fn finish(response: &mut Response, audit_id: HeaderValue) {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache, private"));
    headers.insert(AUDIT_ID, audit_id);
}

/// The id of the request that kube-apiserver gave it, or a new one.
fn audit_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(AUDIT_ID).filter(|id| !id.is_empty() && id.len() <= AUDIT_ID_MOST);
    let made = || HeaderValue::from_str(&uuid::Uuid::new_v4().to_string());
    given.cloned().or_else(|| made().ok()).unwrap_or(HeaderValue::from_static(""))
}
