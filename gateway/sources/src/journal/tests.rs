//! Stored objects over a file on the disk.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tributary_collection::{Collection, Encoded, Object, Scope};
use tributary_durable::{Committed, Committer, Fault, File, Observer, Version};

use super::Restore;
use crate::stored::{Expect, Stored, StoredError, Write, durable_limits};

struct Unobserved;

impl Observer for Unobserved {
    fn committed(&self, _: &Committed) {}
}

/// Objects as they were written.
struct Plain;

impl Restore<()> for Plain {
    fn begin(&mut self) {}

    fn object(&self, version: &Version) -> Option<Object<()>> {
        let object: Value = serde_json::from_slice(&version.bytes).ok()?;
        Some(Encoded::new(object.as_object()?).ok()?.at(version.revision, ()))
    }

    fn end(&mut self, _: &Collection<()>) {}
}

fn open(folder: &Path) -> (Committer, Arc<Stored<()>>) {
    let file = File::new(folder.join("data.redb"));
    let committer = Committer::start(file, "g.example.com", durable_limits(), Arc::new(Unobserved)).unwrap();
    let stored = Stored::durable(committer.clone(), "tasks", Plain);
    (committer, Arc::new(stored))
}

async fn ready(stored: &Stored<()>) {
    let end = Instant::now() + Duration::from_secs(10);
    while let Some(why) = stored.unread() {
        assert!(Instant::now() < end, "{why}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn put(name: &str, number: u64) -> Write<()> {
    let object = json!({"metadata": {"name": name, "uid": "u"}, "number": number});
    Write::Put(Encoded::new(object.as_object().unwrap()).unwrap(), ())
}

#[tokio::test]
async fn objects_and_changes_are_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let (committer, stored) = open(folder.path());
    ready(&stored).await;
    let before = stored.snapshot().revision();
    let first = stored.write(Expect::Absent, put("a", 1)).await.unwrap();
    let second = stored.write(Expect::Revision(first.revision()), put("a", 2)).await.unwrap();
    let other = stored.write(Expect::Absent, put("b", 1)).await.unwrap();
    let gone = Write::Delete(other.key().clone());
    let gone = stored.write(Expect::Revision(other.revision()), gone).await.unwrap();
    let told = |stored: &Stored<()>| {
        let changes = stored.collection().changes(before, 100).unwrap();
        let line = |change: &tributary_collection::Change<()>| {
            let text = |object: &Arc<Object<()>>| String::from_utf8(object.bytes().to_vec()).unwrap();
            (change.kind, change.revision, text(&change.object), change.previous.as_ref().map(text))
        };
        changes.iter().map(|change| line(change)).collect::<Vec<_>>()
    };
    let changes = told(&stored);
    assert_eq!(changes.len(), 4);
    committer.close();

    let (committer, again) = open(folder.path());
    ready(&again).await;
    assert_eq!(told(&again), changes);
    let snapshot = again.snapshot();
    assert_eq!((snapshot.len(), snapshot.revision()), (1, gone.revision()));
    assert_eq!(snapshot.get(second.key()).unwrap().bytes(), second.bytes());
    let next = again.write(Expect::Absent, put("b", 2)).await.unwrap();
    assert!(next.revision() > gone.revision());
    assert_eq!(again.collection().changes(before - 1, 1).unwrap_err().oldest, before);
    committer.close();
    let closed = again.write(Expect::Absent, put("c", 1)).await;
    assert!(matches!(closed, Err(StoredError::Fault(Fault::Closed))), "{closed:?}");
}

#[tokio::test]
async fn writers_of_one_object_come_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (_committer, stored) = open(folder.path());
    ready(&stored).await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let stored = stored.clone();
            tokio::spawn(async move { stored.write(Expect::Absent, put("a", number)).await })
        })
        .collect();
    let (mut created, mut refused) = (None, Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            Ok(object) => assert!(created.replace(object.revision()).is_none(), "created twice"),
            Err(StoredError::Conflict(current)) => refused.push(current.revision()),
            Err(other) => panic!("{other}"),
        }
    }
    // Those who came too late saw what was there, not what was on its way.
    assert_eq!(refused, vec![created.unwrap(); 31]);

    // Of those who change the same state one succeeds; counting in turns loses nothing.
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let stored = stored.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    loop {
                        let current = only(&stored);
                        let number = number(&current) + 1;
                        let at = Expect::Revision(current.revision());
                        match stored.write(at, put("a", number)).await {
                            Ok(_) => break,
                            Err(StoredError::Conflict(_)) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            })
        })
        .collect();
    let begin = number(&only(&stored));
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(number(&only(&stored)), begin + 160);
}

fn number(object: &Object<()>) -> u64 {
    serde_json::from_slice::<Value>(object.bytes()).unwrap()["number"].as_u64().unwrap()
}

fn only(stored: &Stored<()>) -> Arc<Object<()>> {
    stored.snapshot().range(Scope::All, None).next().unwrap().clone()
}

#[tokio::test]
async fn what_is_not_read_yet_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    let (first, stored) = open(folder.path());
    ready(&stored).await;
    stored.write(Expect::Absent, put("a", 1)).await.unwrap();
    // Another process has the file.
    let (_second, waiting) = open(folder.path());
    let end = Instant::now() + Duration::from_secs(10);
    while waiting.unread().is_none_or(|why| !why.contains("another process")) {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let refused = waiting.write(Expect::Absent, put("a", 2)).await;
    assert!(matches!(refused, Err(StoredError::Unread(_))), "{refused:?}");
    first.close();
    ready(&waiting).await;
    assert!(matches!(waiting.write(Expect::Absent, put("a", 2)).await, Err(StoredError::Conflict(_))));
}
