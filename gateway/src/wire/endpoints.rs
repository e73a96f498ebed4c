//! Raw endpoints.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, Method, StatusCode};
use tributary_definition::Endpoint;
use tributary_registry::Status;

use super::respond::{Refusal, with_type};

/// Answers a request for a raw endpoint.
pub(crate) fn serve(endpoint: &Endpoint, method: &Method) -> Response {
    // HEAD comes with GET; the server leaves the body out.
    let asked = if method == Method::HEAD { &Method::GET } else { method };
    if !endpoint.methods.iter().any(|offered| offered.as_str() == asked.as_str()) {
        return Refusal(Status::method_not_allowed()).into_response();
    }
    // The type was checked when the definition was compiled.
    let fallback = HeaderValue::from_static("application/octet-stream");
    let media_type = HeaderValue::from_str(&endpoint.response.content_type).unwrap_or(fallback);
    let mut response = with_type(StatusCode::OK, media_type, Body::from(endpoint.response.body.clone()));
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
