//! Waiting for a level, with a deadline.

use std::time::{Duration, Instant};

/// For kube-apiserver to publish the OpenAPI documents of a group: it fetches them a minute after a fetch that failed, one
/// group at a time, and waits up to 60 s for each group of another test whose gateway has just gone.
pub(crate) const OPENAPI: Duration = Duration::from_secs(200);

/// For what takes a moment on an idle machine.
pub(crate) const QUICK: Duration = Duration::from_secs(20);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until `look` gives a value, and returns it. An error says what is seen instead; the last one
/// is what the test fails with after `deadline`.
pub(crate) async fn until<T>(
    what: &str,
    deadline: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let began = Instant::now();
    loop {
        match look().await {
            Ok(value) => return value,
            Err(seen) if began.elapsed() >= deadline => {
                panic!("{what}: not within {deadline:?}; last seen: {seen}")
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
