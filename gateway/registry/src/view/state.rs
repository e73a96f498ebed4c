//! What is known of a view beside its objects.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tributary_definition::SourceReason;

use crate::visible::Readers;

/// What is said of a view whose revisions are its own where other processes serve it, too.
const SPLIT: &str = "the source's revisions cannot be passed on, which several replicas need: set spec.gateway.replicas to 1; \
                     where the source was restored or replaced, restart the gateway's Pods";

/// What is said of a view that is computed no longer.
const BROKEN: &str = "computing it ended by a fault of the gateway, whose log tells more: another definition of the view, or a \
                      new Pod, begins it again";

/// What is known of a view beside its objects.
#[derive(Debug, Default)]
pub struct ViewState {
    inner: Mutex<Inner>,
    /// Who reads it, where each sees something else.
    pub(crate) readers: Arc<Readers>,
}

#[derive(Debug, Default)]
struct Inner {
    synced: bool,
    /// Whether a source's revisions could not be passed on.
    own: bool,
    /// Whether other processes serve the view, too.
    shared: bool,
    /// The revision of the source, and that which it is to be newer than.
    waits: Option<(u64, u64)>,
    /// Whether computing it panicked.
    broken: bool,
    /// Why sources cannot be read, by their place.
    failures: BTreeMap<usize, SourceFault>,
    /// How many evaluations failed since the start, and the last failure: path and kind, never data.
    errors: u64,
    last_error: Option<(String, String)>,
    hidden: usize,
    lag: Duration,
}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// What would mend it.
    pub reason: SourceReason,
    /// What was answered, and what it means.
    pub message: String,
}

/// What is known of a view at one moment, for those who mend it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewReport {
    /// Whether it can be read: all sources have been, and nothing is wrong with it as a whole.
    pub synced: bool,
    /// Why sources cannot be read, by their place.
    pub failures: BTreeMap<usize, SourceFault>,
    /// How many evaluations failed.
    pub errors: u64,
    /// The last of them: path and kind.
    pub last_error: Option<(String, String)>,
    /// How many primaries are not shown because another one has their name.
    pub hidden: usize,
    /// How long after it came the last change of a source was served.
    pub lag: Duration,
}

impl ViewState {
    /// Why the view cannot be read yet; none if it can.
    pub(crate) fn unready(&self) -> Option<String> {
        let inner = self.lock();
        if inner.is_readable() {
            return None;
        }
        let failures = inner.failures();
        let failures: Vec<_> = failures.values().map(|fault| fault.message.as_str()).collect();
        Some(if failures.is_empty() { "its sources are being read".to_owned() } else { failures.join("; ") })
    }

    /// Whether other processes serve the view, too.
    pub(crate) fn share(&self, shared: bool) {
        self.lock().shared = shared;
    }

    /// What is known now.
    pub fn report(&self) -> ViewReport {
        let inner = self.lock();
        ViewReport {
            synced: inner.is_readable(),
            failures: inner.failures(),
            errors: inner.errors,
            last_error: inner.last_error.clone(),
            hidden: inner.hidden,
            lag: inner.lag,
        }
    }

    /// A source cannot be read, or can be again.
    pub fn source_failed(&self, source: usize, why: Option<SourceFault>) {
        let mut inner = self.lock();
        match why {
            Some(why) => inner.failures.insert(source, why),
            None => inner.failures.remove(&source),
        };
    }

    /// All sources have been read, and everything was computed.
    pub(crate) fn is_synced(&self) -> bool {
        self.lock().synced
    }

    pub(super) fn is_shared(&self) -> bool {
        self.lock().shared
    }

    /// The revisions are the view's own from now on.
    pub(super) fn has_own_revisions(&self) {
        self.lock().own = true;
    }

    /// The source has not changed since the view was served as it was declared before.
    pub(super) fn waits(&self, revision: u64, newer_than: u64) {
        self.lock().waits = Some((revision, newer_than));
    }

    /// Computing it panicked: what was computed is of the past.
    pub fn broke(&self) {
        self.lock().broken = true;
    }

    pub(super) fn failed(&self, path: &str, kind: impl std::fmt::Display) {
        let mut inner = self.lock();
        inner.errors += 1;
        inner.last_error = Some((path.to_owned(), kind.to_string()));
        if inner.errors == 1 {
            tracing::warn!(path, %kind, "an expression of a view failed; further failures are counted only");
        }
    }

    /// So many primaries are not shown because another one has their name.
    pub(super) fn hides(&self, hidden: usize) {
        self.lock().hidden = hidden;
    }

    /// What a source told is served, so long after it came.
    pub fn served_after(&self, lag: Duration) {
        self.lock().lag = lag;
    }

    /// All sources have been read, and everything is computed.
    pub(super) fn synced(&self) {
        let mut inner = self.lock();
        (inner.synced, inner.waits) = (true, None);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn is_readable(&self) -> bool {
        self.synced && !self.broken && !self.is_split()
    }

    /// Whether this process and others give revisions that have nothing to do with one another.
    fn is_split(&self) -> bool {
        self.own && self.shared
    }

    /// Why it cannot be read, by source: what is told of the source itself, and what its revisions mean.
    fn failures(&self) -> BTreeMap<usize, SourceFault> {
        let mut failures = self.failures.clone();
        let more = match self.waits {
            _ if self.broken => Some(BROKEN.to_owned()),
            Some((at, than)) => Some(format!(
                "the source is at revision {at}, and the view as it was declared before was served up to {than}: it is served \
                 again when the source has changed; where that is another one than before, restart the gateway's Pods"
            )),
            None => self.is_split().then(|| SPLIT.to_owned()),
        };
        if let Some(message) = more {
            failures.entry(0).or_insert(SourceFault { reason: SourceReason::Unavailable, message });
        }
        failures
    }
}
