//! Whatever happens to sources and gateway, in the end a view is what its sources make of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::{event, let_gateway_read, spec, until_read};
use crate::harness::{Caller, QUICK, Served, until};

/// Changes of sources, and after how many of them the gateway is killed.
const CHANGES: usize = 400;
const KILLED_AFTER: [usize; 2] = [120, 260];
/// After how many the gateway's connections to kube-apiserver end, and its source watches with them.
const CUT_AFTER: [usize; 5] = [40, 90, 180, 220, 330];
/// What the view shows: which label a ConfigMap has changes all the time.
const WHERE: &str =
    "!object.metadata.name.startsWith('kube-root-ca') && object.metadata.?labels[?'l'].orValue('') != '1'";
const NAMES: usize = 12;

/// Names and what is shown of them.
type Shown = BTreeMap<String, Value>;

/// One who lists and watches until told to stop, and begins anew after every failure.
async fn follow(caller: Caller, view: String, stop: Arc<AtomicBool>) -> Shown {
    let mut known = Shown::new();
    let mut uids: std::collections::HashMap<String, Value> = std::collections::HashMap::new();
    let mut revision: Option<u64> = None;
    loop {
        // What was changed before the end is in the last watch.
        let last = stop.load(Ordering::Relaxed);
        let Some(at) = revision else {
            if let Ok(answer) = caller.try_send(http::Method::GET, &view, "").await
                && answer.code() == 200
            {
                let list = answer.json();
                known = made(&list["items"]);
                let metadata = list["items"].as_array().into_iter().flatten().map(|item| &item["metadata"]);
                uids =
                    metadata.map(|of| (of["name"].as_str().unwrap().to_owned(), of["uid"].clone())).collect();
                revision = list["metadata"]["resourceVersion"].as_str().unwrap().parse().ok();
            }
            continue;
        };
        let path =
            format!("{view}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion={at}");
        let lines = match caller.try_send(http::Method::GET, &path, "").await {
            Ok(answer) if answer.code() == 200 => answer.text(),
            // The gateway is gone, or another one.
            _ => {
                revision = None;
                continue;
            }
        };
        for line in lines.lines() {
            let Ok(told) = serde_json::from_str::<Value>(line) else { break };
            if told["type"] == "ERROR" {
                revision = None;
                break;
            }
            let object = &told["object"];
            let of = object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
            assert!(
                revision.is_some_and(|before| before < of || told["type"] == "BOOKMARK"),
                "{revision:?} {told}"
            );
            revision = Some(of);
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            match told["type"].as_str().unwrap() {
                "BOOKMARK" => {}
                "DELETED" => assert!(known.remove(&name).is_some(), "{name} was not there"),
                _ => {
                    let before = known.insert(name.clone(), content(object));
                    // One that has gone and come again meanwhile is another one, whatever is in it.
                    let same = uids.insert(name, object["metadata"]["uid"].clone())
                        == Some(object["metadata"]["uid"].clone());
                    assert!(!same || before != Some(content(object)), "an event without a change: {told}");
                }
            }
        }
        if last && revision.is_some() {
            return known;
        }
    }
}

fn content(object: &Value) -> Value {
    json!({"spec": object["spec"], "reasons": object["reasons"], "labels": object["metadata"]["labels"]})
}

fn made(items: &Value) -> Shown {
    let items = items.as_array().cloned().unwrap_or_default();
    items.iter().map(|item| (item["metadata"]["name"].as_str().unwrap().to_owned(), content(item))).collect()
}

/// The view, computed from what its sources are now.
async fn from_scratch(admin: &Caller, n: &str) -> Shown {
    let items = async |resource: &str| {
        let list = admin.get(&format!("/api/v1/namespaces/{n}/{resource}")).await.expect(200);
        list["items"].as_array().cloned().unwrap_or_default()
    };
    let (maps, mut events) = (items("configmaps").await, items("events").await);
    events.sort_by_key(|event| event["metadata"]["name"].as_str().unwrap().to_owned());
    let shown =
        |map: &&Value| map["metadata"]["name"] != "kube-root-ca.crt" && map["metadata"]["labels"]["l"] != "1";
    let maps = maps.iter().filter(shown);
    maps.map(|map| {
        let about = events.iter().filter(|event| event["involvedObject"]["uid"] == map["metadata"]["uid"]);
        let reasons: Vec<_> = about.map(|event| event["reason"].clone()).collect();
        let size = map["data"].as_object().map_or(0, serde_json::Map::len);
        let content =
            json!({"spec": {"size": size}, "reasons": reasons, "labels": map["metadata"]["labels"]});
        (map["metadata"]["name"].as_str().unwrap().to_owned(), content)
    })
    .collect()
}

/// One change of a source; what is there already, or not, makes it none.
async fn change(admin: &Caller, n: &str, dice: &mut impl FnMut(usize) -> usize) {
    let (maps, events) =
        (format!("/api/v1/namespaces/{n}/configmaps"), format!("/api/v1/namespaces/{n}/events"));
    let name = format!("m{}", dice(NAMES));
    let (map, about) = (format!("{maps}/{name}"), format!("{events}/e{}", dice(NAMES)));
    match dice(10) {
        0..3 => {
            let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
            admin.post(&maps, &map).await;
        }
        3 => drop(admin.delete(&map).await),
        4 => drop(admin.patch(&map, &json!({"data": {format!("k{}", dice(3)): "v"}})).await),
        5 => drop(admin.patch(&map, &json!({"metadata": {"labels": {"l": dice(2).to_string()}}})).await),
        // Nothing of it is shown.
        6 => {
            drop(admin.patch(&map, &json!({"metadata": {"annotations": {"a": dice(99).to_string()}}})).await)
        }
        7 => drop(admin.delete(&about).await),
        _ => {
            let map = admin.get(&map).await;
            if map.code() == 200 {
                let event = event(n, &map.json(), &format!("e{}", dice(NAMES)), ["Made", "Used"][dice(2)]);
                admin.post(&events, &event).await;
            }
        }
    }
}

#[tokio::test]
async fn lists_and_watches_are_what_the_sources_make() {
    let mut spec = spec("Gateway");
    spec["resources"][0]["source"]["view"]["where"] = json!(WHERE);
    let mut served = Served::start("churn", spec).await;
    let way = served.behind_a_way().await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/combinedmaps");
    until_read(&served, &view).await;
    let stop = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow(admin.clone(), view.clone(), stop.clone()));
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut dice = |sides: usize| dice.random_range(0..sides);
    for number in 0..CHANGES {
        change(&admin, &n, &mut dice).await;
        if KILLED_AFTER.contains(&number) {
            served.gateway.restart().await;
        }
        if CUT_AFTER.contains(&number) {
            way.cut();
        }
    }
    let expected = from_scratch(&admin, &n).await;
    assert!(!expected.is_empty());
    until("the list is what the sources make", QUICK, async || {
        let answer = admin.get(&view).await;
        let shown = if answer.code() == 200 { made(&answer.json()["items"]) } else { Shown::new() };
        if shown == expected { Ok(()) } else { Err(format!("{shown:?}, not {expected:?}")) }
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    assert_eq!(follower.await.unwrap(), expected);
}
