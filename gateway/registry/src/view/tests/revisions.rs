//! Which revisions a view has, told what.

use std::time::Duration;

use imbl::OrdMap;
use tributary_sources::view::{Changed, Changes, Kept, Listed, ObjectId};

use super::*;

fn listed(revision: u64, things: &[(&str, &str, u64)]) -> Listed {
    let kept = |(name, text, revision): &(&str, &str, u64)| {
        (ObjectId::new("", name), Kept { json: slim(name, true, text), revision: *revision })
    };
    Listed { objects: things.iter().map(kept).collect::<OrdMap<_, _>>(), revision }
}

fn changed(name: &str, text: &str, revision: u64) -> Changes {
    [(ObjectId::new("", name), Changed::new(Some(slim(name, true, text)), revision))].into_iter().collect()
}

fn deleted(name: &str, revision: u64) -> Changes {
    [(ObjectId::new("", name), Changed::new(None, revision))].into_iter().collect()
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
    replica.feed.apply(0, changed("a", "1", 10), 0);
    waits.await.unwrap().unwrap();
    let start = |revision: &str| {
        let query = [("watch", "true"), ("resourceVersion", revision)];
        WatchOptions::read(&parameters(&query), &[]).unwrap().at_least()
    };
    assert_eq!(start("11"), Some(11), "a watch waits for where it begins");
    for (revision, what) in [(8, "from before"), (11, "still to come, and not waited for")] {
        let told = replica.watch(revision).next().await.unwrap();
        assert!(matches!(&told[..], [Told::Error(status)] if status.code() == 410), "{what}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_was_never_served_counts_for_nothing() {
    let mut replica = Replica::new();
    replica.declare("${object.text}!");
    assert_eq!(replica.feed.newer_than(), 0);
    replica.feed.replace(0, &listed(9, &[("a", "1", 3)]));
    assert_eq!(replica.list().1, 9);
    replica.declare("${object.text}?");
    replica.declare("${object.text}.");
    assert_eq!(replica.feed.newer_than(), 9, "the one before the last has been served");
    replica.feed.replace(0, &listed(10, &[("a", "1", 3)]));
    assert_eq!(replica.list(), ([("x-a".to_owned(), "1.".to_owned())].into(), 10));
}

/// Revisions that cannot be passed on: those of the view's own begin, and are greater than all before.
#[tokio::test(start_paused = true)]
async fn sources_whose_revisions_are_none_that_can_be_passed_on() {
    type Tell = fn(&mut ViewFeed);
    let rows: [(&str, Tell); 6] = [
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
        ("a deletion is of the past", |feed| {
            feed.replace(0, &listed(9, &[("a", "2", 3), ("b", "1", 4)]));
            feed.apply(0, deleted("b", 4), 0);
        }),
        ("the source has gone back, and has lost an object", |feed| {
            feed.replace(0, &listed(9, &[("a", "2", 3), ("b", "1", 4)]));
            feed.replace(0, &listed(7, &[("a", "2", 3)]));
        }),
    ];
    for (name, tell) in rows {
        let mut replica = Replica::of(1);
        tell(&mut replica.feed);
        let (objects, revision) = replica.list();
        assert_eq!(objects, [("x-a".to_owned(), "2".to_owned())].into(), "{name}");
        assert!(revision > 1_700_000_000_000_000, "{name}: {revision}");
        replica.feed.apply(0, changed("a", "3", 20), 20);
        assert_eq!(replica.list().0["x-a"], "3", "{name}");
        assert!(replica.list().1 > revision, "{name}");
        // Other processes have others: nobody is to go from them to this one.
        replica.scale(2);
        assert!(
            replica.refusal().contains("set spec.gateway.replicas to 1"),
            "{name}: {}",
            replica.refusal()
        );
        assert!(!replica.resource.view_report().unwrap().synced, "{name}: status tells it, too");
        replica.scale(1);
        assert_eq!(replica.list().0["x-a"], "3", "{name}");
        // Those of another definition are a source's again: nobody goes from the one kind to the other.
        replica.declare("${object.text}!");
        replica.feed.replace(0, &listed(30, &[("a", "3", 20)]));
        assert_eq!(replica.list(), ([("x-a".to_owned(), "3!".to_owned())].into(), 30), "{name}");
        replica.resource.reach(Some(revision)).await.unwrap();
        let told = replica.watch(revision).next().await.unwrap();
        assert!(matches!(&told[..], [Told::Error(status)] if status.code() == 410), "{name}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_definition_begins_with_newer_revisions() {
    let mut replica = Replica::of(1);
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

#[tokio::test(start_paused = true)]
async fn several_replicas_wait_for_a_source_that_does_not_move() {
    let mut replica = Replica::new();
    replica.feed.replace(0, &listed(9, &[("a", "1", 3), ("b", "1", 4)]));
    replica.declare("${object.text}!");
    replica.feed.replace(0, &listed(9, &[("a", "1", 3), ("b", "1", 4)]));
    assert!(replica.refusal().contains("served up to 9"), "{}", replica.refusal());
    replica.feed.apply(0, deleted("b", 12), 12);
    assert_eq!(replica.list(), ([("x-a".to_owned(), "1!".to_owned())].into(), 12));
    assert_eq!(revision_of(&replica, "x-a"), 3);
    assert!(
        matches!(&replica.watch(9).next().await.unwrap()[..], [Told::Error(status)] if status.code() == 410)
    );
}

/// Whoever has seen revisions of the view's own is told so when it passes its source's on, in place of waiting for ever.
#[tokio::test(start_paused = true)]
async fn from_its_own_revisions_to_those_of_the_source() {
    let mut replica = Replica::of(1);
    replica.feed.replace(0, &listed(0, &[("a", "1", 0)]));
    let own = replica.list().1;
    replica.declare("${object.text}!");
    // The source's cannot be compared with them: any list will do.
    assert_eq!(replica.feed.newer_than(), 0);
    replica.feed.replace(0, &listed(30, &[("a", "3", 20)]));
    assert_eq!(replica.list().1, 30);
    replica.resource.reach(Some(own)).await.unwrap();
    let told = replica.watch(own).next().await.unwrap();
    assert!(matches!(&told[..], [Told::Error(status)] if status.code() == 410), "{told:?}");
}

/// What is computed when another definition is in force already is told to nobody: its revisions may be given again.
#[tokio::test(start_paused = true)]
async fn a_definition_that_is_gone_tells_nothing_more() {
    type Tell = fn(&mut ViewFeed);
    let rows: [(&str, Tell); 4] = [
        ("a change", |feed| feed.apply(0, changed("a", "2", 12), 12)),
        ("a bookmark", |feed| feed.apply(0, Changes::default(), 12)),
        ("a list", |feed| feed.replace(0, &listed(12, &[("a", "2", 12)]))),
        ("revisions of its own", |feed| feed.replace(0, &listed(7, &[("a", "2", 3)]))),
    ];
    for (name, tell) in rows {
        let mut replica = Replica::of(1);
        replica.feed.replace(0, &listed(9, &[("a", "1", 3)]));
        let gone = replica.resource.clone();
        let mut feed = replica.declare("${object.text}!");
        tell(&mut feed);
        let list = gone.list(address("", ""), &ListOptions::default()).unwrap();
        assert_eq!((list.revision, told(&list.objects[0]).1), (9, "1".to_owned()), "{name}");
        assert_eq!(replica.feed.newer_than(), 9, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_that_comes_again_begins_with_newer_revisions() {
    let mut replica = Replica::of(1);
    replica.feed.replace(0, &listed(9, &[("a", "1", 3)]));
    for _ in 0..2 {
        replica.registry.publish(definition_of("others", "${object.text}", 1));
    }
    replica.declare("${object.text}");
    assert_eq!(replica.feed.newer_than(), 9);
    replica.feed.replace(0, &listed(9, &[("a", "2", 3)]));
    assert!(replica.list().1 > 9);
    let told = replica.watch(9).next().await.unwrap();
    assert!(matches!(&told[..], [Told::Error(status)] if status.code() == 410), "{told:?}");
}
