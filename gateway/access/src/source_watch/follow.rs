//! One source that is followed: listed, watched, and listed anew when a watch cannot go on.

use std::time::Duration;

use bytes::Bytes;
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
/// A watch that ends sooner and has told nothing is a failure, and none begins sooner after another: going on at once would
/// be without end.
const SHORTEST: Duration = Duration::from_secs(1);
/// Objects of a page. Where they are too many bytes, it is this much smaller from then on.
const PAGE: u32 = 500;
const SMALLER: u32 = 8;
/// How long a list may take to its last page. kube-apiserver forgets one after five to ten minutes.
const LISTED_WITHIN: Duration = Duration::from_secs(15 * 60);
/// How often, and how far apart, a list is tried that is to be newer. A cluster that does anything at all writes
/// something every few seconds.
const NEWER_TRIES: usize = 5;
const NEWER_REST: Duration = Duration::from_secs(1);

/// One source that is followed.
pub(super) struct Following {
    requests: Requests,
    shown: String,
    /// The next list is to be newer, and is tried so often for that.
    newer_than: u64,
    newer_tries: usize,
    told: mpsc::Sender<SourceEvent>,
    /// The version up to which everything was told; None: the whole is to be listed.
    reached: Option<String>,
    /// Whether it is listed in one: where a page came too late for its list.
    whole: bool,
    limit: u32,
    /// Whether a watch was refused: the next one that is not finds out that it can be listed anew.
    refused: bool,
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
            newer_tries: NEWER_TRIES,
            told,
            reached: None,
            whole: false,
            limit: PAGE,
            refused: false,
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
                Err(Stop::Expired) if self.whole => {
                    self.whole = false;
                    let failure = SourceFailure::Unavailable("its lists are expired (410)".to_owned());
                    let Ok(rest) = self.fail(failure).await else { return };
                    rest
                }
                Err(Stop::Expired) => {
                    // A watch is too far behind, or a page came too late.
                    self.whole = self.reached.is_none();
                    self.refused = false;
                    self.begin_anew();
                    self.rest()
                }
                Err(Stop::TooLarge(_)) if !self.whole && self.limit > 1 => {
                    self.limit = (self.limit / SMALLER).max(1);
                    continue;
                }
                Err(Stop::TooLarge(most)) => {
                    self.whole = false;
                    let message = format!("a list that takes more than {} MiB at once", most >> 20);
                    let Ok(rest) = self.fail(SourceFailure::Unavailable(message)).await else { return };
                    rest
                }
                Err(Stop::Failed(failure)) => {
                    let Ok(rest) = self.fail(failure).await else { return };
                    rest
                }
            };
            tokio::time::sleep(rest).await;
        }
    }

    /// The whole is to be listed, and to have what was told already: of several servers another one may answer, which lags
    /// behind the one that watched. Going back would be told as a source that was restored.
    fn begin_anew(&mut self) {
        let Some(reached) = self.reached.take() else { return };
        (self.newer_than, self.newer_tries) = (revision(&reached).saturating_sub(1), NEWER_TRIES);
    }

    async fn list(&mut self) -> Result<(), Stop> {
        let mut text = self.first_page().await?;
        let (mut begun, until) = (false, Instant::now() + LISTED_WITHIN);
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
                Some(_) if Instant::now() > until => {
                    let minutes = LISTED_WITHIN.as_secs() / 60;
                    return Err(Stop::unavailable(format!("a list of more than {minutes} minutes")));
                }
                Some(next) => text = self.requests.page(Some(&next), Some(self.limit)).await?,
                None => {
                    let version = version.ok_or_else(|| Stop::unavailable("a list without a version"))?;
                    self.tell(SourceEvent::Complete(revision(&version))).await?;
                    (self.reached, self.whole, self.failure) = (Some(version), false, None);
                    self.newer_than = 0;
                    return Ok(());
                }
            }
        }
    }

    /// The first page of a list that is as new as wanted, or of one that is not after some tries.
    async fn first_page(&mut self) -> Result<Bytes, Stop> {
        let limit = (!self.whole).then_some(self.limit);
        loop {
            let text = self.requests.page(None, limit).await?;
            let new = self.newer_than == 0 || Page::read(&text)?.revision() > self.newer_than;
            if new || self.newer_tries == 0 {
                return Ok(text);
            }
            self.newer_tries -= 1;
            tokio::time::sleep(NEWER_REST).await;
        }
    }

    async fn watch(&mut self, version: &str) -> Result<(), Stop> {
        let mut lines = self.requests.watch(version).await?;
        if std::mem::take(&mut self.refused) {
            // Another resource may have the name by now, and a watch that only goes on would never tell.
            self.begin_anew();
            return Ok(());
        }
        if self.failure.take().is_some() {
            self.tell(SourceEvent::Recovered).await?;
        }
        let begun = Instant::now();
        let told = self.hear(&mut lines).await?;
        let rest = SHORTEST.saturating_sub(begun.elapsed());
        if !told && !rest.is_zero() {
            return Err(Stop::unavailable("the watch ended at once"));
        }
        tokio::time::sleep(rest).await;
        Ok(())
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

    /// Tells a failure that is another one than before; how long to rest after it.
    async fn fail(&mut self, failure: SourceFailure) -> Result<Duration, Stop> {
        let lasting = !matches!(failure, SourceFailure::Unavailable(_));
        self.refused |= lasting && self.reached.is_some();
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
