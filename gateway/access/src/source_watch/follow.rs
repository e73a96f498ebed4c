//! One source that is followed: listed, watched, and listed anew when a watch cannot go on.

use std::time::Duration;

use futures::io::AsyncBufRead;
use kube::runtime::watcher::DefaultBackoff;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tributary_crds::SourceReference;

use super::SourceEvent;
use super::failure::{SourceFailure, Stop};
use super::object::{Line, Page, revision};
use super::requests::{Lines, Requests};

/// How often a source is tried that is forbidden or missing. It takes an administrator a moment to mend that, who then
/// looks at what comes of it; kube-apiserver refuses such a request without work.
const RETRY: Duration = Duration::from_secs(5);
/// A watch that ends sooner and has told nothing is a failure: going on at once would be without end.
const SHORTEST: Duration = Duration::from_secs(1);
/// How often, and how far apart, a list is tried that is to be newer. A cluster that does anything at all writes
/// something every few seconds.
const NEWER_TRIES: usize = 5;
const NEWER_REST: Duration = Duration::from_secs(1);

/// One source that is followed.
pub(super) struct Following {
    requests: Requests,
    shown: String,
    /// The first list is to be newer.
    newer_than: u64,
    told: mpsc::Sender<SourceEvent>,
    /// The version up to which everything was told; None: the whole is to be listed.
    reached: Option<String>,
    /// Whether it is listed in pages: not where a page came too late for its list.
    paged: bool,
    /// What was told last, if that was a failure.
    failure: Option<SourceFailure>,
    backoff: DefaultBackoff,
}

impl Following {
    pub(super) fn new(
        client: kube::Client,
        source: &SourceReference,
        newer_than: u64,
        told: mpsc::Sender<SourceEvent>,
    ) -> Self {
        Self {
            requests: Requests::new(client, source),
            shown: format!("{} of {}", source.resource, source.api_version),
            newer_than,
            told,
            reached: None,
            paged: true,
            failure: None,
            backoff: DefaultBackoff::default(),
        }
    }

    /// Tells what the source does until nobody hears it.
    pub(super) async fn run(mut self) {
        loop {
            let stop = match self.reached.clone() {
                None => self.list().await,
                Some(version) => self.watch(&version).await,
            };
            let rest = match stop {
                Ok(()) => continue,
                Err(Stop::Unheard) => return,
                Err(Stop::Expired) => {
                    // A watch is too far behind, or a page came too late.
                    self.paged = self.reached.take().is_some();
                    self.rest()
                }
                Err(Stop::Failed(failure)) => match self.fail(failure).await {
                    Ok(rest) => rest,
                    Err(_) => return,
                },
            };
            tokio::time::sleep(rest).await;
        }
    }

    async fn list(&mut self) -> Result<(), Stop> {
        let mut text = self.first_page().await?;
        let mut begun = false;
        loop {
            let page = Page::read(&text)?;
            if !std::mem::replace(&mut begun, true) {
                self.tell(SourceEvent::Begun).await?;
            }
            for object in page.objects() {
                self.tell(SourceEvent::Listed(object)).await?;
            }
            let version = page.metadata.resource_version.filter(|version| !version.is_empty());
            match page.metadata.next.filter(|next| !next.is_empty()) {
                Some(next) => text = self.requests.page(Some(&next), false).await?,
                None => {
                    let version = version.ok_or_else(|| Stop::unavailable("a list without a version"))?;
                    self.tell(SourceEvent::Complete(revision(&version))).await?;
                    (self.reached, self.paged, self.failure) = (Some(version), true, None);
                    return Ok(());
                }
            }
        }
    }

    /// The first page of a list that is as new as wanted, or of one that is not after some tries.
    async fn first_page(&mut self) -> Result<String, Stop> {
        let mut text = self.requests.page(None, !self.paged).await?;
        for _ in 0..NEWER_TRIES {
            if self.newer_than == 0 || Page::read(&text)?.revision() > Some(self.newer_than) {
                break;
            }
            tokio::time::sleep(NEWER_REST).await;
            text = self.requests.page(None, !self.paged).await?;
        }
        self.newer_than = 0;
        Ok(text)
    }

    async fn watch(&mut self, version: &str) -> Result<(), Stop> {
        let mut lines = self.requests.watch(version).await?;
        if self.failure.take().is_some() {
            self.tell(SourceEvent::Recovered).await?;
        }
        let begun = Instant::now();
        let told = self.hear(&mut lines).await?;
        if told || begun.elapsed() >= SHORTEST {
            Ok(())
        } else {
            Err(Stop::unavailable("the watch ended at once"))
        }
    }

    /// Tells what a watch does until it ends; whether that was anything.
    async fn hear(&mut self, lines: &mut Lines<impl AsyncBufRead + Unpin>) -> Result<bool, Stop> {
        let mut any = false;
        while let Some(line) = lines.next().await? {
            any = true;
            let (event, version) = Line::read(line)?.tell()?;
            if let Some(event) = event {
                self.tell(event).await?;
            }
            if version.is_some() {
                self.reached = version;
            }
        }
        Ok(any)
    }

    /// Tells a failure that is another one than before; how long to rest after it. What is forbidden or missing is listed
    /// anew: another resource may have the name by then, and a watch that only goes on would never tell that it does.
    async fn fail(&mut self, failure: SourceFailure) -> Result<Duration, Stop> {
        let lasting = !matches!(failure, SourceFailure::Unavailable(_));
        if lasting {
            self.reached = None;
        }
        if self.failure.as_ref() != Some(&failure) {
            tracing::warn!(source = self.shown, %failure, "a source cannot be read");
            self.failure = Some(failure.clone());
            self.tell(SourceEvent::Failed(failure)).await?;
        }
        Ok(if lasting { RETRY } else { self.rest() })
    }

    fn rest(&mut self) -> Duration {
        self.backoff.next().unwrap_or(RETRY)
    }

    async fn tell(&self, event: SourceEvent) -> Result<(), Stop> {
        self.told.send(event).await.map_err(|_| Stop::Unheard)
    }
}
