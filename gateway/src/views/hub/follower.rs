//! Turns what a watch tells into what is read of it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use imbl::OrdMap;
use tokio_util::sync::CancellationToken;
use tributary_access::{SourceEvent, SourceObject};
use tributary_definition::{SourceReason, SourceReference};
use tributary_expr::Shape;
use tributary_registry::SourceFault;
use tributary_sources::view::{Changed, Kept, Listed, ObjectId, Slim};

use super::gone::Gone;
use super::lane::News;
use super::{Shared, lock};
use crate::views::Sources;

/// How long after an end that was not to come it is begun again.
const AGAIN: Duration = Duration::from_secs(5);

/// Follows a source for one lane; nobody sees the middle of a list.
pub(super) struct Follower {
    pub(super) sources: Arc<dyn Sources>,
    pub(super) watched: Weak<Shared>,
    pub(super) source: SourceReference,
    pub(super) lane: u64,
    pub(super) reads: Shape,
    pub(super) newer_than: u64,
}

/// How following ended.
enum End {
    /// Nobody hears it any more.
    Unheard,
    /// The watch did, which has no end of its own.
    Watch,
}

impl Follower {
    /// Follows the source until stopped, whatever happens.
    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            let following = AssertUnwindSafe(self.follow(&stop)).catch_unwind();
            match stop.run_until_cancelled(following).await {
                None | Some(Ok(End::Unheard)) => return,
                Some(Ok(End::Watch) | Err(_)) => {}
            }
            tracing::error!(source = %self.source.resource, "a source is read no longer: it is begun again");
            let message = "reading it ended by a fault of the gateway; it is begun again".to_owned();
            let fault = SourceFault { reason: SourceReason::Unavailable, message };
            if !self.tell(vec![News::Fault(Some(fault))], &stop) {
                return;
            }
            if stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                return;
            }
        }
    }

    async fn follow(&self, stop: &CancellationToken) -> End {
        let mut events: BoxStream<'static, SourceEvent> = self.sources.watch(&self.source, self.newer_than);
        let mut list = OrdMap::new();
        while let Some(event) = events.next().await {
            if !self.tell(self.read(event, &mut list), stop) {
                return End::Unheard;
            }
        }
        End::Watch
    }

    /// Tells the readers; whether there may be any.
    fn tell(&self, news: Vec<News>, stop: &CancellationToken) -> bool {
        let mut gone = Gone::default();
        let Some(all) = self.watched.upgrade() else { return false };
        let mut all = lock(&all);
        // Whoever stops this watch does so under the lock.
        let Some(watched) = all.get_mut(&self.source).filter(|_| !stop.is_cancelled()) else { return false };
        let mut heard = true;
        for news in news {
            heard &= watched.take(self.lane, news, &mut gone);
        }
        heard
    }

    fn read(&self, event: SourceEvent, list: &mut OrdMap<ObjectId, Kept>) -> Vec<News> {
        match event {
            SourceEvent::Begun => {
                *list = OrdMap::new();
                Vec::new()
            }
            SourceEvent::Listed(object) => {
                let kept =
                    self.slim(&object).map(|json| (id(&object), Kept { json, revision: object.revision }));
                list.extend(kept);
                Vec::new()
            }
            SourceEvent::Complete(revision) => {
                vec![News::Fault(None), News::Listed(Listed { objects: std::mem::take(list), revision })]
            }
            SourceEvent::Applied(object) => {
                let changed = self.slim(&object).map(|json| Changed::new(Some(json), object.revision));
                changed.map(|changed| News::Changed(id(&object), changed)).into_iter().collect()
            }
            SourceEvent::Deleted(object) => {
                vec![News::Changed(id(&object), Changed::new(None, object.revision))]
            }
            SourceEvent::Reached(revision) => vec![News::Reached(revision)],
            SourceEvent::Failed(why) => {
                vec![News::Fault(Some(SourceFault { reason: why.reason(), message: why.to_string() }))]
            }
            SourceEvent::Recovered => vec![News::Fault(None)],
        }
    }

    /// What is kept of an object; none of what is no JSON after all.
    fn slim(&self, object: &SourceObject) -> Option<Slim> {
        let kept = self.reads.keep(&object.json);
        kept.inspect_err(
            |error| tracing::warn!(name = &*object.name, %error, "an object of a source is no JSON"),
        )
        .ok()
        .map(Slim::from)
    }
}

fn id(object: &SourceObject) -> ObjectId {
    ObjectId { namespace: object.namespace.clone(), name: object.name.clone() }
}
