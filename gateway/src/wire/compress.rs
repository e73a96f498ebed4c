//! gzip of large answers (apiserver, `responsewriters/writers.go`). They are compressed as they are written: of a list,
//! no more than a frame is held.

use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use http::{HeaderMap, HeaderValue};
use http_body::Frame;

use super::respond::is_refusal;

/// Answers up to this size, in bytes, are sent as they are (apiserver, `defaultGzipThresholdBytes`).
pub(crate) const THRESHOLD: usize = 128 << 10;
/// Bytes that are compressed without letting others run: some 0.3 ms.
const PIECE: usize = 64 << 10;

/// Whether a client takes gzip.
pub(crate) fn accepted(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| value.split(',').any(|coding| coding.trim() == "gzip"))
}

/// The same answer, compressed where it is large.
pub(crate) fn compressed(response: Response) -> Response {
    // A refusal is written once more, in the encoding that the client prefers.
    if response.body().size_hint().lower() <= THRESHOLD as u64 || is_refusal(&response) {
        return response;
    }
    let mut response = response.map(|body| Body::new(GzipBody::new(body)));
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// A body being compressed.
struct GzipBody {
    inner: Body,
    /// What came of it and is not compressed yet.
    pending: Bytes,
    /// None: all has been written.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl GzipBody {
    fn new(inner: Body) -> Self {
        // The level that apiserver uses: others cost much more and give little.
        let encoder = GzEncoder::new(Vec::with_capacity(PIECE), Compression::fast());
        Self { inner, pending: Bytes::new(), encoder: Some(encoder) }
    }
}

impl http_body::Body for GzipBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        loop {
            let Some(encoder) = &mut this.encoder else { return Poll::Ready(None) };
            if this.pending.is_empty() {
                match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                    Some(Ok(frame)) => this.pending = frame.into_data().unwrap_or_default(),
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => {
                        let rest = this.encoder.take().map(GzEncoder::finish).transpose();
                        let rest = rest.map(|rest| Frame::data(rest.unwrap_or_default().into()));
                        return Poll::Ready(Some(rest.map_err(axum::Error::new)));
                    }
                }
                continue;
            }
            let piece = this.pending.split_to(this.pending.len().min(PIECE));
            if let Err(error) = encoder.write_all(&piece) {
                return Poll::Ready(Some(Err(axum::Error::new(error))));
            }
            if !encoder.get_ref().is_empty() {
                let out = std::mem::replace(encoder.get_mut(), Vec::with_capacity(PIECE));
                return Poll::Ready(Some(Ok(Frame::data(out.into()))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::response::IntoResponse;
    use flate2::read::GzDecoder;
    use tributary_registry::Status;

    use super::*;
    use crate::wire::respond::Refusal;

    #[test]
    fn who_takes_gzip() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, gzip", true),
            ("gzip;q=0.5", false),
            ("br", false),
            ("", false),
            ("*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(accepted(&headers), expected, "{value}");
        }
        assert!(!accepted(&HeaderMap::new()));
    }

    #[test]
    fn refusals_are_not() {
        let status = Status::bad_request("x".repeat(2 * THRESHOLD));
        let response = compressed(Refusal(status).into_response());
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn large_answers_are_compressed() {
        for (size, large) in [(0, false), (THRESHOLD, false), (THRESHOLD + 1, true), (5 << 20, true)] {
            let text: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            let response = compressed(text.clone().into_response());
            assert_eq!(response.headers().get(CONTENT_ENCODING).is_some(), large, "{size}");
            assert_eq!(response.headers().get(VARY).is_some(), large, "{size}");
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let mut decoded = Vec::new();
            match large {
                true => GzDecoder::new(&body[..]).read_to_end(&mut decoded).unwrap(),
                false => body.as_ref().read_to_end(&mut decoded).unwrap(),
            };
            assert_eq!(decoded, text);
        }
    }
}
