//! Revisions of collections that live in one process.

use tributary_durable::microseconds;

/// The revisions of one collection, each greater than all before: microseconds since the epoch, so that they grow across
/// restarts of the process, or those of a source that are passed on.
#[derive(Debug)]
pub(crate) struct RevisionClock {
    last: u64,
}

impl RevisionClock {
    /// A clock that begins now, or after `last`, if that is later.
    pub(crate) fn after(last: u64) -> Self {
        Self { last: microseconds().max(last) }
    }

    /// The last revision that was given.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// The next revision, greater than all before.
    pub(crate) fn next(&mut self) -> u64 {
        self.last = microseconds().max(self.last.saturating_add(1));
        self.last
    }

    /// The next revision is one of a source.
    pub(crate) fn pass(&mut self, revision: u64) {
        self.last = revision;
    }
}
