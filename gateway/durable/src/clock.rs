//! The time as rows and revisions have it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the epoch.
pub fn microseconds() -> u64 {
    // Before 1970 order is kept by other means: revisions grow by one.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX / 2)
}
