mod gone;
mod lanes;
mod order;

use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use tributary_access::{SourceEvent, SourceFailure, SourceObject};
use tributary_sources::view::{Changed, Kept, Listed, ObjectId, Slim};

use super::*;
use crate::views::inbox::Received;

/// Sources that tell what they are told to; every watch that was begun, in order.
#[derive(Default)]
struct Told {
    watches: Mutex<Vec<mpsc::UnboundedSender<SourceEvent>>>,
    newer_than: Mutex<Vec<u64>>,
}

impl Sources for Told {
    fn watch(&self, _: &SourceReference, newer_than: u64) -> BoxStream<'static, SourceEvent> {
        lock(&self.newer_than).push(newer_than);
        let (sender, receiver) = mpsc::unbounded_channel();
        lock(&self.watches).push(sender);
        futures::stream::unfold(
            receiver,
            |mut receiver| async move { Some((receiver.recv().await?, receiver)) },
        )
        .boxed()
    }
}

impl Told {
    fn watches(&self) -> usize {
        lock(&self.watches).len()
    }

    /// Whether the watch of this number is still read.
    fn is_read(&self, number: usize) -> bool {
        !lock(&self.watches)[number].is_closed()
    }

    /// Lets the last watch tell this, and what it sets off happen.
    async fn tell(&self, events: impl IntoIterator<Item = SourceEvent>) {
        settle().await;
        self.tell_of(self.watches() - 1, events).await;
    }

    /// The same of the watch of this number.
    async fn tell_of(&self, number: usize, events: impl IntoIterator<Item = SourceEvent>) {
        let sender = lock(&self.watches)[number].clone();
        events.into_iter().for_each(|event| drop(sender.send(event)));
        settle().await;
    }

    async fn list(&self, objects: &[SourceObject]) {
        self.list_at(objects, 0).await;
    }

    async fn list_at(&self, objects: &[SourceObject], revision: u64) {
        let listed = objects.iter().cloned().map(SourceEvent::Listed);
        self.tell([SourceEvent::Begun].into_iter().chain(listed).chain([SourceEvent::Complete(revision)]))
            .await;
    }
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

fn pods() -> SourceReference {
    SourceReference {
        api_version: "v1".to_owned(),
        resource: "pods".to_owned(),
        ..SourceReference::default()
    }
}

fn pod(name: &str, phase: &str, node: &str) -> SourceObject {
    pod_at(name, phase, node, "")
}

fn pod_at(name: &str, phase: &str, node: &str, version: &str) -> SourceObject {
    let pod = json!({
        "metadata": {"name": name, "namespace": "n", "resourceVersion": version},
        "status": {"phase": phase}, "spec": {"node": node},
    });
    SourceObject::read(&pod.to_string()).unwrap()
}

/// A change of a pod at a revision.
fn applied(name: &str, at: &str) -> SourceEvent {
    SourceEvent::Applied(pod_at(name, "Running", "x", at))
}

struct View {
    subscription: Subscription,
    woken: mpsc::Receiver<()>,
}

impl View {
    fn of(hub: &Hub, path: &[&str]) -> Self {
        Self::newer(hub, path, 0)
    }

    fn newer(hub: &Hub, path: &[&str], newer_than: u64) -> Self {
        let (wake, woken) = mpsc::channel(1);
        Self { subscription: hub.subscribe(&pods(), &Shape::field(path), newer_than, wake), woken }
    }

    /// What came, if anything woke: `+a` for a list, `a` for a change, `-a` for one that is gone; with revisions, where there
    /// are any, and that of all at the end.
    fn came(&mut self) -> Vec<String> {
        if self.woken.try_recv().is_err() {
            return Vec::new();
        }
        let at = |revision: u64| if revision == 0 { String::new() } else { format!(" @{revision}") };
        let Received { listed, changed, reached, .. } = self.subscription.inbox().take();
        let mut came = Vec::new();
        if let Some(Listed { objects, revision }) = listed {
            let object = |(id, kept): (ObjectId, Kept)| {
                format!("+{} {}{}", id.name, shown(&kept.json), at(kept.revision))
            };
            came.extend(objects.into_iter().map(object));
            came.extend((revision > 0).then(|| format!("all{}", at(revision))));
        }
        came.extend(changed.into_iter().map(|(id, Changed { object, revision, .. })| match object {
            Some(object) => format!("{} {}{}", id.name, shown(&object), at(revision)),
            None => format!("-{}{}", id.name, at(revision)),
        }));
        came.extend((reached > 0).then(|| format!("reached{}", at(reached))));
        came
    }
}

fn shown(object: &Slim) -> String {
    let object: Value = serde_json::from_slice(object).unwrap();
    format!(
        "{}{}",
        object["status"]["phase"].as_str().unwrap_or(""),
        object["spec"]["node"].as_str().unwrap_or("")
    )
}

const PHASE: &[&str] = &["status", "phase"];
const NODE: &[&str] = &["spec", "node"];

#[tokio::test]
async fn views_that_read_alike_share_a_watch() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    first.came();
    told.list(&[pod("a", "Running", "x")]).await;
    assert_eq!(first.came(), ["+a Running"], "what is not read is not kept");
    let mut second = View::of(&hub, PHASE);
    assert_eq!(second.came(), ["+a Running"], "what is known is told at once");
    assert_eq!(told.watches(), 1);
    told.tell([SourceEvent::Applied(pod("b", "Pending", "x")), SourceEvent::Deleted(pod("a", "", ""))]).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["b Pending", "-a"]);
    }
    told.tell([SourceEvent::Applied(pod("b", "Pending", "y"))]).await;
    assert!(first.came().is_empty(), "nothing that is read has changed");
    told.tell(["Running", "Failed"].map(|phase| SourceEvent::Applied(pod("b", phase, "y")))).await;
    assert_eq!(first.came(), ["b Failed"], "the last change counts");
}

#[tokio::test]
async fn revisions_come_with_what_they_are_of() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut view = View::of(&hub, PHASE);
    view.came();
    told.list_at(&[pod_at("a", "Running", "x", "3"), pod_at("b", "Running", "x", "4")], 5).await;
    assert_eq!(view.came(), ["+a Running @3", "+b Running @4", "all @5"]);
    told.tell([SourceEvent::Applied(pod_at("a", "Running", "y", "6"))]).await;
    assert_eq!(view.came(), ["reached @6"], "nothing that is read has changed");
    told.tell([
        SourceEvent::Applied(pod_at("a", "Failed", "y", "7")),
        SourceEvent::Deleted(pod_at("b", "", "", "8")),
        SourceEvent::Reached(9),
    ])
    .await;
    assert_eq!(view.came(), ["a Failed @7", "-b @8", "reached @9"]);
    told.tell([SourceEvent::Reached(9)]).await;
    assert!(view.came().is_empty());
    assert_eq!(View::newer(&hub, PHASE, 8).came(), ["+a Failed @7", "all @9"], "new enough");
    let mut newer = View::newer(&hub, PHASE, 9);
    settle().await;
    assert!(newer.came().is_empty());
    assert_eq!(*lock(&told.newer_than), [0, 9], "it is read anew");
    told.list_at(&[pod_at("a", "Failed", "y", "7")], 10).await;
    assert_eq!(newer.came(), ["+a Failed @7", "all @10"]);
}

#[tokio::test]
async fn failures_are_told_to_all_and_to_those_who_come_later() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let first = View::of(&hub, PHASE);
    told.tell([SourceEvent::Failed(SourceFailure::Missing("no pods".to_owned()))]).await;
    let second = View::of(&hub, PHASE);
    for view in [&first, &second] {
        let fault = view.subscription.inbox().take().fault.flatten().unwrap();
        assert!(fault.message.contains("no pods"), "{}", fault.message);
    }
    told.list(&[]).await;
    assert_eq!(first.subscription.inbox().take().fault, Some(None));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_reads_is_let_go() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let (first, second) = (View::of(&hub, PHASE), View::of(&hub, PHASE));
    drop(first);
    tokio::time::sleep(2 * GRACE).await;
    assert!(told.is_read(0), "it is read still");
    drop(second);
    tokio::time::sleep(GRACE / 2).await;
    let third = View::of(&hub, PHASE);
    tokio::time::sleep(GRACE).await;
    assert_eq!((told.watches(), told.is_read(0)), (1, true), "it was read again in time");
    drop(third);
    tokio::time::sleep(2 * GRACE).await;
    assert!(!told.is_read(0));
    assert!(lock(&hub.watched).is_empty());
}
