//! Snapshots that lists with further pages still need.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::collection::Snapshot;

/// How long a list may take from its first page to its last: what etcd's compaction gives (5 minutes).
const LIFETIME: Duration = Duration::from_secs(300);
/// How many revisions are kept. A snapshot shares all that did not change since, so it costs what changed.
const MOST: usize = 128;

/// The kept snapshots, oldest first.
#[derive(Debug)]
pub(crate) struct Retained<D> {
    kept: VecDeque<(Instant, Snapshot<D>)>,
}

impl<D> Default for Retained<D> {
    fn default() -> Self {
        Self { kept: VecDeque::new() }
    }
}

impl<D> Retained<D> {
    pub(crate) fn keep(&mut self, snapshot: &Snapshot<D>, now: Instant) {
        self.expire(now);
        if self.kept.iter().any(|(_, kept)| kept.revision() == snapshot.revision()) {
            return;
        }
        if self.kept.len() == MOST {
            self.kept.pop_front();
        }
        self.kept.push_back((now, snapshot.clone()));
    }

    pub(crate) fn find(&mut self, revision: u64, now: Instant) -> Option<Snapshot<D>> {
        self.expire(now);
        self.kept.iter().find(|(_, kept)| kept.revision() == revision).map(|(_, kept)| kept.clone())
    }

    fn expire(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|(since, _)| now.saturating_duration_since(*since) > LIFETIME) {
            self.kept.pop_front();
        }
    }
}
