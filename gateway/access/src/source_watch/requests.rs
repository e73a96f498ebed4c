//! The two requests: a page of a list, and a watch.

use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::api::{ListParams, WatchParams};
use kube::client::Body;
use kube::core::Request;
use tributary_crds::SourceReference;

use super::failure::Stop;
use crate::review::refusal_message;

/// Bytes of a page, of a list in one, and of a refusal.
const PAGE_MOST: usize = 64 << 20;
const WHOLE_MOST: usize = 256 << 20;
const REFUSAL_MOST: usize = 64 << 10;
/// For the answer to a list, and for the beginning of that to a watch. kube-apiserver gives up a request after a minute.
const ANSWER: Duration = Duration::from_secs(90);
/// How long a watch lasts at the most, in seconds: kube-apiserver ends it then. It is given up a little later.
const LASTS: u32 = 290;
const GIVEN_UP: Duration = Duration::from_secs(LASTS as u64 + 15);
/// Bytes of an event: no API server keeps objects this large.
const LONGEST: u64 = 16 << 20;

/// Asks for the objects of one source.
pub(super) struct Requests {
    client: kube::Client,
    request: Request,
    labels: Option<String>,
    fields: Option<String>,
}

/// The events of a watch as they come.
pub(super) struct Lines<S> {
    stream: S,
    line: Vec<u8>,
    until: tokio::time::Instant,
}

// === impl Requests ===

impl Requests {
    pub(super) fn new(client: kube::Client, source: &SourceReference) -> Self {
        let selector = |selector: &Option<String>| selector.clone().filter(|selector| !selector.is_empty());
        Self {
            client,
            request: Request::new(path(source)),
            labels: selector(&source.label_selector),
            fields: selector(&source.field_selector),
        }
    }

    /// The page of at most `limit` objects after the one whose token this is, or the first; without a limit, all objects.
    pub(super) async fn page(&self, next: Option<&str>, limit: Option<u32>) -> Result<Bytes, Stop> {
        let parameters = ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            limit,
            continue_token: next.map(str::to_owned),
            ..ListParams::default()
        };
        let request = self.request.list(&parameters).map_err(invalid)?;
        let most = if limit.is_some() { PAGE_MOST } else { WHOLE_MOST };
        within(async { collect(self.send(request).await?, most).await }).await
    }

    /// The changes after a version.
    pub(super) async fn watch(
        &self,
        version: &str,
    ) -> Result<Lines<impl AsyncBufRead + Unpin + use<>>, Stop> {
        let parameters = WatchParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            timeout: Some(LASTS),
            ..WatchParams::default()
        };
        let request = self.request.watch(&parameters, version).map_err(invalid)?;
        let body = within(self.send(request)).await?;
        Ok(Lines {
            stream: body.into_data_stream().map_err(std::io::Error::other).into_async_read(),
            line: Vec::new(),
            until: tokio::time::Instant::now() + GIVEN_UP,
        })
    }

    /// The body of an answer that is a success.
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<Body, Stop> {
        let (head, body) = self.client.send(request.map(Body::from)).await?.into_parts();
        if head.status.is_success() {
            return Ok(body);
        }
        // A refusal that is too long to be a Status is told by its code.
        let body = collect(body, REFUSAL_MOST).await.unwrap_or_default();
        Err(Stop::refused(head.status.as_u16(), refusal_message(head.status, &body)))
    }
}

async fn collect(body: Body, most: usize) -> Result<Bytes, Stop> {
    match Limited::new(body, most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Stop::TooLarge(most)),
        Err(error) => Err(Stop::unavailable(format!("the answer broke off: {error}"))),
    }
}

/// Where a resource is served.
fn path(source: &SourceReference) -> String {
    let version = source.api_version.as_str();
    let root = if version.contains('/') { "apis" } else { "api" };
    let namespace = source.namespace.as_deref().filter(|namespace| !namespace.is_empty());
    let place = namespace.map(|namespace| format!("namespaces/{namespace}/")).unwrap_or_default();
    format!("/{root}/{version}/{place}{}", source.resource)
}

fn invalid(error: kube::core::request::Error) -> Stop {
    Stop::unavailable(error.to_string())
}

async fn within<T>(answer: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let late = |_| Err(Stop::unavailable(format!("no answer within {} s", ANSWER.as_secs())));
    tokio::time::timeout(ANSWER, answer).await.unwrap_or_else(late)
}

// === impl Lines ===

impl<S: AsyncBufRead + Unpin> Lines<S> {
    /// The next line; None at the end, which is an ordinary one also where the peer fell silent.
    pub(super) async fn next(&mut self) -> Result<Option<&[u8]>, Stop> {
        self.line.clear();
        let mut rest = (&mut self.stream).take(LONGEST);
        let read = rest.read_until(b'\n', &mut self.line);
        match tokio::time::timeout_at(self.until, read).await {
            Err(_) | Ok(Ok(0)) => Ok(None),
            Ok(Err(error)) => Err(Stop::unavailable(format!("the watch broke off: {error}"))),
            // The last one may have come in part.
            Ok(Ok(_)) if self.line.ends_with(b"\n") => Ok(Some(&self.line)),
            Ok(Ok(_)) if self.line.len() as u64 == LONGEST => {
                Err(Stop::unavailable(format!("an event of more than {LONGEST} bytes")))
            }
            Ok(Ok(_)) => Ok(None),
        }
    }
}
