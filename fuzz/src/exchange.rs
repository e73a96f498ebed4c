//! Requests as text, answered by the gateway's router.

use std::convert::Infallible;
use std::str;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use futures::FutureExt;
use http::{HeaderName, HeaderValue, Request};
use http_body_util::BodyExt;
use kube::Client;
use tower::{ServiceExt, service_fn};
use tributary_access::{Authenticator, Authorizer, Trust};
use tributary_registry::Registry;

use crate::metrics::Metrics;
use crate::wire::{InFlight, Readiness, Server, router};

/// What kube-apiserver answers to a SubjectAccessReview. It knows no token.
const ALLOWED: &str = r#"{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{},"status":{"allowed":true}}"#;
const REVIEWED: &str = r#"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{},"status":{"authenticated":false}}"#;
/// The most bytes of an answer that are read: a watch has no end.
const ANSWER_MOST: usize = 4 << 20;

/// Answers `text`: a line with method and target, header lines, an empty line, the body. None: hyper would not take it.
pub async fn answer(registry: Arc<Registry>, text: &[u8]) -> Option<u16> {
    let request = read(text)?;
    let client = Client::new(service_fn(reviewed), "default");
    let readiness = Readiness::default();
    readiness.definition_published();
    readiness.informers_synced();
    let server = Server {
        registry,
        authenticator: Authenticator::new(client.clone(), Trust::new()),
        objects: Authorizer::of_objects(client.clone()),
        authorizer: Authorizer::new(client),
        readiness: Arc::new(readiness),
        metrics: Metrics::default(),
        in_flight: InFlight::default(),
    };
    let response = router(Arc::new(server)).oneshot(request).await.unwrap_or_else(|never| match never {});
    let code = response.status().as_u16();
    drain(response).await;
    Some(code)
}

/// The answer's body as far as it comes without anything else happening.
async fn drain(response: Response) {
    let mut body = response.into_body();
    let mut read = 0;
    while let Some(Some(Ok(frame))) = body.frame().now_or_never() {
        read += frame.data_ref().map_or(0, |data| data.len());
        if read > ANSWER_MOST {
            return;
        }
    }
}

fn read(text: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match text.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (text, &b""[..]),
    };
    let mut lines = head.split(|&byte| byte == b'\n');
    let mut first = lines.next()?.splitn(2, |&byte| byte == b' ');
    let (method, target) = (first.next()?, first.next()?);
    let mut request = Request::builder().method(method).uri(target);
    for line in lines {
        let mut field = line.splitn(2, |&byte| byte == b':');
        let name = HeaderName::from_bytes(field.next()?).ok()?;
        let value = HeaderValue::from_bytes(field.next().unwrap_or_default().trim_ascii()).ok()?;
        request = request.header(name, value);
    }
    request.body(Body::from(body.to_vec())).ok()
}

/// kube-apiserver, as far as reviews go.
async fn reviewed(request: Request<kube::client::Body>) -> Result<Response, Infallible> {
    let answer = if request.uri().path().ends_with("/tokenreviews") { REVIEWED } else { ALLOWED };
    let mut response = Response::new(Body::from(answer));
    *response.status_mut() = http::StatusCode::CREATED;
    Ok(response)
}
