//! The two requests: a page of a list, and a watch.

use std::time::Duration;

use futures::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use kube::api::{ListParams, WatchParams};
use kube::core::Request;
use tributary_crds::SourceReference;

use super::failure::Stop;

/// Objects of a page.
const PAGE: u32 = 500;
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

    /// The page after the one whose token this is, or the first; all objects, if `whole`.
    pub(super) async fn page(&self, next: Option<&str>, whole: bool) -> Result<String, Stop> {
        let parameters = ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            limit: (!whole).then_some(PAGE),
            continue_token: next.map(str::to_owned),
            ..ListParams::default()
        };
        let request = self.request.list(&parameters).map_err(invalid)?;
        within(self.client.request_text(request)).await
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
        let stream = within(self.client.request_stream(request)).await?;
        Ok(Lines {
            stream: Box::pin(stream),
            line: Vec::new(),
            until: tokio::time::Instant::now() + GIVEN_UP,
        })
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

async fn within<T>(answer: impl Future<Output = kube::Result<T>>) -> Result<T, Stop> {
    match tokio::time::timeout(ANSWER, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Stop::unavailable(format!("no answer within {} s", ANSWER.as_secs()))),
    }
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
