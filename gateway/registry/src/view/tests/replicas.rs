//! Two processes that hear the same source, and one who watches now here and now there.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tributary_sources::view::{Changed, Changes, Kept, Listed, ObjectId};

use super::*;

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
        self.changes.push((id, Changed::new(object, revision)));
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

/// Lets a replica hear the changes it has not heard, in batches as they wait for it; or list anew.
fn hear(replica: &mut Replica, things: &Things, heard: &mut usize, dice: &mut StdRng) {
    if dice.random_bool(0.1) {
        replica.feed.replace(0, &things.all);
        *heard = things.changes.len();
    }
    while *heard < things.changes.len() {
        let until = dice.random_range(*heard + 1..=things.changes.len());
        let batch: Changes = things.changes[*heard..until].iter().cloned().collect();
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
    /// Hears what a replica tells, or the beginning of it.
    async fn follow(&mut self, replica: &Replica, most: usize) {
        if replica.resource.reach(Some(self.revision)).await.is_err() {
            return;
        }
        let mut watch = replica.watch(self.revision);
        let mut heard = 0;
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
                heard += 1;
                if heard == most {
                    return;
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
    for seed in 0..300 {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut things = Things::default();
        (0..5).for_each(|_| things.change(&mut dice));
        let mut replicas = [Replica::new(), Replica::new()];
        let mut heard = [things.changes.len(); 2];
        replicas.iter_mut().for_each(|replica| replica.feed.replace(0, &things.all));
        let (known, revision) = replicas[0].list();
        let mut follower = Follower { known, revision };
        for round in 0..10 {
            // Now and then so many that each object has changed several times, between changes of the others.
            let most = if dice.random_bool(0.2) { 60 } else { 6 };
            (0..dice.random_range(0..most)).for_each(|_| things.change(&mut dice));
            for (replica, heard) in replicas.iter_mut().zip(&mut heard) {
                // Now and then one is behind; whoever comes to it from the other waits.
                if dice.random_bool(0.6) {
                    hear(replica, &things, heard, &mut dice);
                    assert_eq!(
                        replica.list(),
                        (things.view(), things.all.revision),
                        "seed {seed} round {round}"
                    );
                }
                follower.follow(replica, dice.random_range(1..4)).await;
            }
        }
        for (replica, heard) in replicas.iter_mut().zip(&mut heard) {
            hear(replica, &things, heard, &mut dice);
        }
        follower.follow(&replicas[0], usize::MAX).await;
        assert_eq!(follower.known, things.view(), "seed {seed}");
    }
}

/// A state that a replica tells is one that the source has had: who goes over from the middle of a batch misses nothing.
#[tokio::test(start_paused = true)]
async fn from_within_a_batch_to_another_replica() {
    let kept =
        |name: &str, revision: u64| (ObjectId::new("", name), Kept { json: slim(name, true, "1"), revision });
    let all = Listed { objects: [kept("a", 3), kept("b", 4)].into_iter().collect(), revision: 9 };
    let mut replicas = [Replica::new(), Replica::new()];
    replicas.iter_mut().for_each(|replica| replica.feed.replace(0, &all));
    let hidden = |revision: u64| {
        let json = slim("a", false, &revision.to_string());
        (ObjectId::new("", "a"), Changed::new(Some(json), revision))
    };
    let other = (ObjectId::new("", "b"), Changed::new(Some(slim("b", true, "2")), 12));
    let changes = [hidden(10), other, hidden(14)];
    for (id, changed) in changes.clone() {
        let revision = changed.revision;
        replicas[1].feed.apply(0, [(id, changed)].into_iter().collect(), revision);
    }
    let mut watcher = Follower { known: replicas[0].list().0, revision: 9 };
    replicas[0].feed.apply(0, changes.into_iter().collect(), 14);
    watcher.follow(&replicas[0], 1).await;
    watcher.follow(&replicas[1], usize::MAX).await;
    assert_eq!(watcher.known, replicas[1].list().0);
}

/// A replica that fell so far behind that it knows no order tells nobody but those who begin anew.
#[tokio::test(start_paused = true)]
async fn what_was_merged_is_one_state() {
    let mut replica = Replica::new();
    replica.feed.replace(0, &Listed { objects: Default::default(), revision: 9 });
    let mut watcher = Follower { known: replica.list().0, revision: 9 };
    let mut changes = Changes::default();
    for number in 0..15_000_u64 {
        let name = format!("t{}", number % 3);
        let json = slim(&name, !number.is_multiple_of(2), &number.to_string());
        changes.push(ObjectId::new("", &name), Changed::new(Some(json), 10 + number));
    }
    assert!(changes.is_merged());
    replica.feed.apply(0, changes, 20_000);
    assert_eq!(replica.list().1, 20_000);
    // 410, and it lists anew.
    watcher.follow(&replica, 1).await;
    assert_eq!((watcher.known, watcher.revision), replica.list());
}
