//! What is known of a view beside its objects.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tributary_definition::SourceReason;

use crate::visible::Readers;

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
    /// Whether all sources have been read once.
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
        if inner.synced {
            return None;
        }
        let failures: Vec<_> = inner.failures.values().map(|fault| fault.message.as_str()).collect();
        Some(if failures.is_empty() { "its sources are being read".to_owned() } else { failures.join("; ") })
    }

    /// What is known now.
    pub fn report(&self) -> ViewReport {
        let inner = self.lock();
        ViewReport {
            synced: inner.synced,
            failures: inner.failures.clone(),
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
        self.lock().synced = true;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
