//! Watchers that read slowly, or not at all: they hold up nobody, cost little, and find no hole when they read on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Caller, Served, Streams, Watching};
use crate::tasks;

/// Bytes of an event.
const EVENT: usize = 500 << 10;
/// Events before the slow ones read a little, and all of them: more than twice what the log holds.
const FIRST: usize = 40;
const EVENTS: usize = 240;
/// Slow watchers on the connection of a quick one; on one of their own; and through kube-apiserver.
const SHARING: usize = 20;
const ALONE: usize = 10;
const THROUGH: usize = 2;
/// What the gateway may grow by, in bytes: the log of 64 MiB, and little for each watcher. Measured: 83 MiB.
const GROWTH: u64 = 200 << 20;
/// For an event to reach a quick watcher; measured: 0.1 s.
const PROMPT: Duration = Duration::from_secs(3);

/// What a slow watcher finds when it reads on.
#[derive(Debug, PartialEq)]
enum Found {
    Everything,
    /// 410 Expired after this event.
    Expired(usize),
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_watchers_hurt_nobody() {
    let served = Served::start("slow", tasks::spec()).await;
    let caller = served.straight();
    let mut object = tasks::cluster_task(&served.group, "big");
    object["spec"] = json!({"number": 0});
    let made = caller.post(&served.path("/clustertasks"), &object).await.expect(201);
    let revision = made["metadata"]["resourceVersion"].as_str().unwrap();
    let watch = served.path(&format!("/clustertasks?watch=true&resourceVersion={revision}"));
    let shared = Streams::open(&caller).await;
    let mut slow = slow(&served, &shared, &watch).await;
    let through = Streams::open(&served.cluster.admin).await;
    let mut quick = [shared.watch(&watch).await, through.watch(&watch).await];

    let before = served.gateway.memory();
    let (mut most, mut longest) = (0, Duration::ZERO);
    for number in 1..=EVENTS {
        longest = longest.max(change(&served, &caller, &mut quick, number).await);
        if number == FIRST {
            // The second is there when the gateway has gone on to what came meanwhile.
            for watching in &mut slow {
                for number in 1..=2 {
                    assert_eq!(number_of(&watching.line().await.unwrap()), Ok(number));
                }
            }
        }
        most = most.max(served.gateway.memory().saturating_sub(before));
    }
    let mut found = Vec::new();
    for watching in &mut slow {
        found.push(read_on(watching, 3).await);
    }
    most = most.max(served.gateway.memory().saturating_sub(before));
    println!("the gateway grew by {} MiB; an event reached the quick within {longest:?}", most >> 20);
    println!("the slow found {found:?}");
    let expired = found[..SHARING].iter().all(|found| matches!(found, Found::Expired(_)));
    assert!(expired, "events that the log has dropped were kept for a watcher");
    assert!(most < GROWTH, "the gateway grew by {most} bytes");
}

/// Watchers that nobody reads. The first of them share the connection `shared`.
async fn slow(served: &Served, shared: &Streams, watch: &str) -> Vec<Watching> {
    let (admin, caller) = (&served.cluster.admin, served.straight());
    let mut slow = Vec::new();
    for _ in 0..SHARING {
        slow.push(shared.watch(watch).await);
    }
    for _ in 0..ALONE {
        slow.push(Watching::alone(&caller, watch).await);
    }
    for _ in 0..THROUGH {
        slow.push(Watching::alone(admin, watch).await);
    }
    slow
}

/// Makes change `number`: how long it takes to reach the quick ones.
async fn change(served: &Served, caller: &Caller, quick: &mut [Watching], number: usize) -> Duration {
    let spec = json!({"number": number, "text": "x".repeat(EVENT)});
    caller.patch(&served.path("/clustertasks/big"), &json!({"spec": spec})).await.expect(200);
    let began = Instant::now();
    for watching in quick {
        let line = tokio::time::timeout(PROMPT, watching.line()).await;
        let line = line.unwrap_or_else(|_| panic!("event {number} does not reach a quick watcher"));
        assert_eq!(number_of(&line.unwrap()), Ok(number));
    }
    began.elapsed()
}

/// Reads everything from event `next` on.
async fn read_on(watching: &mut Watching, next: usize) -> Found {
    for number in next..=EVENTS {
        match number_of(&watching.line().await.unwrap()) {
            Ok(found) => assert_eq!(found, number, "there is a hole"),
            Err(status) => {
                assert_eq!(
                    (&status["code"], &status["reason"]),
                    (&json!(410), &json!("Expired")),
                    "{status}"
                );
                assert_eq!(watching.line().await, None, "it is the last");
                return Found::Expired(number - 1);
            }
        }
    }
    Found::Everything
}

/// spec.number of an event's object; the Status if it is an error.
fn number_of(line: &[u8]) -> Result<usize, Value> {
    let mut event: Value = serde_json::from_slice(line).unwrap();
    match event["object"]["spec"]["number"].as_u64() {
        Some(number) => Ok(number as usize),
        None => Err(event["object"].take()),
    }
}
