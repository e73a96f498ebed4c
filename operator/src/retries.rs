//! How long to wait after an error: longer with every one in a row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The wait after the first error.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait: a user who has repaired what was wrong is not to wait for long.
const LONGEST: Duration = Duration::from_mins(1);

/// How often each group has failed in a row; groups that succeed are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    failures: Mutex<HashMap<String, u32>>,
}

// === impl Retries ===

impl Retries {
    /// Counts a failure; returns how long to wait.
    pub(crate) fn failed(&self, group: &str) -> Duration {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(group.to_owned()).or_default();
        let wait = FIRST.saturating_mul(2u32.saturating_pow(*count)).min(LONGEST);
        *count = count.saturating_add(1);
        wait
    }

    /// Forgets all failures: something that may have been their cause has changed.
    pub(crate) fn start_anew(&self) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets the failures of a group.
    pub(crate) fn succeeded(&self, group: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_start_anew() {
        let retries = Retries::default();
        let waits: Vec<u64> = (0..8).map(|_| retries.failed("a").as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(retries.failed("b").as_secs(), 1);
        retries.succeeded("a");
        assert_eq!(retries.failed("a").as_secs(), 1);
        retries.start_anew();
        assert_eq!([retries.failed("a").as_secs(), retries.failed("b").as_secs()], [1, 1]);
    }
}
