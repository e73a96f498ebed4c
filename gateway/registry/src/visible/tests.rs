use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tributary_sources::view::{Changed, Listed, ObjectId, Slim};

use super::reader::EVERY;
use crate::fixture::*;
use crate::*;

/// Answers by a set of rights, `namespace/name`, and counts the questions.
#[derive(Default)]
struct Rights {
    held: Mutex<HashSet<String>>,
    asked: Mutex<usize>,
    failing: Mutex<bool>,
}

impl Rights {
    fn of(rights: &[&str]) -> Arc<Self> {
        let held = rights.iter().map(|right| (*right).to_owned()).collect();
        Arc::new(Self { held: Mutex::new(held), ..Self::default() })
    }

    fn grant(&self, right: &str) {
        self.held.lock().unwrap().insert(right.to_owned());
    }

    fn revoke(&self, right: &str) {
        self.held.lock().unwrap().remove(right);
    }

    fn holds(&self, team: &str, name: &str) -> bool {
        let held = self.held.lock().unwrap();
        ["/".to_owned(), format!("{team}/"), format!("{team}/{name}")]
            .iter()
            .any(|right| held.contains(right))
    }

    fn asked(&self) -> usize {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Viewer for Rights {
    fn identity(&self) -> &str {
        "jane"
    }

    fn may<'a>(&'a self, guard: &'a Guard) -> BoxFuture<'a, Result<bool, Status>> {
        async move {
            // An answer takes its time, and others go on meanwhile.
            tokio::task::yield_now().await;
            *self.asked.lock().unwrap() += 1;
            if *self.failing.lock().unwrap() {
                return Err(Status::failure(Reason::InternalError, "no answer"));
            }
            Ok(self.held.lock().unwrap().contains(&format!("{}/{}", guard.namespace, guard.name)))
        }
        .boxed()
    }
}

/// A view of things, each guarded by its team.
struct Shown {
    feed: ViewFeed,
    resource: Arc<Resource>,
}

impl Shown {
    fn new(things: &[(&str, &str, &str)]) -> Self {
        let api = serde_json::from_value(json!({
            "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "g.example.com"},
            "spec": {"group": "g.example.com", "resources": [{
                "name": "shown", "kind": "Shown", "scope": "Cluster", "versions": [{"name": "v1"}],
                "source": {"view": {
                    "from": {"apiVersion": "v1", "resource": "things"},
                    "template": {"spec": "${object.spec}"},
                    "visibleIf": {"verb": "get", "resource": "things", "namespace": "${object.spec.team}",
                        "name": "${object.metadata.name}"},
                }},
            }]},
        }));
        let registry = Registry::new(Arc::new(ByName), None);
        let compiled = tributary_definition::compile(&api.unwrap()).unwrap();
        let (feed, _) = registry.publish(Arc::new(compiled)).pop().unwrap();
        let mut shown = Self { feed, resource: resource(&registry, "shown") };
        shown.feed.replace(0, &Listed::default());
        things.iter().for_each(|(name, team, text)| shown.put(name, team, text));
        shown
    }

    fn put(&mut self, name: &str, team: &str, text: &str) {
        let thing = json!({"metadata": {"name": name, "uid": name}, "spec": {"team": team, "text": text}});
        let slim = serde_json::to_vec(&thing).unwrap().into();
        self.change(name, Some(slim));
    }

    fn delete(&mut self, name: &str) {
        self.change(name, None);
    }

    fn change(&mut self, name: &str, object: Option<Slim>) {
        let changed = Changed::new(object, 0);
        self.feed.apply(0, [(ObjectId::new("", name), changed)].into_iter().collect(), 0);
    }

    /// Names of a page, and what else it tells.
    async fn list(&self, rights: &Rights, query: &[(&str, &str)]) -> (Vec<String>, List) {
        let options = ListOptions::read(&parameters(query), self.resource.selectable_fields()).unwrap();
        let list = self.resource.list_visible(address("", ""), &options, rights).await.unwrap();
        (list.objects.iter().map(|object| object.key().name().to_owned()).collect(), list)
    }

    fn watch(&self, rights: &Arc<Rights>, after: Option<u64>) -> VisibleWatch {
        let after = after.map(|revision| revision.to_string());
        let mut query = vec![("allowWatchBookmarks", "true"), ("timeoutSeconds", "86400")];
        query.extend(after.as_deref().map(|revision| ("resourceVersion", revision)));
        let options = WatchOptions::read(&parameters(&query), self.resource.selectable_fields()).unwrap();
        self.resource.watch_visible(address("", ""), options, rights.clone())
    }
}

/// What a watch tells until nothing comes for a moment.
async fn told(watch: &mut VisibleWatch) -> Vec<Told> {
    let mut all = Vec::new();
    while let Ok(Some(batch)) = tokio::time::timeout(Duration::from_millis(20), watch.next()).await {
        all.extend(batch);
    }
    all
}

/// `ADDED a text`, one for each event; bookmarks are left out.
async fn words(watch: &mut VisibleWatch) -> Vec<String> {
    let word = |told: &Told| match told {
        Told::Event(event) => Some(format!("{} {}", event.event_type.as_str(), text(&event.object))),
        Told::Bookmark { .. } => None,
        Told::Error(status) => Some(format!("ERROR {}", status.code())),
    };
    told(watch).await.iter().filter_map(word).collect()
}

fn text(object: &Version) -> String {
    let fields: Value = serde_json::from_slice(object.bytes()).unwrap();
    assert_eq!(fields["metadata"]["resourceVersion"], object.revision().to_string());
    format!("{} {}", object.key().name(), fields["spec"]["text"].as_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn gets_and_lists_what_may_be_seen() {
    let things = [("a", "red", "1"), ("b", "blue", "1"), ("c", "red", "1"), ("d", "green", "1")];
    let shown = Shown::new(&things);
    for (rights, expected) in [
        (&[][..], &[][..]),
        (&["/"], &["a", "b", "c", "d"]),
        (&["red/"], &["a", "c"]),
        (&["red/c", "green/d", "blue/x"], &["c", "d"]),
    ] {
        // Each is another caller of a view of its own.
        let shown = Shown::new(&things);
        let rights = Rights::of(rights);
        let (names, list) = shown.list(&rights, &[]).await;
        assert_eq!(names, expected);
        assert_eq!((list.next.as_str(), list.remaining), ("", None));
        for (name, ..) in things {
            let got = shown.resource.get_visible(address("", name), &GetOptions::default(), &*rights).await;
            let (code, message) =
                got.map_or_else(|status| (status.code(), status.message), |_| (200, String::new()));
            let seen = expected.contains(&name);
            assert_eq!(code, if seen { 200 } else { 404 }, "{name}");
            assert!(seen || message == format!("shown.g.example.com \"{name}\" not found"), "{message}");
        }
    }
    let failing = Rights::of(&["/"]);
    *failing.failing.lock().unwrap() = true;
    let options = ListOptions::read(&parameters(&[]), &[]).unwrap();
    let refused = shown.resource.list_visible(address("", ""), &options, &*failing).await;
    assert_eq!(refused.unwrap_err().code(), 500);
}

#[tokio::test(start_paused = true)]
async fn pages_tell_nothing_of_what_is_hidden() {
    let shown = Shown::new(&[("a", "red", "1"), ("b", "blue", "1"), ("c", "red", "1"), ("z", "blue", "1")]);
    let rights = Rights::of(&["red/"]);
    let (names, first) = shown.list(&rights, &[("limit", "1")]).await;
    assert_eq!((names, first.remaining), (vec!["a".to_owned()], None));
    let token = crate::token::Token::decode(&first.next).unwrap();
    assert_eq!(token.start.as_str(), "a\0", "the place after what is seen");
    let (names, second) = shown.list(&rights, &[("limit", "1"), ("continue", &first.next)]).await;
    assert_eq!((names, second.next.as_str()), (vec!["c".to_owned()], ""), "what is hidden makes no page");
}

#[tokio::test(start_paused = true)]
async fn rights_on_more_answer_for_all_of_it() {
    let names: Vec<String> = (0..100).map(|number| format!("t{number}")).collect();
    let teams = ["red", "blue"];
    let things: Vec<_> =
        names.iter().enumerate().map(|(number, name)| (name.as_str(), teams[number % 2], "1")).collect();
    for (rights, most) in [(&["/"][..], 1), (&["red/", "blue/"], 3), (&["red/"], 3 + 50)] {
        let shown = Shown::new(&things);
        let rights = Rights::of(rights);
        shown.list(&rights, &[]).await;
        assert_eq!(rights.asked(), most);
        shown.list(&rights, &[]).await;
        assert_eq!(rights.asked(), 0, "answers are kept for a while");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_follows_objects_and_rights() {
    let mut shown = Shown::new(&[("a", "red", "1"), ("b", "blue", "1")]);
    let rights = Rights::of(&["red/"]);
    let mut watch = shown.watch(&rights, None);
    assert_eq!(words(&mut watch).await, ["ADDED a 1"]);
    shown.put("b", "blue", "2");
    shown.put("a", "red", "2");
    assert_eq!(words(&mut watch).await, ["MODIFIED a 2"], "what is hidden changes unseen");
    shown.put("b", "red", "3");
    assert_eq!(words(&mut watch).await, ["ADDED b 3"], "it came into view");
    shown.put("b", "blue", "4");
    assert_eq!(words(&mut watch).await, ["DELETED b 3"], "it left, and its new state is not told");
    shown.delete("b");
    assert!(words(&mut watch).await.is_empty());
    rights.revoke("red/");
    tokio::time::sleep(EVERY).await;
    assert_eq!(words(&mut watch).await, ["DELETED a 2"], "the right is lost");
    shown.put("a", "red", "5");
    assert!(words(&mut watch).await.is_empty());
    rights.grant("red/a");
    tokio::time::sleep(EVERY).await;
    assert_eq!(words(&mut watch).await, ["ADDED a 5"], "a right to the one is one");
    shown.delete("a");
    assert_eq!(words(&mut watch).await, ["DELETED a 5"]);
    *rights.failing.lock().unwrap() = true;
    tokio::time::sleep(EVERY).await;
    assert_eq!(words(&mut watch).await, ["ERROR 500"], "nobody answers for it any more");
    assert!(watch.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_back_to_what_other_rights_showed() {
    let mut shown = Shown::new(&[("a", "red", "1"), ("b", "blue", "1")]);
    let rights = Rights::of(&["red/"]);
    let (_, list) = shown.list(&rights, &[]).await;
    shown.put("a", "red", "2");
    let mut watch = shown.watch(&rights, Some(list.revision));
    assert_eq!(words(&mut watch).await, ["MODIFIED a 2"]);
    drop(watch);
    rights.revoke("red/");
    tokio::time::sleep(EVERY).await;
    let mut watch = shown.watch(&rights, Some(list.revision));
    assert_eq!(words(&mut watch).await, ["ERROR 410"]);
    let (names, list) = shown.list(&rights, &[]).await;
    assert!(names.is_empty());
    let mut watch = shown.watch(&rights, Some(list.revision));
    assert!(words(&mut watch).await.is_empty());
    rights.grant("red/");
    tokio::time::sleep(EVERY).await;
    assert_eq!(words(&mut watch).await, ["ADDED a 2"]);
    // A revision that was never told to this caller.
    let stranger = Shown::new(&[("a", "red", "1")]);
    let revision = stranger.resource.list(address("", ""), &ListOptions::default()).unwrap().revision;
    let mut watch = stranger.watch(&rights, Some(revision - 1));
    assert_eq!(words(&mut watch).await, ["ERROR 410"]);
}

/// One who lists and watches, and believes what is told.
struct Client {
    known: BTreeMap<String, String>,
    revision: u64,
    watch: Option<VisibleWatch>,
}

impl Client {
    async fn list(shown: &Shown, rights: &Arc<Rights>) -> Self {
        let (_, list) = shown.list(rights, &[]).await;
        let known =
            list.objects.iter().map(|object| (object.key().name().to_owned(), text(object))).collect();
        Self { known, revision: list.revision, watch: None }
    }

    async fn follow(&mut self, shown: &Shown, rights: &Arc<Rights>) {
        let revision = self.revision;
        let watch = self.watch.get_or_insert_with(|| shown.watch(rights, Some(revision)));
        for told in told(watch).await {
            match told {
                Told::Event(event) => {
                    let text = text(&event.object);
                    assert!(!text.contains("secret"), "{text}");
                    assert!(event.object.revision() >= self.revision);
                    self.revision = event.object.revision();
                    let name = event.object.key().name().to_owned();
                    match event.event_type.as_str() {
                        "DELETED" => assert!(self.known.remove(&name).is_some(), "{name} was never told"),
                        _ => drop(self.known.insert(name, text)),
                    }
                }
                Told::Bookmark { revision, .. } => self.revision = revision,
                Told::Error(status) => {
                    assert_eq!(status.code(), 410);
                    *self = Self::list(shown, rights).await;
                    return;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_watcher_knows_what_a_list_shows() {
    for seed in 0..200 {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut shown = Shown::new(&[]);
        let rights = Rights::of(&[]);
        let mut clients = [Client::list(&shown, &rights).await, Client::list(&shown, &rights).await];
        let teams = ["red", "blue", "never"];
        for step in 0..60 {
            let (name, team) = (format!("t{}", dice.random_range(0..6)), teams[dice.random_range(0..3)]);
            let right = [
                format!("{}/", teams[dice.random_range(0..2)]),
                format!("{}/{name}", teams[dice.random_range(0..2)]),
            ];
            let right = &right[dice.random_range(0..2)];
            match dice.random_range(0..9) {
                0..3 => shown.put(
                    &name,
                    team,
                    &if team == "never" { "secret".to_owned() } else { step.to_string() },
                ),
                3 => shown.delete(&name),
                4 => rights.grant(right),
                5 => rights.revoke(right),
                6 => tokio::time::sleep(Duration::from_millis(dice.random_range(0..8000))).await,
                // The connection is lost.
                7 => clients[dice.random_range(0..2)].watch = None,
                _ => clients[dice.random_range(0..2)].follow(&shown, &rights).await,
            }
        }
        for client in &mut clients {
            for _ in 0..3 {
                tokio::time::sleep(EVERY).await;
                client.follow(&shown, &rights).await;
            }
        }
        let (_, list) = shown.list(&rights, &[]).await;
        let all = shown.resource.list(address("", ""), &ListOptions::default()).unwrap();
        let expected: BTreeMap<_, _> = all
            .objects
            .iter()
            .filter(|object| {
                let guard = Guard::of(object).unwrap();
                rights.holds(&guard.namespace, &guard.name)
            })
            .map(|object| (object.key().name().to_owned(), text(object)))
            .collect();
        let listed: BTreeMap<_, _> =
            list.objects.iter().map(|object| (object.key().name().to_owned(), text(object))).collect();
        assert_eq!(listed, expected, "seed {seed}");
        for client in &clients {
            assert_eq!(client.known, expected, "seed {seed}");
        }
    }
}
