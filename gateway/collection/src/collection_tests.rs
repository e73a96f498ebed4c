use std::collections::BTreeMap;
use std::sync::Weak;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fields::FieldSelector;
use crate::labels::LabelSelector;
use crate::log::LogLimits;
use crate::page::Query;

impl crate::fields::Selectable for u8 {
    fn field(&self, _: &str) -> &str {
        ""
    }
}

const LIMITS: LogLimits = LogLimits { changes: 1000, bytes: 1 << 20 };

fn put(namespace: &str, name: &str, label: &str) -> Commit<u8> {
    let object = json!({
        "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}"), "labels": {"l": label}},
    });
    Commit::Put(Encoded::new(object.as_object().unwrap()).unwrap(), 0)
}

/// A collection with `count` objects in two namespaces, at revision `count`.
fn filled(count: u64) -> Collection<u8> {
    let collection = Collection::new(0, LIMITS);
    for n in 1..=count {
        let namespace = if n % 2 == 0 { "even" } else { "odd" };
        collection.commit(n, put(namespace, &format!("o{n:04}"), &(n % 3).to_string())).unwrap();
    }
    collection
}

fn names(
    snapshot: &Snapshot<u8>,
    scope: Scope<'_>,
    labels: &str,
    fields: &str,
    limit: usize,
) -> Vec<Vec<String>> {
    let labels = LabelSelector::parse(labels).unwrap();
    let fields =
        FieldSelector::parse(fields, &["metadata.name", "metadata.namespace"].map(str::to_owned)).unwrap();
    let mut pages = Vec::new();
    let mut start = None;
    loop {
        let page = snapshot.page(&Query {
            scope,
            labels: &labels,
            fields: &fields,
            start: start.as_ref(),
            limit,
            lens: &None,
        });
        pages.push(page.objects.iter().map(|object| object.key().to_string()).collect());
        match page.next {
            Some(next) => start = Some(next),
            None => return pages,
        }
    }
}

#[test]
fn pages_cover_each_object_once() {
    let snapshot = filled(9).snapshot();
    for (scope, labels, fields, limit, sizes) in [
        (Scope::All, "", "", 0, &[9][..]),
        (Scope::All, "", "", 4, &[4, 4, 1]),
        (Scope::All, "", "", 9, &[9]),
        (Scope::Namespace("even"), "", "", 3, &[3, 1]),
        (Scope::Namespace("eve"), "", "", 3, &[0]),
        (Scope::All, "l=0", "", 2, &[2, 1]),
        (Scope::All, "l=0", "", 3, &[3]),
        (Scope::All, "l=0", "", 4, &[3]),
        (Scope::All, "l=2", "", 3, &[3, 0]),
        (Scope::Namespace("even"), "l=2", "", 2, &[2]),
        (Scope::Namespace("even"), "l=2", "", 1, &[1, 1]),
        (Scope::All, "l=7", "", 3, &[0]),
        (Scope::All, "", "metadata.namespace=odd", 4, &[4, 1]),
        (Scope::All, "", "metadata.namespace=even", 4, &[4]),
        (Scope::All, "", "metadata.namespace!=odd", 4, &[4, 0]),
        (Scope::All, "", "metadata.name=o0003,metadata.namespace=odd", 1, &[1]),
        (Scope::All, "", "metadata.name=o0003", 4, &[1]),
        (Scope::All, "", "metadata.name=o0003", 1, &[1, 0]),
        (Scope::Namespace("odd"), "", "metadata.name=o0003", 4, &[1]),
        (Scope::Namespace("even"), "", "metadata.name=o0003", 4, &[0]),
        (Scope::Namespace("odd"), "l=1", "metadata.name=o0003", 4, &[0]),
    ] {
        let pages = names(&snapshot, scope, labels, fields, limit);
        let found: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(found, sizes, "{scope:?} {labels} {fields} {limit}");
        let all: Vec<_> = pages.concat();
        assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
    }
}

#[test]
fn remaining_is_told_without_selectors_only() {
    let snapshot = filled(9).snapshot();
    let (none, by_label) = (LabelSelector::default(), LabelSelector::parse("l").unwrap());
    let fields = FieldSelector::default();
    let query =
        Query { scope: Scope::All, labels: &none, fields: &fields, start: None, limit: 4, lens: &None };
    assert_eq!(snapshot.page(&query).remaining, Some(5));
    let selected = snapshot.page(&Query { labels: &by_label, ..query });
    assert_eq!((selected.remaining, selected.next.is_some()), (None, true));
}

#[test]
fn commits_have_growing_revisions() {
    let collection = filled(3);
    let refused = collection.commit(3, put("odd", "x", "1"));
    assert_eq!(refused.unwrap_err(), CommitError::Revision { revision: 3, current: 3 });
    let missing = collection.commit(4, Commit::Delete(Key::new("odd", "x")));
    assert!(matches!(missing, Err(CommitError::Missing(_))));
    assert_eq!(collection.snapshot().revision(), 3, "a refused commit changes nothing");
}

#[test]
fn goes_on_without_a_change() {
    let collection = filled(3);
    assert!(matches!(collection.advance(3), Err(CommitError::Revision { revision: 3, current: 3 })));
    collection.advance(7).unwrap();
    assert_eq!((collection.snapshot().revision(), collection.snapshot().len()), (7, 3));
    assert!(collection.changes(3, 10).unwrap().is_empty() && collection.changes(7, 10).unwrap().is_empty());
    assert!(collection.commit(7, put("odd", "new", "0")).is_err());
    collection.commit(8, put("odd", "new", "0")).unwrap();
    assert_eq!(collection.changes(3, 10).unwrap().len(), 1);
}

#[test]
fn snapshots_do_not_change() {
    let collection = filled(3);
    let before = collection.snapshot();
    collection.commit(4, Commit::Delete(Key::new("odd", "o0001"))).unwrap();
    assert_eq!((before.len(), collection.snapshot().len()), (3, 2));
}

#[test]
fn kept_snapshots_expire() {
    let collection = filled(3);
    let now = Instant::now();
    collection.retain(&collection.snapshot(), now);
    collection.commit(4, put("odd", "x", "1")).unwrap();
    assert_eq!(collection.retained(3, now).unwrap().len(), 3);
    assert_eq!(collection.retained(4, now).unwrap().len(), 4);
    assert!(collection.retained(2, now).is_none(), "never kept");
    assert!(collection.retained(3, now + Duration::from_secs(301)).is_none());
}

#[test]
fn the_log_is_bounded() {
    let collection = Collection::new(10, LogLimits { changes: 2, ..LIMITS });
    for n in 11..=13 {
        collection.commit(n, put("n", &n.to_string(), "1")).unwrap();
    }
    assert_eq!(collection.changes(10, 9).unwrap_err(), Expired { requested: 10, oldest: 11 });
    let kinds: Vec<_> = collection.changes(11, 9).unwrap().iter().map(|change| change.revision).collect();
    assert_eq!(kinds, [12, 13]);
    assert!(collection.changes(13, 9).unwrap().is_empty());
}

#[test]
fn the_log_is_bounded_in_bytes() {
    let collection = Collection::new(0, LogLimits { bytes: 250, ..LIMITS });
    for n in 1..=9 {
        collection.commit(n, put("n", &n.to_string(), "1")).unwrap();
    }
    let oldest = collection.check(0).unwrap_err().oldest;
    assert!((5..9).contains(&oldest), "{oldest}");
    assert_eq!(collection.changes(oldest, 9).unwrap().len() as u64, 9 - oldest);
}

#[test]
fn states_that_were_passed_over_cannot_be_gone_on_from() {
    let collection = filled(4);
    collection.skip(6..9);
    collection.commit(9, put("odd", "o0001", "x")).unwrap();
    let checked = |revision| collection.check(revision).err().map(|expired| expired.oldest);
    assert_eq!([5, 6, 8, 9].map(checked), [None, Some(9), Some(9), None]);
    assert_eq!(collection.changes(6, 9).unwrap().len(), 1, "who is on the way goes on");
    collection.load(12, []);
    assert_eq!([6, 11, 12].map(checked), [Some(12), Some(12), None]);
}

#[test]
fn another_representation_keeps_versions() {
    let collection = filled(2);
    collection.represent(|object| {
        let value: serde_json::Value = serde_json::from_slice(object.bytes()).unwrap();
        let derived = object.key().name().len() as u8;
        Encoded::new(value.as_object().unwrap()).unwrap().at(object.revision(), derived)
    });
    let snapshot = collection.snapshot();
    assert_eq!((snapshot.revision(), snapshot.len()), (2, 2));
    assert!(snapshot.range(Scope::All, None).all(|object| *object.derived() == 5));
}

/// Of an object: when it goes it looks whether anybody has to wait for that.
#[derive(Clone)]
struct Witness {
    of: Weak<Collection<Witness>>,
    locked: Arc<AtomicUsize>,
    seen: Arc<AtomicUsize>,
}

impl Drop for Witness {
    fn drop(&mut self) {
        let Some(of) = self.of.upgrade() else { return };
        let free =
            of.current.try_read().is_ok() && of.log.try_lock().is_ok() && of.retained.try_lock().is_ok();
        self.locked.fetch_add(usize::from(!free), Ordering::Relaxed);
        self.seen.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn nobody_waits_while_what_was_goes() {
    type Anew = fn(&Collection<Witness>, Witness);
    let load: Anew = |collection, _| collection.load(9, []);
    let represent: Anew = |collection, witness| {
        collection.represent(|object| {
            let value: serde_json::Value = serde_json::from_slice(object.bytes()).unwrap();
            Encoded::new(value.as_object().unwrap()).unwrap().at(object.revision(), witness.clone())
        });
    };
    let rows = [
        ("loaded", load, false),
        ("represented", represent, false),
        ("represented while lists are under way", represent, true),
    ];
    for (name, anew, lists) in rows {
        let collection = Arc::new(Collection::new(0, LIMITS));
        let witness =
            Witness { of: Arc::downgrade(&collection), locked: Arc::default(), seen: Arc::default() };
        for revision in 1..=4 {
            let Commit::Put(encoded, _) = put("n", &format!("o{}", revision % 2), "1") else {
                unreachable!()
            };
            collection.commit(revision, Commit::Put(encoded, witness.clone())).unwrap();
            if lists {
                collection.retain(&collection.snapshot(), Instant::now());
            }
        }
        anew(&collection, witness.clone());
        assert!(witness.seen.load(Ordering::Relaxed) > 0, "{name}");
        assert_eq!(witness.locked.load(Ordering::Relaxed), 0, "{name}");
    }
}

#[test]
fn a_forged_start_selects_nothing() {
    let snapshot = filled(4).snapshot();
    let start = Key::from_token("zzz\0");
    assert_eq!(snapshot.range(Scope::Namespace("even"), Some(&start)).count(), 0);
    assert_eq!(snapshot.range(Scope::Namespace(""), None).count(), 0);
}

proptest! {
    /// Whatever is committed, the log replayed on an older snapshot gives the newer one.
    #[test]
    fn log_and_map_agree(operations in prop::collection::vec((0u8..12, any::<bool>()), 1..60), cut in 0usize..60) {
        let collection = Collection::new(0, LIMITS);
        let mut at_cut = (0, BTreeMap::new());
        let mut revision = 0;
        for (index, (name, delete)) in operations.iter().enumerate() {
            let key = Key::new("n", &format!("o{name}"));
            let commit = if *delete { Commit::Delete(key) } else { put("n", &format!("o{name}"), "1") };
            if collection.commit(revision + 1, commit).is_ok() {
                revision += 1;
            }
            if index == cut {
                at_cut = (revision, contents(&collection.snapshot()));
            }
        }
        let (from, mut replayed) = at_cut;
        for change in collection.changes(from, usize::MAX).unwrap() {
            let key = change.object.key().to_string();
            let known = replayed.contains_key(&key);
            match change.kind {
                ChangeKind::Added => prop_assert!(!known),
                ChangeKind::Modified | ChangeKind::Deleted => prop_assert!(known),
            }
            if change.kind == ChangeKind::Deleted {
                replayed.remove(&key);
            } else {
                replayed.insert(key, change.object.revision());
            }
        }
        prop_assert_eq!(replayed, contents(&collection.snapshot()));
    }
}

fn contents(snapshot: &Snapshot<u8>) -> BTreeMap<String, u64> {
    snapshot.range(Scope::All, None).map(|object| (object.key().to_string(), object.revision())).collect()
}
