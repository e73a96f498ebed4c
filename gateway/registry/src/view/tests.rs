//! A view without a join has the revisions of its source, in every process alike.

use std::collections::BTreeMap;
use std::time::Duration;

use imbl::OrdMap;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::sync::Arc;
use tributary_sources::view::{Changed, Kept, Listed, ObjectId, Slim};

use super::ViewFeed;
use crate::fixture::*;
use crate::*;

/// One process that serves the view of things: their text, of those that are shown.
struct Replica {
    registry: Registry,
    feed: ViewFeed,
    resource: Arc<Resource>,
}

fn definition(text: &str) -> Arc<tributary_definition::Compiled> {
    let api = serde_json::from_value(json!({
        "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "g.example.com"},
        "spec": {"group": "g.example.com", "gateway": {"replicas": 2}, "resources": [{
            "name": "shown", "kind": "Shown", "scope": "Cluster", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "things"},
                "where": "object.shown",
                "template": {"metadata": {"name": "x-${object.metadata.name}"}, "text": text},
            }},
        }]},
    }));
    Arc::new(tributary_definition::compile(&api.unwrap()).unwrap())
}

impl Replica {
    fn new() -> Self {
        let registry = Registry::new(Arc::new(ByName));
        let (feed, _) = registry.publish(definition("${object.text}")).pop().unwrap();
        let resource = resource(&registry, "shown");
        Self { registry, feed, resource }
    }

    /// Serves another definition of the view.
    fn declare(&mut self, text: &str) {
        let (feed, _) = self.registry.publish(definition(text)).pop().unwrap();
        self.feed = feed;
        self.resource = resource(&self.registry, "shown");
    }

    fn list(&self) -> (BTreeMap<String, String>, u64) {
        let list = self.resource.list(address("", ""), &ListOptions::default()).unwrap();
        (list.objects.iter().map(|object| told(object)).collect(), list.revision)
    }

    fn watch(&self, after: u64) -> Watch {
        let after = after.to_string();
        let query = [("allowWatchBookmarks", "true"), ("resourceVersion", after.as_str())];
        let options = WatchOptions::read(&parameters(&query), self.resource.selectable_fields()).unwrap();
        self.resource.watch(address("", ""), options)
    }
}

fn told(object: &Version) -> (String, String) {
    let fields: Value = serde_json::from_slice(object.bytes()).unwrap();
    assert_eq!(fields["metadata"]["resourceVersion"], object.revision().to_string());
    (object.key().name().to_owned(), fields["text"].as_str().unwrap().to_owned())
}

fn slim(name: &str, shown: bool, text: &str) -> Slim {
    let thing = json!({"metadata": {"name": name, "uid": name}, "shown": shown, "text": text});
    thing.to_string().into_bytes().into()
}

/// The source: its objects, and every change with its revision.
#[derive(Default)]
struct Things {
    all: Listed,
    changes: Vec<(ObjectId, Changed)>,
}

impl Things {
    fn change(&mut self, dice: &mut StdRng) {
        // Others of the cluster have revisions, too.
        self.all.revision += dice.random_range(1..4);
        let name = format!("t{}", dice.random_range(0..5));
        let id = ObjectId::new("", &name);
        let object = (!dice.random_bool(0.25))
            .then(|| slim(&name, dice.random_bool(0.7), &dice.random_range(0..3).to_string()));
        let revision = self.all.revision;
        match &object {
            Some(json) => drop(self.all.objects.insert(id.clone(), Kept { json: json.clone(), revision })),
            None => drop(self.all.objects.remove(&id)),
        }
        self.changes.push((id, Changed { object, revision }));
    }

    fn view(&self) -> BTreeMap<String, String> {
        let shown = |kept: &Kept| {
            let thing: Value = serde_json::from_slice(&kept.json).unwrap();
            (thing["shown"] == true).then(|| {
                (
                    format!("x-{}", thing["metadata"]["name"].as_str().unwrap()),
                    thing["text"].as_str().unwrap().to_owned(),
                )
            })
        };
        self.all.objects.values().filter_map(shown).collect()
    }
}

/// Lets a replica hear the changes it has not heard, in batches in which only the last of each object counts; or list anew.
fn hear(replica: &mut Replica, things: &Things, heard: &mut usize, dice: &mut StdRng) {
    if dice.random_bool(0.1) {
        replica.feed.replace(0, &things.all);
        *heard = things.changes.len();
    }
    while *heard < things.changes.len() {
        let until = dice.random_range(*heard + 1..=things.changes.len());
        let batch = things.changes[*heard..until].iter().cloned().collect();
        let reached = if until == things.changes.len() { things.all.revision } else { 0 };
        replica.feed.apply(0, batch, reached);
        *heard = until;
    }
}

/// One who lists once and then watches, now here and now there.
struct Follower {
    known: BTreeMap<String, String>,
    revision: u64,
}

impl Follower {
    async fn follow(&mut self, replica: &Replica) {
        let mut watch = replica.watch(self.revision);
        while let Ok(Some(batch)) = tokio::time::timeout(Duration::from_millis(5), watch.next()).await {
            for told in batch {
                match told {
                    Told::Event(event) => self.hear(&event),
                    Told::Bookmark { revision, .. } => self.revision = revision,
                    Told::Error(status) => {
                        assert_eq!(status.code(), 410);
                        (self.known, self.revision) = replica.list();
                        return;
                    }
                }
            }
        }
    }

    fn hear(&mut self, event: &tributary_collection::Event<Row>) {
        assert!(event.object.revision() > self.revision, "{} {}", event.object.revision(), self.revision);
        self.revision = event.object.revision();
        let (name, text) = told(&event.object);
        match event.event_type.as_str() {
            "DELETED" => drop(self.known.remove(&name)),
            _ => drop(self.known.insert(name, text)),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn replicas_agree_and_their_watchers_go_from_one_to_the_other() {
    for seed in 0..100 {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut things = Things::default();
        (0..5).for_each(|_| things.change(&mut dice));
        let mut replicas = [Replica::new(), Replica::new()];
        let mut heard = [things.changes.len(); 2];
        replicas.iter_mut().for_each(|replica| replica.feed.replace(0, &things.all));
        let (known, revision) = replicas[0].list();
        let mut follower = Follower { known, revision };
        for round in 0..20 {
            (0..dice.random_range(0..4)).for_each(|_| things.change(&mut dice));
            for (replica, heard) in replicas.iter_mut().zip(&mut heard) {
                hear(replica, &things, heard, &mut dice);
                assert_eq!(replica.list(), (things.view(), things.all.revision), "seed {seed} round {round}");
            }
            follower.follow(&replicas[dice.random_range(0..2)]).await;
            assert_eq!(follower.known, things.view(), "seed {seed} round {round}");
        }
    }
}

fn listed(revision: u64, things: &[(&str, &str, u64)]) -> Listed {
    let kept = |(name, text, revision): &(&str, &str, u64)| {
        (ObjectId::new("", name), Kept { json: slim(name, true, text), revision: *revision })
    };
    Listed { objects: things.iter().map(kept).collect::<OrdMap<_, _>>(), revision }
}

fn changed(name: &str, text: &str, revision: u64) -> BTreeMap<ObjectId, Changed> {
    [(ObjectId::new("", name), Changed { object: Some(slim(name, true, text)), revision })].into()
}

#[tokio::test(start_paused = true)]
async fn objects_have_the_revisions_of_what_they_are_made_of() {
    let mut replica = Replica::new();
    replica.feed.replace(0, &listed(9, &[("a", "1", 3), ("b", "1", 8), ("c", "1", 11)]));
    let revision = |name: &str| {
        let options = GetOptions::default();
        replica.resource.get(address("", name), &options).unwrap().revision()
    };
    // What is newer than its list is no later than it for those who go on from there.
    assert_eq!((revision("x-a"), revision("x-b"), revision("x-c"), replica.list().1), (3, 8, 9, 9));
    replica.feed.apply(0, changed("a", "1", 12), 12);
    assert_eq!(
        (revision_of(&replica, "x-a"), replica.list().1),
        (3, 12),
        "nothing that is shown has changed"
    );
    replica.feed.apply(0, changed("a", "2", 13), 14);
    assert_eq!((revision_of(&replica, "x-a"), replica.list().1), (13, 14));
}

fn revision_of(replica: &Replica, name: &str) -> u64 {
    replica.resource.get(address("", name), &GetOptions::default()).unwrap().revision()
}

#[tokio::test(start_paused = true)]
async fn what_another_process_has_told_of_is_waited_for() {
    let mut replica = Replica::new();
    replica.feed.replace(0, &listed(9, &[]));
    let status = replica.resource.reach(Some(10)).await.unwrap_err();
    let details = status.details.clone().unwrap();
    assert_eq!(status.message, "Timeout: Too large resource version: 10, current: 9");
    assert_eq!((status.code(), status.retry_after()), (504, Some(1)));
    assert_eq!(details.causes[0].reason, "ResourceVersionTooLarge");
    let resource = replica.resource.clone();
    let waits = tokio::spawn(async move { resource.reach(Some(10)).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut watch = replica.watch(11);
    replica.feed.apply(0, changed("a", "1", 10), 0);
    waits.await.unwrap().unwrap();
    replica.feed.apply(0, changed("b", "1", 12), 0);
    let told = watch.next().await.unwrap();
    assert!(matches!(&told[..], [Told::Event(event)] if event.object.revision() == 12), "{told:?}");
    assert!(
        matches!(&replica.watch(8).next().await.unwrap()[..], [Told::Error(status)] if status.code() == 410)
    );
}

/// Revisions that cannot be passed on: those of the view's own begin, and are greater than all before.
#[tokio::test(start_paused = true)]
async fn sources_whose_revisions_are_none_that_can_be_passed_on() {
    type Told = fn(&mut ViewFeed);
    let rows: [(&str, Told); 4] = [
        ("the first list has none", |feed| feed.replace(0, &listed(0, &[("a", "2", 0)]))),
        ("a change has none", |feed| {
            feed.replace(0, &listed(9, &[("a", "1", 3)]));
            feed.apply(0, changed("a", "2", 0), 0);
        }),
        ("a change is of the past", |feed| {
            feed.replace(0, &listed(9, &[("a", "1", 3)]));
            feed.apply(0, changed("a", "2", 9), 0);
        }),
        ("the source has gone back", |feed| {
            feed.replace(0, &listed(9, &[("a", "1", 3)]));
            feed.replace(0, &listed(7, &[("a", "2", 3)]));
        }),
    ];
    for (name, tell) in rows {
        let mut replica = Replica::new();
        tell(&mut replica.feed);
        let (objects, revision) = replica.list();
        assert_eq!(objects["x-a"], "2", "{name}");
        assert!(revision > 1_700_000_000_000_000, "{name}: {revision}");
        replica.feed.apply(0, changed("a", "3", 20), 20);
        assert_eq!(replica.list().0["x-a"], "3", "{name}");
        assert!(replica.list().1 > revision, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_definition_begins_with_newer_revisions() {
    let mut replica = Replica::new();
    replica.feed.replace(0, &listed(9, &[("a", "1", 3)]));
    assert_eq!(replica.feed.newer_than(), 0);
    replica.declare("${object.text}!");
    assert_eq!(replica.feed.newer_than(), 9);
    replica.feed.replace(0, &listed(12, &[("a", "1", 3)]));
    assert_eq!(replica.list(), ([("x-a".to_owned(), "1!".to_owned())].into(), 12));
    assert!(
        matches!(&replica.watch(9).next().await.unwrap()[..], [Told::Error(status)] if status.code() == 410)
    );
    // A source that does not move: whoever has seen the old objects at 12 is not to go on from there.
    replica.declare("${object.text}?");
    replica.feed.replace(0, &listed(12, &[("a", "1", 3)]));
    let (objects, revision) = replica.list();
    assert_eq!(objects["x-a"], "1?");
    assert!(revision > 12);
    assert!(
        matches!(&replica.watch(12).next().await.unwrap()[..], [Told::Error(status)] if status.code() == 410)
    );
}
