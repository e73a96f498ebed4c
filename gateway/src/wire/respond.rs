//! Answers: Status errors, objects, lists, documents.

use std::collections::HashSet;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, VARY, WARNING, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use tributary_definition::Document;
use tributary_registry::Status;

use super::encoding::Encoding;
use super::negotiate::Preferences;

/// The most characters of all warnings; beyond it each is cut (apiserver, `filters/warning.go`).
const WARNINGS_MOST: usize = 4096;
/// The length that warnings are cut to.
const WARNING_CUT: usize = 256;

/// The JSON of a refusal, kept beside its answer until it is known how the client would have it written.
#[derive(Clone)]
struct Refused(Bytes);

/// The media type of JSON answers.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A refusal, as the registry says it.
pub(crate) struct Refusal(pub(crate) Status);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status) = self;
        let code = StatusCode::from_u16(status.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = line(&status);
        let mut response = with_type(code, JSON, body.clone());
        response.extensions_mut().insert(Refused(body));
        if let Some(seconds) = status.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        warn(&mut response, &status.warnings);
        response
    }
}

/// JSON from a value, with the line feed that ends every JSON answer.
pub(crate) fn json(code: StatusCode, value: &impl Serialize) -> Response {
    with_type(code, JSON, line(value))
}

/// The same in another encoding.
pub(crate) fn encoded(code: StatusCode, encoding: Encoding, value: &impl Serialize) -> Response {
    with_type(code, encoding.media_type(), encoding.encode(line(value)))
}

/// Whether the body is still to be written in the encoding that the client prefers.
pub(crate) fn is_refusal(response: &Response) -> bool {
    response.extensions().get::<Refused>().is_some()
}

/// A refusal in the encoding that the client prefers; other answers stay as they are.
pub(crate) fn as_preferred(mut response: Response, preferences: &Preferences) -> Response {
    let Some(Refused(json)) = response.extensions_mut().remove() else { return response };
    let encoding = preferences.of_refusal();
    response.headers_mut().insert(CONTENT_TYPE, encoding.media_type());
    response.map(|_| encoding.encode(json).into())
}

fn line(value: &impl Serialize) -> Bytes {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes.into()
}

/// Any bytes of a media type.
pub(crate) fn with_type(code: StatusCode, media_type: HeaderValue, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = code;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// Plain text that no browser may take for anything else.
pub(crate) fn text(code: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = with_type(code, HeaderValue::from_static("text/plain; charset=utf-8"), body);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A document encoded when the definition was compiled; 304 where the client has it.
pub(crate) fn document(request: &HeaderMap, document: &Document, media_type: HeaderValue) -> Response {
    let known = request.get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == document.etag.as_bytes());
    let mut response = if known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        with_type(StatusCode::OK, media_type, document.body.clone())
    };
    let headers = response.headers_mut();
    insert(headers, ETAG, &document.etag);
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    response
}

/// The same, kept by shared caches as Kubernetes' aggregated discovery is.
pub(crate) fn public_document(request: &HeaderMap, entity: &Document, media_type: HeaderValue) -> Response {
    let mut response = document(request, entity, media_type);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public"));
    response
}

/// Adds one `Warning: 299` header for each text.
pub(crate) fn warn(response: &mut Response, texts: &[String]) {
    let total: usize = texts.iter().map(|text| text.chars().count()).sum();
    let most = if total > WARNINGS_MOST { WARNING_CUT } else { WARNINGS_MOST };
    let mut said = HashSet::new();
    let mut sent = 0;
    for text in texts {
        let cut: String = text.chars().filter(|character| !character.is_control()).take(most).collect();
        let length = cut.chars().count();
        if sent + length > WARNINGS_MOST {
            return;
        }
        let escaped = cut.replace('\\', "\\\\").replace('"', "\\\"");
        if !said.insert(cut) {
            continue;
        }
        sent += length;
        if let Ok(value) = HeaderValue::from_bytes(format!("299 - \"{escaped}\"").as_bytes()) {
            response.headers_mut().append(WARNING, value);
        }
    }
}

/// The same, before the warnings that there are already.
pub(crate) fn warn_first(response: &mut Response, texts: &[String]) {
    let others: Vec<HeaderValue> = response.headers().get_all(WARNING).iter().cloned().collect();
    response.headers_mut().remove(WARNING);
    warn(response, texts);
    for other in others {
        response.headers_mut().append(WARNING, other);
    }
}

/// Sets a header whose value comes from outside; one that is no header value is left out.
pub(crate) fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings() {
        let mut response = Response::new(Body::empty());
        warn(&mut response, &["a \"b\" \\".to_owned(), "é\n".to_owned(), "é\n".to_owned()]);
        let values: Vec<_> = response.headers().get_all(WARNING).iter().map(HeaderValue::as_bytes).collect();
        assert_eq!(values, [r#"299 - "a \"b\" \\""#.as_bytes(), "299 - \"é\"".as_bytes()]);
        let long: Vec<_> = (0..20).map(|n| format!("{n}{}", "x".repeat(300))).collect();
        let mut response = Response::new(Body::empty());
        warn(&mut response, &long);
        let sent: Vec<_> = response.headers().get_all(WARNING).iter().map(|value| value.len()).collect();
        assert_eq!(sent, [256 + 8; 16], "cut, and 4096 characters in all");
    }
}
