//! Several watches of one source at a time.

use super::*;

/// A reader of a watch from 100 on, which has heard of 120, has gone over to the one of another reader, from 110 on.
async fn gone_over() -> (Arc<Told>, Hub, View, View) {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let first = View::of(&hub, PHASE);
    settle().await;
    told.list_at(&[], 100).await;
    let second = View::of(&hub, NODE);
    settle().await;
    told.tell_of(0, [applied("a", "120")]).await;
    told.list_at(&[], 110).await;
    (told, hub, first, second)
}

#[tokio::test]
async fn a_view_that_reads_more_does_not_begin_anew_for_all() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    first.came();
    settle().await;
    told.list_at(&[pod_at("a", "Running", "x", "3")], 5).await;
    first.came();
    let mut second = View::of(&hub, NODE);
    settle().await;
    assert_eq!((told.watches(), told.is_read(0), told.is_read(1)), (2, true, true));
    assert!(second.came().is_empty(), "what was kept so far is too little");
    told.list_at(&[pod_at("a", "Failed", "x", "7")], 7).await;
    assert_eq!(second.came(), ["+a Failedx @7", "all @7"]);
    assert!(first.came().is_empty() && told.is_read(0), "it has not heard all of that yet");
    told.tell([SourceEvent::Applied(pod_at("b", "Running", "x", "8"))]).await;
    assert_eq!(second.came(), ["b Runningx @8", "reached @8"]);
    let changes = [("a", "Failed", "7"), ("b", "Running", "8"), ("c", "Running", "9")];
    let changes = changes.map(|(name, phase, at)| SourceEvent::Applied(pod_at(name, phase, "x", at)));
    told.tell_of(0, changes).await;
    assert_eq!(first.came(), ["a Failed @7", "b Running @8", "reached @8"], "it goes over with that");
    assert!(!told.is_read(0));
    told.tell([SourceEvent::Applied(pod_at("c", "Running", "x", "9"))]).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["c Runningx @9", "reached @9"]);
    }
}

#[tokio::test]
async fn whoever_has_heard_as_much_goes_over_to_the_other_watch() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    first.came();
    settle().await;
    told.list_at(&[], 5).await;
    first.came();
    let mut second = View::of(&hub, NODE);
    settle().await;
    told.tell_of(0, [SourceEvent::Applied(pod_at("a", "Running", "x", "7"))]).await;
    told.list_at(&[pod_at("b", "Running", "x", "6")], 6).await;
    assert!(!told.is_read(0), "it has heard all of that");
    let changes = [("a", "Running", "7"), ("c", "Running", "8")];
    let changes = changes.map(|(name, phase, at)| SourceEvent::Applied(pod_at(name, phase, "x", at)));
    told.tell(changes).await;
    assert_eq!(first.came(), ["a Running @7", "c Runningx @8", "reached @8"], "nothing twice");
    assert_eq!(second.came(), ["+b Runningx @6", "all @6", "a Runningx @7", "c Runningx @8", "reached @8"]);
}

#[tokio::test]
async fn without_revisions_everybody_is_told_all() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    first.came();
    settle().await;
    told.list(&[pod("a", "Running", "x")]).await;
    first.came();
    let mut second = View::of(&hub, NODE);
    settle().await;
    told.list(&[pod("a", "Running", "x")]).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["+a Runningx"]);
    }
    assert!(!told.is_read(0));
}

#[tokio::test]
async fn whoever_waits_for_a_first_list_waits_for_the_last_one() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::newer(&hub, PHASE, 7);
    settle().await;
    let mut second = View::of(&hub, NODE);
    settle().await;
    assert_eq!(*lock(&told.newer_than), [7, 7], "it is to be as new still");
    assert!(!told.is_read(0));
    first.came();
    second.came();
    told.list_at(&[pod("a", "Running", "x")], 8).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["+a Runningx", "all @8"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_by_a_fault_is_begun_again() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let view = View::of(&hub, PHASE);
    settle().await;
    let fault = || view.subscription.inbox().take().fault.flatten().map(|fault| fault.message);
    lock(&told.watches)[0] = mpsc::unbounded_channel().0;
    settle().await;
    assert!(fault().unwrap().contains("a fault of the gateway"));
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(told.watches(), 2);
    told.list(&[]).await;
    assert!(view.subscription.inbox().take().listed.is_some());
}

#[tokio::test]
async fn what_was_heard_of_one_watch_is_not_heard_again_of_the_next_ones() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    settle().await;
    told.list_at(&[], 100).await;
    let second = View::of(&hub, NODE);
    settle().await;
    told.tell_of(0, [applied("a", "120")]).await;
    first.came();
    told.list_at(&[], 110).await;
    let third = View::of(&hub, &["metadata", "labels"]);
    settle().await;
    told.tell_of(1, [SourceEvent::Reached(112)]).await;
    first.came();
    told.list_at(&[], 112).await;
    assert_eq!([0, 1, 2].map(|number| told.is_read(number)), [false, false, true]);
    told.tell([applied("b", "115"), applied("a", "120"), applied("c", "121")]).await;
    assert_eq!(first.came(), ["c Runningx @121", "reached @121"], "115 and 120 came of the first watch");
    drop((second, third));
}

#[tokio::test]
async fn a_list_that_is_older_than_what_was_heard_is_none() {
    let (told, _hub, mut first, mut second) = gone_over().await;
    first.came();
    second.came();
    told.list_at(&[pod_at("b", "Running", "x", "115")], 115).await;
    assert!(first.came().is_empty());
    assert_eq!(second.came(), ["+b Runningx @115", "all @115"]);
    told.tell([applied("a", "120"), applied("c", "121")]).await;
    assert_eq!(first.came(), ["c Runningx @121", "reached @121"]);
    assert_eq!(second.came(), ["a Runningx @120", "c Runningx @121", "reached @121"]);
}

/// What was heard of another watch counts until the own one has come as far; then the source may go back.
#[tokio::test]
async fn a_source_that_goes_back_after_readers_went_over() {
    let (told, _hub, mut first, mut second) = gone_over().await;
    assert!(!told.is_read(0), "the first reader has gone over");
    told.tell([applied("a", "120"), applied("c", "5000")]).await;
    first.came();
    second.came();
    // It was restored from a backup: the list is older.
    told.list_at(&[pod_at("old", "Running", "x", "80")], 90).await;
    let came = first.came();
    assert!(came.contains(&"all @90".to_owned()), "{came:?}");
    assert_eq!(came, second.came());
    told.tell([applied("d", "95")]).await;
    let came = first.came();
    assert!(!came.is_empty());
    assert_eq!(came, second.came());
}

#[tokio::test]
async fn readers_of_a_watch_that_is_well_stay() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    settle().await;
    told.list_at(&[], 100).await;
    first.came();
    let second = View::of(&hub, NODE);
    settle().await;
    told.list_at(&[], 110).await;
    told.tell([SourceEvent::Failed(SourceFailure::Unavailable("broke off".to_owned()))]).await;
    told.tell_of(0, [applied("a", "120")]).await;
    assert!(told.is_read(0));
    assert_eq!(first.subscription.inbox().take().fault, None);
    drop(second);
}
