//! A gateway on a volume whose Pod is killed, again and again.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Declared, Ledger, ROLLOUT, SYSTEM, agree, operator, until};
use crate::tasks;

/// How often, where the environment does not say (`make soak`).
const KILLS: u32 = 6;
/// How long a gateway may be away, its image being there, once kubelet has made the Pod's sandbox and mounted its volumes: now
/// and then that takes it 15 s.
const AWAY: Duration = Duration::from_secs(5);
const WRITERS: u64 = 8;
const WATCHERS: usize = 3;

#[tokio::test]
async fn what_was_acknowledged_outlives_its_pod() {
    let _operator = operator().await;
    let mut spec = tasks::spec();
    spec["gateway"]["storage"] = json!({"embedded": {"size": "1Gi"}, "deletionPolicy": "Delete"});
    let declared = Declared::apply("killed", spec).await;
    declared.until_ready().await;
    let path = format!("/apis/{}/v1/namespaces/default/customtasks", declared.group);
    let version = format!("{}/v1", declared.group);
    let ledger = Ledger::new(&declared.cluster.admin, &path, &version, "CustomTask");
    let mut away = Vec::new();
    let acknowledged = agree(&ledger, WRITERS, WATCHERS, async {
        for _ in 0..kills() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            away.push(kill(&declared, &path).await);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    })
    .await;
    away.sort();
    println!("back within {:?} at most, {:?} in the middle", away.last().unwrap(), away[away.len() / 2]);
    assert!(acknowledged > 100, "{acknowledged} writes only");
    assert!(away.last().unwrap() <= &AWAY, "{away:?}");
}

fn kills() -> u32 {
    std::env::var("TRIBUTARY_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// How long kubelet took before it could start the container, in whole seconds.
fn prepared(pod: &Value) -> Duration {
    let conditions = pod["status"]["conditions"].as_array().unwrap();
    let time = |name: &str| -> jiff::Timestamp {
        let condition = conditions.iter().find(|condition| condition["type"] == name).unwrap();
        condition["lastTransitionTime"].as_str().unwrap().parse().unwrap()
    };
    let took = time("PodReadyToStartContainers").duration_since(time("PodScheduled"));
    Duration::try_from(took).unwrap_or_default()
}

/// Kills the gateway's Pod without grace; returns how long nobody could write, but for what kubelet took.
async fn kill(declared: &Declared, path: &str) -> Duration {
    let pod = declared.pod().await;
    let (name, uid) = (pod["metadata"]["name"].as_str().unwrap(), &pod["metadata"]["uid"]);
    let caller = declared.cluster.admin.clone().header("Content-Type", "application/json");
    let body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0,
        "preconditions": {"uid": uid}});
    let began = Instant::now();
    let pod = format!("/api/v1/namespaces/{SYSTEM}/pods/{name}");
    caller.send(Method::DELETE, &pod, body.to_string()).await.expect(200);
    let gateway = until("another Pod has taken its place", ROLLOUT, async || {
        let pod = declared.pod().await;
        if pod["metadata"]["uid"] != *uid { Ok(pod) } else { Err("the same".to_owned()) }
    })
    .await;
    let ready = began.elapsed();
    until("it answers", ROLLOUT, async || {
        let answer = declared.cluster.admin.get(path).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let away = began.elapsed().saturating_sub(prepared(&gateway));
    if away > AWAY {
        println!("ready after {ready:?}, answered after {away:?}: {}", gateway["status"]);
        let name = gateway["metadata"]["name"].as_str().unwrap();
        println!("{}", declared.kubectl.says(&format!("logs -n {SYSTEM} {name}")).await);
    }
    away
}
