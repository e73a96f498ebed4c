use std::collections::BTreeMap;

use serde_json::json;
use tributary_access::SourceFailure;

use super::*;
use crate::views::inbox::Received;

/// Sources that tell what they are told to; every watch that was begun, in order.
#[derive(Default)]
struct Told {
    watches: Mutex<Vec<mpsc::UnboundedSender<SourceEvent>>>,
}

impl Sources for Told {
    fn watch(&self, _: &SourceReference) -> BoxStream<'static, SourceEvent> {
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
        let sender = lock(&self.watches).last().unwrap().clone();
        events.into_iter().for_each(|event| drop(sender.send(event)));
        settle().await;
    }

    async fn list(&self, objects: &[Value]) {
        let listed = objects.iter().cloned().map(SourceEvent::Listed);
        self.tell([SourceEvent::Begun].into_iter().chain(listed).chain([SourceEvent::Complete])).await;
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

fn pod(name: &str, phase: &str, node: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "n"}, "status": {"phase": phase}, "spec": {"node": node}})
}

struct View {
    subscription: Subscription,
    woken: mpsc::Receiver<()>,
}

impl View {
    fn of(hub: &Hub, path: &[&str]) -> Self {
        let (wake, woken) = mpsc::channel(1);
        Self { subscription: hub.subscribe(&pods(), &Shape::field(path), wake), woken }
    }

    /// What came, if anything woke: `+a` for a list, `a` for a change, `-a` for one that is gone.
    fn came(&mut self) -> Vec<String> {
        if self.woken.try_recv().is_err() {
            return Vec::new();
        }
        let Received { listed, changed, .. } = self.subscription.inbox().take();
        let listed =
            listed.into_iter().flatten().map(|(id, object)| format!("+{} {}", id.name, shown(&object)));
        let changed: BTreeMap<_, _> = changed;
        let changed = changed.into_iter().map(|(id, object)| match object {
            Some(object) => format!("{} {}", id.name, shown(&object)),
            None => format!("-{}", id.name),
        });
        listed.chain(changed).collect()
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
        assert_eq!(view.came(), ["-a", "b Pending"]);
    }
    told.tell([SourceEvent::Applied(pod("b", "Pending", "y"))]).await;
    assert!(first.came().is_empty(), "nothing that is read has changed");
    told.tell(["Running", "Failed"].map(|phase| SourceEvent::Applied(pod("b", phase, "y")))).await;
    assert_eq!(first.came(), ["b Failed"], "the last change counts");
}

#[tokio::test]
async fn a_view_that_reads_more_begins_anew_for_all() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    first.came();
    told.list(&[pod("a", "Running", "x")]).await;
    first.came();
    let mut second = View::of(&hub, NODE);
    settle().await;
    assert_eq!((told.watches(), told.is_read(0), told.is_read(1)), (2, false, true));
    assert!(second.came().is_empty(), "what was kept so far is too little");
    told.list(&[pod("a", "Running", "x")]).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["+a Runningx"]);
    }
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
