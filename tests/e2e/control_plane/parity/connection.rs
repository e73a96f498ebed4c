//! One connection that is kept: the suite sends thousands of requests.

use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;

use crate::harness::{Answer, Caller};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(70);
/// A warning is a header, and an object can draw many.
const HEADERS_MOST: usize = 256;

/// A caller's connection, opened when it is first needed and again when the server has closed it.
pub(super) struct Connection {
    caller: Caller,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(super) fn new(caller: &Caller) -> Self {
        Self { caller: caller.clone(), sender: None }
    }

    /// Sends one request. An error is that of the connection.
    pub(super) async fn send(
        &mut self,
        method: Method,
        target: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(target).header("Host", "localhost");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")));
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        if let Some(sender) = &mut self.sender
            && sender.ready().await.is_err()
        {
            self.sender = None;
        }
        if self.sender.is_none() {
            let stream = TokioIo::new(self.caller.connect().await);
            let handshake = Builder::new().max_headers(HEADERS_MOST).handshake(stream).await;
            let (sender, connection) = handshake.map_err(|error| format!("{error:?}"))?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let sender = self.sender.as_mut().unwrap();
        let response = sender.send_request(request).await.map_err(|error| format!("{error:?}"))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
        let zipped = parts.headers.get("Content-Encoding").is_some_and(|encoding| encoding == "gzip");
        let body = if zipped { unzipped(&body)? } else { body };
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

fn unzipped(body: &[u8]) -> Result<Bytes, String> {
    let mut unzipped = Vec::new();
    GzDecoder::new(body).read_to_end(&mut unzipped).map_err(|error| format!("gzip: {error}"))?;
    Ok(unzipped.into())
}
