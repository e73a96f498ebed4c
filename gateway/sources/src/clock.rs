//! Revisions of collections that live in one process.

use std::time::{SystemTime, UNIX_EPOCH};

/// Gives revisions: microseconds since the epoch, but always more than the last one, so that they grow
/// through a clock that is set back, and across restarts of the process.
#[derive(Debug)]
pub(crate) struct RevisionClock {
    last: u64,
}

impl RevisionClock {
    /// A clock whose first revision is now.
    pub(crate) fn start() -> Self {
        Self { last: microseconds() }
    }

    /// The last revision that was given.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// The next revision, greater than all before.
    pub(crate) fn next(&mut self) -> u64 {
        self.last = microseconds().max(self.last + 1);
        self.last
    }
}

fn microseconds() -> u64 {
    // Before 1970 the order is kept by `last + 1` alone.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX / 2)
}
