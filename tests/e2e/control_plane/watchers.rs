//! Many watches at once: each is told everything, soon, and costs little.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::rights::grant;
use crate::harness::{Caller, QUICK, Served, Streams, until};
use crate::tasks;

/// Watches on one connection: as many as the gateway and kube-apiserver let one have. So many are also opened at once.
const STREAMS: usize = 100;
/// Connections of the crowd at the gateway's own port: 10,000 watches.
const CONNECTIONS: usize = 100;
/// Those through kube-apiserver, to which a watch costs forty times as much.
const CONNECTIONS_THROUGH: usize = 30;
/// What a watch may cost the gateway, in bytes, with its part of a connection; measured: 3.4 KiB.
const COST: usize = 10 << 10;
/// For anything to happen to all of them; measured: 0.5 s.
const SOON: Duration = Duration::from_secs(20);

/// What a request other than a watch may take.
const REQUEST: Duration = Duration::from_secs(60);

/// Watches of the same, each with what it was told so far.
struct Crowd {
    told: Vec<Vec<Bytes>>,
    news: mpsc::UnboundedReceiver<(usize, Bytes)>,
    _watches: JoinSet<()>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_watches() {
    let mut served = Served::start("crowd", tasks::spec()).await;
    let caller = watcher(&mut served).await;
    // The gateway has room for 20,000: in the third round those of the first must have left.
    for round in 1..=3 {
        check(&served, &caller, CONNECTIONS, &format!("round {round}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watches_through_kube_apiserver() {
    let served = Served::start("through", tasks::spec()).await;
    check(&served, &served.cluster.admin, CONNECTIONS_THROUGH, "through kube-apiserver").await;
}

/// Requests have 60 s, in kube-apiserver and in the gateway; a watch is none that hangs.
#[tokio::test]
async fn a_watch_outlives_the_time_of_requests() {
    let served = Served::start("lasting", tasks::spec()).await;
    let streams = Streams::open(&served.cluster.admin).await;
    let list = served.namespaced("/customtasks");
    let mut watch = streams.watch(&format!("{list}?watch=1")).await;
    let quiet = tokio::time::timeout(REQUEST + Duration::from_secs(5), watch.line()).await;
    assert!(quiet.is_err(), "nothing happens, and it goes on: {quiet:?}");
    served.cluster.admin.post(&list, &tasks::task(&served.group, "late")).await.expect(201);
    let told = tokio::time::timeout(SOON, watch.line()).await.expect("an event").expect("the watch");
    assert!(String::from_utf8_lossy(&told).starts_with(r#"{"type":"ADDED","#));
}

async fn check(served: &Served, caller: &Caller, connections: usize, case: &str) {
    let admin = &served.cluster.admin;
    let list = served.namespaced("/customtasks");
    let one = format!("{list}/told");
    let before = served.gateway.memory();
    let mut began = Instant::now();
    let mut crowd = Crowd::gather(caller, &list, connections).await;
    let watches = crowd.told.len();
    println!("{case}: {watches} watches are open after {:.1} s", began.elapsed().as_secs_f64());

    began = Instant::now();
    admin.post(&list, &tasks::task(&served.group, "told")).await.expect(201);
    crowd.hear(1).await;
    println!("{case}: all are told of a change after {:.2} s", began.elapsed().as_secs_f64());
    for color in ["red", "blue"] {
        admin.patch(&one, &json!({"spec": {"color": color}})).await.expect(200);
    }
    admin.delete(&one).await.expect(200);
    crowd.hear(4).await;

    let first = &crowd.told[0];
    for (line, event) in first.iter().zip(["ADDED", "MODIFIED", "MODIFIED", "DELETED"]) {
        assert!(line.starts_with(format!(r#"{{"type":"{event}""#).as_bytes()), "{line:?} is not {event}");
    }
    assert!(crowd.told.iter().all(|told| told == first), "all are told the same");
    let cost = served.gateway.memory().saturating_sub(before) / watches as u64;
    println!("{case}: a watch costs {:.1} KiB", cost as f64 / 1024.0);
    assert!(cost < COST as u64, "a watch costs {cost} bytes");
}

// === impl Crowd ===

impl Crowd {
    /// Opens watches of `list`, [`STREAMS`] on each connection.
    async fn gather(caller: &Caller, list: &str, connections: usize) -> Self {
        let revision = caller.get(list).await.expect(200)["metadata"]["resourceVersion"].take();
        let revision = revision.as_str().unwrap();
        let path = format!("{list}?watch=true&resourceVersion={revision}");
        let (tell, news) = mpsc::unbounded_channel();
        let mut watches = JoinSet::new();
        for connection in 0..connections {
            let streams = Streams::open(caller).await;
            let mut opening = JoinSet::new();
            for stream in 0..STREAMS {
                let (streams, path) = (streams.clone(), path.clone());
                opening.spawn(async move { (stream, streams.watch(&path).await) });
            }
            let opened =
                tokio::time::timeout(SOON, opening.join_all()).await.expect("watches are not answered");
            for (stream, mut watching) in opened {
                assert_eq!(watching.code(), 200, "{:?}", watching.line().await);
                let tell = tell.clone();
                watches.spawn(async move {
                    while let Some(line) = watching.line().await {
                        // Nobody listens when the test is over.
                        let _ = tell.send((connection * STREAMS + stream, line));
                    }
                });
            }
        }
        Self { told: vec![Vec::new(); connections * STREAMS], news, _watches: watches }
    }

    /// Waits until each has been told `events` things, and none has been told more.
    async fn hear(&mut self, events: usize) {
        let deadline = tokio::time::Instant::now() + SOON;
        while self.told.iter().any(|told| told.len() < events) {
            // What has come is taken at once: to look at all of them for each would take longer than they do.
            let mut batch = Vec::new();
            let count = self.news.recv_many(&mut batch, self.told.len());
            let count = tokio::time::timeout_at(deadline, count).await.unwrap_or_default();
            let least = self.told.iter().map(Vec::len).min();
            assert!(count > 0, "some have been told {least:?} events of {events}");
            for (watch, line) in batch {
                self.told[watch].push(line);
            }
        }
        assert!(
            self.told.iter().all(|told| told.len() == events),
            "some were told more than {events} events"
        );
    }
}

/// Somebody who may watch and no more, at the gateway's own port: kube-apiserver would be what is measured.
async fn watcher(served: &mut Served) -> Caller {
    let rule = json!({"resources": ["customtasks"], "verbs": ["list", "watch"]});
    let grants = grant(served, "watcher", false, rule);
    served.create(&grants).await;
    let proxy = served.cluster.identity("front-proxy-client");
    let caller = served.gateway.caller(Some(&proxy)).header("X-Remote-User", "watcher");
    let list = served.namespaced("/customtasks");
    until("the watcher may list", QUICK, async || {
        let answer = caller.get(&list).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    caller
}
