//! A source whose revisions are numbers in no order.

use super::*;

#[tokio::test]
async fn where_revisions_have_no_order_all_is_told_without_them() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut first = View::of(&hub, PHASE);
    settle().await;
    told.list_at(&[pod_at("a", "Running", "x", "90")], 100).await;
    let mut second = View::of(&hub, NODE);
    settle().await;
    told.tell_of(0, [applied("b", "120")]).await;
    told.list_at(&[pod_at("a", "Running", "x", "90")], 110).await;
    assert!(!told.is_read(0), "the first reader has gone over, and has heard of 120");
    first.came();
    second.came();
    told.tell([applied("b", "105")]).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["+a Runningx @90", "+b Runningx @105"], "no revision of all");
    }
    told.tell([applied("c", "118"), SourceEvent::Reached(130)]).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["c Runningx @118", "reached @118"], "nothing counts as heard");
    }
    told.list_at(&[pod_at("a", "Running", "x", "90")], 140).await;
    for view in [&mut first, &mut second] {
        assert_eq!(view.came(), ["+a Runningx @90"], "it has an order no more");
    }
}

#[tokio::test]
async fn what_is_told_again_is_no_disorder() {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let mut view = View::of(&hub, PHASE);
    settle().await;
    told.list_at(&[pod_at("a", "Running", "x", "90")], 100).await;
    view.came();
    // So tell watches of servers that begin with all objects, whatever was asked for.
    told.tell([applied("a", "90"), applied("b", "120")]).await;
    assert_eq!(view.came(), ["b Running @120", "reached @120"]);
}
