//! A CA that is changed while the group is used: nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::harness::{Declared, ROLLOUT, SYSTEM, Streams, operator, until};
use crate::tasks;

/// For one step of a change: all must have followed the one before for a minute.
const STEP: Duration = Duration::from_secs(150);
/// How many ask at once, and how long each waits between.
const CALLERS: usize = 3;
const BETWEEN: Duration = Duration::from_millis(50);

/// Who calls the group all the time, through kube-apiserver; what fails is kept.
struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    callers: JoinSet<Vec<String>>,
}

impl Load {
    fn begin(declared: &Declared) -> Self {
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (admin, stop, asked) = (declared.cluster.admin.clone(), stop.clone(), asked.clone());
            let collection = format!("/apis/{}/v1/namespaces/{SYSTEM}/customtasks", declared.group);
            callers.spawn(async move {
                let mut failed = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let path = if caller == 0 { collection.clone() } else { format!("{collection}/a") };
                    let answer = admin.get(&path).await;
                    if answer.code() != 200 {
                        failed.push(format!("{}: {}", answer.code(), answer.text()));
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(BETWEEN).await;
                }
                failed
            });
        }
        Self { stop, asked, callers }
    }

    /// How many requests there were; none may have failed.
    async fn end(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(failed) = self.callers.join_next().await {
            let failed = failed.unwrap();
            assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), &failed[..failed.len().min(3)]);
        }
        self.asked.load(Ordering::Relaxed)
    }
}

/// The certificates in the APIService's caBundle, PEM.
async fn bundle(declared: &Declared) -> Vec<String> {
    let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/v1.{}", declared.group);
    let bundle = declared.cluster.admin.get(&path).await.json()["spec"]["caBundle"].take();
    let text = String::from_utf8(STANDARD.decode(bundle.as_str().unwrap()).unwrap()).unwrap();
    text.split_inclusive("-----END CERTIFICATE-----\n").map(str::to_owned).collect()
}

async fn secret(declared: &Declared, which: &str) -> Value {
    let path = format!("/api/v1/namespaces/{SYSTEM}/secrets/{}-{which}", declared.child());
    declared.cluster.admin.get(&path).await.json()["data"].take()
}

/// SHA-256 of the serving certificate in the Secret.
async fn leaf(declared: &Declared) -> Vec<u8> {
    Sha256::digest(secret(declared, "tls").await["tls.crt"].as_str().unwrap()).to_vec()
}

async fn until_bundle(declared: &Declared, what: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
    let began = Instant::now();
    let found = until(what, STEP, async || {
        let found = bundle(declared).await;
        if wanted(&found) { Ok(found) } else { Err(format!("{} CAs", found.len())) }
    })
    .await;
    println!("{what} after {:.1} s", began.elapsed().as_secs_f64());
    found
}

#[tokio::test]
async fn a_ca_that_is_lost_is_followed_by_another_and_nobody_notices() {
    let _operator = operator().await;
    let declared = Declared::apply("rotation", tasks::spec()).await;
    declared.until_ready().await;
    let collection = format!("/apis/{}/v1/namespaces/{SYSTEM}/customtasks", declared.group);
    declared.cluster.admin.post(&collection, &tasks::task(&declared.group, "a")).await.expect(201);
    let streams = Streams::open(&declared.cluster.admin).await;
    let mut watch = streams.watch(&format!("{collection}?watch=1&resourceVersion=0")).await;
    watch.line().await.expect("the object that is there");
    let load = Load::begin(&declared);
    let (before, old_leaf) = (bundle(&declared).await, leaf(&declared).await);
    assert_eq!(before.len(), 1);

    declared.kubectl.says(&format!("-n {SYSTEM} delete secret {}-ca", declared.child())).await;
    let both = until_bundle(&declared, "two CAs are trusted", |found| found.len() == 2).await;
    assert_eq!(both[1], before[0], "the one before is the second");
    assert_eq!(leaf(&declared).await, old_leaf, "its certificate is served until all trust the new one");
    let after = until_bundle(&declared, "the CA before is dropped", |found| found.len() == 1).await;
    assert_eq!(after[0], both[0]);
    assert_ne!(leaf(&declared).await, old_leaf);
    assert!(secret(&declared, "ca").await["previous.crt"].is_null());

    declared.until_ready().await;
    // The watch has lived through it all.
    declared.cluster.admin.post(&collection, &tasks::task(&declared.group, "b")).await.expect(201);
    let event = tokio::time::timeout(ROLLOUT, watch.line()).await.expect("an event").expect("a watch");
    assert!(event.starts_with(br#"{"type":"ADDED""#), "{}", String::from_utf8_lossy(&event));
    println!("{} requests, none failed", load.end().await);
}
