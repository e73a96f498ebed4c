//! Writers who remember what was acknowledged to them, and watchers who rebuild it, while gateways come and go.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::Method;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tokio::task::{LocalSet, spawn_local};

use super::caller::Caller;
use super::wait::until;
use super::watching::Watching;

/// Objects of each writer.
const OBJECTS: u32 = 6;
/// How long a gateway may be away.
const AWAY: Duration = Duration::from_secs(60);
/// Between two tries to reach it.
const PAUSE: Duration = Duration::from_millis(20);

/// By name, the number of the write that made the object what it is.
pub(crate) type Objects = BTreeMap<String, u64>;

/// Where objects are written: a collection of objects whose spec takes `title` and `total`.
#[derive(Clone)]
pub(crate) struct Ledger {
    pub(crate) caller: Caller,
    /// The path of the collection.
    pub(crate) path: String,
    pub(crate) api_version: String,
    pub(crate) kind: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    over: AtomicBool,
    acknowledged: AtomicU64,
    failed: AtomicU64,
}

/// One who writes objects of its own, one write after the other.
struct Writer {
    ledger: Ledger,
    name: String,
    random: StdRng,
    objects: Objects,
    writes: u64,
    revision: u64,
}

/// What a watcher knows.
#[derive(Clone, Default)]
pub(crate) struct Rebuilt(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    objects: Objects,
    revision: u64,
    resumed: u64,
}

impl Ledger {
    pub(crate) fn new(caller: &Caller, path: &str, api_version: &str, kind: &str) -> Self {
        let (caller, shared) = (caller.clone(), Arc::default());
        Self {
            caller,
            path: path.to_owned(),
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            shared,
        }
    }

    /// How many writes were acknowledged, and how many were not.
    pub(crate) fn writes(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.shared.acknowledged), read(&self.shared.failed))
    }

    /// Writers end after the write that they are at.
    pub(crate) fn end(&self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }

    /// Writes until the end, and returns what it has written that is still there.
    pub(crate) async fn write(self, seed: u64) -> Objects {
        let (name, random) = (format!("w{seed}"), StdRng::seed_from_u64(seed));
        let mut writer =
            Writer { ledger: self, name, random, objects: Objects::new(), writes: 0, revision: 0 };
        while !writer.ledger.shared.over.load(Ordering::Relaxed) {
            writer.step().await;
        }
        writer.objects
    }

    /// The objects that there are, as soon as somebody tells.
    pub(crate) async fn list(&self) -> (Objects, u64) {
        until("the objects are listed", AWAY, async || {
            let answer = self.caller.try_send(Method::GET, &self.path, "").await?;
            if answer.code() != 200 {
                return Err(answer.text());
            }
            let list = answer.json();
            let objects = list["items"].as_array().unwrap().iter().map(named).collect();
            Ok((objects, revision(&list)))
        })
        .await
    }

    /// Watches from the first list on, and goes on from where it was when the watch ends: it is never told to begin anew.
    pub(crate) async fn watch(self, rebuilt: Rebuilt) {
        let (objects, revision) = self.list().await;
        *rebuilt.0.lock().unwrap() = State { objects, revision, resumed: 0 };
        loop {
            let from = rebuilt.revision();
            let path = format!("{}?watch=true&allowWatchBookmarks=true&resourceVersion={from}", self.path);
            let mut watching = Watching::alone(&self.caller, &path).await;
            while let Some(line) = watching.line().await {
                if watching.code() != 200 {
                    // Nobody answers for the gateway but kube-apiserver, whose words are not always JSON.
                    assert_ne!(watching.code(), 410, "{}", String::from_utf8_lossy(&line));
                    break;
                }
                rebuilt.apply(&serde_json::from_slice(&line).unwrap());
            }
            rebuilt.0.lock().unwrap().resumed += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Writer {
    async fn step(&mut self) {
        let name = format!("{}-{}", self.name, self.random.random_range(0..OBJECTS));
        let before = self.objects.get(&name).copied();
        self.writes += 1;
        let number = self.writes;
        let (method, path, body, after) = match before {
            None => (Method::POST, self.ledger.path.clone(), self.object(&name, number), Some(number)),
            Some(_) if self.random.random_bool(0.25) => (Method::DELETE, self.path(&name), Value::Null, None),
            Some(_) => (Method::PATCH, self.path(&name), json!({"spec": {"total": number}}), Some(number)),
        };
        let form = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let caller = self.ledger.caller.clone().header("Content-Type", form);
        let answer = caller.try_send(method, &path, body).await;
        let now = match answer {
            Ok(answer) if answer.status.is_success() => {
                self.ledger.shared.acknowledged.fetch_add(1, Ordering::Relaxed);
                self.check_revision(&answer.json());
                after
            }
            Ok(answer) if (400..500).contains(&answer.code()) && answer.code() != 429 => {
                panic!("{name}, which was {before:?}: {}", answer.text())
            }
            // It is not known what became of it: one of two things.
            Ok(_) | Err(_) => {
                self.ledger.shared.failed.fetch_add(1, Ordering::Relaxed);
                let found = self.look(&name).await;
                assert!(
                    found == before || found == after,
                    "{name} is {found:?}, neither {before:?} nor {after:?}"
                );
                found
            }
        };
        match now {
            Some(number) => self.objects.insert(name, number),
            None => self.objects.remove(&name),
        };
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.ledger.path)
    }

    fn object(&self, name: &str, number: u64) -> Value {
        json!({
            "apiVersion": self.ledger.api_version, "kind": self.ledger.kind, "metadata": {"name": name},
            "spec": {"title": "written", "total": number},
        })
    }

    /// A deletion's answer has none.
    fn check_revision(&mut self, object: &Value) {
        if object["metadata"]["resourceVersion"].is_string() {
            let revision = revision(object);
            assert!(revision > self.revision, "{} after {}", revision, self.revision);
            self.revision = revision;
        }
    }

    async fn look(&self, name: &str) -> Option<u64> {
        let path = self.path(name);
        until("the gateway is back", AWAY, async || {
            let answer = self.ledger.caller.try_send(Method::GET, &path, "").await?;
            match answer.code() {
                200 => Ok(Some(named(&answer.json()).1)),
                404 if answer.json()["reason"] == "NotFound" && answer.json()["details"]["name"] == name => {
                    Ok(None)
                }
                _ => Err(answer.text()),
            }
        })
        .await
    }
}

impl Rebuilt {
    pub(crate) fn objects(&self) -> Objects {
        self.0.lock().unwrap().objects.clone()
    }

    pub(crate) fn revision(&self) -> u64 {
        self.0.lock().unwrap().revision
    }

    /// How often the watch was begun again.
    pub(crate) fn resumed(&self) -> u64 {
        self.0.lock().unwrap().resumed
    }

    fn apply(&self, event: &Value) {
        let mut state = self.0.lock().unwrap();
        let object = &event["object"];
        assert_ne!(event["type"], "ERROR", "{event}");
        let revision = revision(object);
        if event["type"] == "BOOKMARK" {
            assert!(revision >= state.revision, "{revision} after {}", state.revision);
            state.revision = revision;
            return;
        }
        assert!(revision > state.revision, "{revision} after {}", state.revision);
        state.revision = revision;
        let (name, number) = named(object);
        let known = match event["type"].as_str() {
            Some("ADDED") => state.objects.insert(name, number).is_none(),
            Some("MODIFIED") => state.objects.insert(name, number).is_some(),
            _ => state.objects.remove(&name).is_some(),
        };
        assert!(known, "it does not fit what was told before: {event}");
    }
}

/// Writers and watchers at work while `disturb` goes on; then all of them know the same. Returns how many writes were
/// acknowledged.
pub(crate) async fn agree(
    ledger: &Ledger,
    writers: u64,
    watchers: usize,
    disturb: impl Future<Output = ()>,
) -> u64 {
    LocalSet::new().run_until(work(ledger, writers, watchers, disturb)).await
}

async fn work(ledger: &Ledger, writers: u64, watchers: usize, disturb: impl Future<Output = ()>) -> u64 {
    let rebuilt: Vec<Rebuilt> = (0..watchers).map(|_| Rebuilt::default()).collect();
    let watching: Vec<_> = rebuilt.iter().map(|one| spawn_local(ledger.clone().watch(one.clone()))).collect();
    let writing: Vec<_> = (0..writers).map(|seed| spawn_local(ledger.clone().write(seed))).collect();
    let began = Instant::now();
    disturb.await;
    ledger.end();
    let mut written = Objects::new();
    for writer in writing {
        written.extend(writer.await.unwrap());
    }
    let (listed, revision) = ledger.list().await;
    assert_eq!(listed, written, "the list is not what was acknowledged");
    for (one, task) in rebuilt.iter().zip(watching) {
        until("a watcher has heard all", AWAY, async || {
            assert!(!task.is_finished(), "a watcher failed: {:?}", one.objects());
            if one.objects() == listed { Ok(()) } else { Err(format!("{} of {revision}", one.revision())) }
        })
        .await;
        println!("a watcher resumed {} times", one.resumed());
        task.abort();
    }
    let (acknowledged, failed) = ledger.writes();
    println!("{acknowledged} writes acknowledged, {failed} not, in {:.1} s", began.elapsed().as_secs_f64());
    acknowledged
}

fn named(object: &Value) -> (String, u64) {
    (object["metadata"]["name"].as_str().unwrap().to_owned(), object["spec"]["total"].as_u64().unwrap())
}

fn revision(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap()
}
