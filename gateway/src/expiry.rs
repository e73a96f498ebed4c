//! When to look for objects whose time is over.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use tributary_registry::{Registry, Resource};
use tributary_sources::microseconds;

/// Between two looks at what is due.
const TICK: Duration = Duration::from_secs(1);
/// A resource is looked at so many times in its objects' time: they stay at most that part longer.
const LOOKS: u32 = 20;
/// The longest between two looks at a resource.
const SELDOM: Duration = Duration::from_secs(30);

/// Deletes what is due, until cancelled or until the registry is gone.
pub(crate) async fn run(registry: Weak<Registry>, cancel: CancellationToken) {
    let mut looked = HashMap::new();
    while cancel.run_until_cancelled(tokio::time::sleep(TICK)).await.is_some() {
        let Some(registry) = registry.upgrade() else { break };
        let Some(published) = registry.published() else { continue };
        // Every version of a resource has the same objects.
        let resources: HashMap<_, _> = published
            .resources()
            .filter_map(|resource| {
                Some((resource.definition().plural.clone(), (resource.clone(), resource.ttl()?)))
            })
            .collect();
        looked.retain(|plural, _| resources.contains_key(plural));
        for (plural, (resource, ttl)) in resources {
            let now = Instant::now();
            let due = looked.get(&plural).is_none_or(|last| now.duration_since(*last) >= between(ttl));
            if due && cancel.run_until_cancelled(look(&resource)).await.is_some() {
                looked.insert(plural, now);
            }
        }
    }
}

async fn look(resource: &Resource) {
    let deleted = resource.expire(microseconds()).await;
    if deleted > 0 {
        debug!(resource = resource.definition().plural, deleted, "objects were deleted after their time");
    }
}

fn between(ttl: Duration) -> Duration {
    (ttl / LOOKS).min(SELDOM)
}
