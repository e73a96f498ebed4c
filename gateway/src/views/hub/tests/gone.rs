//! What goes does so when nothing is locked.

use super::*;

/// The bytes of the one object of the list that the last watch has.
fn kept(hub: &Hub) -> std::sync::Weak<[u8]> {
    let all = lock(&hub.watched);
    let listed = all[&pods()].lanes.last().unwrap().all.as_ref().unwrap();
    Arc::downgrade(&listed.objects.values().next().unwrap().json)
}

async fn listed() -> (Arc<Told>, Hub, View) {
    let told = Arc::new(Told::default());
    let hub = Hub::new(told.clone());
    let view = View::of(&hub, PHASE);
    settle().await;
    told.list_at(&[pod_at("a", "Running", "x", "3")], 5).await;
    (told, hub, view)
}

type Act = fn(&mut Watched, u64, &mut Gone);

#[tokio::test]
async fn lists_outlive_the_lock() {
    let rows: [(&str, bool, Act); 3] = [
        ("another list comes", true, |watched, lane, gone| {
            assert!(watched.take(lane, News::Listed(Listed::default()), gone));
        }),
        ("another list comes, and the view has not taken the first one", false, |watched, lane, gone| {
            assert!(watched.take(lane, News::Listed(Listed::default()), gone));
        }),
        ("nobody reads the source any more", true, |watched, _, gone| {
            std::mem::take(watched).end(gone);
        }),
    ];
    for (name, taken, act) in rows {
        let (_told, hub, mut view) = listed().await;
        if taken {
            view.came();
        }
        let (list, mut gone) = (kept(&hub), Gone::default());
        {
            let mut all = lock(&hub.watched);
            let watched = all.get_mut(&pods()).unwrap();
            let lane = watched.lanes[0].number;
            act(watched, lane, &mut gone);
        }
        assert!(list.upgrade().is_some(), "{name}");
        drop(gone);
        assert!(list.upgrade().is_none(), "{name}: nobody has it");
    }
}

#[tokio::test]
async fn so_does_a_watch_that_another_one_takes_over() {
    let (told, hub, mut view) = listed().await;
    view.came();
    let (list, mut gone) = (kept(&hub), Gone::default());
    let _more = View::of(&hub, NODE);
    settle().await;
    {
        let mut all = lock(&hub.watched);
        let watched = all.get_mut(&pods()).unwrap();
        let lane = watched.lanes[1].number;
        watched.take(lane, News::Listed(Listed { revision: 5, ..Listed::default() }), &mut gone);
        assert_eq!(watched.lanes.len(), 1);
    }
    assert!(list.upgrade().is_some());
    settle().await;
    assert!(!told.is_read(0), "the watch ends all the same");
    drop(gone);
    assert!(list.upgrade().is_none());
}

#[tokio::test]
async fn what_was_not_taken_goes_when_a_list_comes() {
    let (told, hub, mut view) = listed().await;
    view.came();
    told.tell([SourceEvent::Applied(pod_at("a", "Failed", "x", "6"))]).await;
    let (change, mut gone) = (kept(&hub), Gone::default());
    {
        let mut all = lock(&hub.watched);
        let watched = all.get_mut(&pods()).unwrap();
        let lane = watched.lanes[0].number;
        watched.take(lane, News::Listed(Listed { revision: 7, ..Listed::default() }), &mut gone);
        // A list that comes too late is not dropped there either.
        let late = Listed { revision: 8, ..Listed::default() };
        assert!(!watched.take(lane + 1, News::Listed(late), &mut gone));
    }
    assert!(change.upgrade().is_some());
    drop(gone);
    assert!(change.upgrade().is_none());
}
