use std::time::Duration;

use serde_json::{Value, json};
use tributary_collection::EventType;

use crate::fixture::*;
use crate::*;

fn options(query: &[(&str, &str)]) -> Result<WatchOptions, Status> {
    WatchOptions::read(&parameters(query), &["metadata.name", "metadata.namespace"].map(str::to_owned))
}

/// What a watch tells until it would wait, one word each: `ADDED a`, `BOOKMARK end`.
async fn told(watch: &mut Watch) -> Vec<String> {
    let mut words = Vec::new();
    while let Ok(Some(batch)) = tokio::time::timeout(Duration::from_millis(20), watch.next()).await {
        words.extend(batch.iter().map(word));
    }
    words
}

fn word(told: &Told) -> String {
    match told {
        Told::Event(event) => {
            let object: Value = serde_json::from_slice(event.object.bytes()).unwrap();
            assert_eq!(object["metadata"]["resourceVersion"], event.object.revision().to_string());
            if let Some(frame) = &event.frame {
                let line: Value = serde_json::from_slice(frame).unwrap();
                assert_eq!(line, json!({"type": event.event_type.as_str(), "object": object}));
            }
            format!("{} {}", event.event_type.as_str(), event.object.key().name())
        }
        Told::Bookmark { initial_events_end: true, .. } => "BOOKMARK end".to_owned(),
        Told::Bookmark { .. } => "BOOKMARK".to_owned(),
        Told::Error(status) => format!("ERROR {}", status.code()),
    }
}

async fn label(tasks: &Resource, name: &str, value: Value) {
    let patch = merge_patch(json!({"metadata": {"labels": {"l": value}}}));
    update(tasks, address("n", name), Change::Patch(patch), &[]).await.unwrap();
}

async fn add(tasks: &Resource, name: &str, labels: Value) -> u64 {
    let body = task(json!({"name": name, "labels": labels}));
    let created = create(tasks, address("n", ""), body, &[]).await.unwrap();
    json_of(&created)["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap()
}

#[test]
fn options_are_checked() {
    let list_options = "ListOptions.meta.k8s.io \"\" is invalid: ";
    for (query, expected) in [
        (
            &[("sendInitialEvents", "true")][..],
            "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        (
            &[("resourceVersionMatch", "NotOlderThan")],
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        (
            &[("sendInitialEvents", "false"), ("resourceVersionMatch", "Exact")],
            "[resourceVersionMatch: Forbidden: sendInitialEvents requires",
        ),
    ] {
        let status = options(query).unwrap_err();
        assert!(status.message.starts_with(&format!("{list_options}{expected}")), "{}", status.message);
    }
    for (query, start) in [
        (&[][..], Start::State { at_least: None }),
        (&[("resourceVersion", "0")], Start::State { at_least: None }),
        (&[("resourceVersion", "5")], Start::After(5)),
        (
            &[
                ("sendInitialEvents", "true"),
                ("resourceVersionMatch", "NotOlderThan"),
                ("resourceVersion", "5"),
            ],
            Start::State { at_least: Some(5) },
        ),
        (&[("sendInitialEvents", "false"), ("resourceVersionMatch", "NotOlderThan")], Start::Now),
    ] {
        assert_eq!(options(query).unwrap().start, start, "{query:?}");
    }
    assert_eq!(options(&[("timeoutSeconds", "x")]).unwrap_err().code(), 400);
    assert_eq!(options(&[("timeoutSeconds", "")]).unwrap_err().code(), 400);
    for (text, expected) in [("true", true), ("maybe", true), ("", true), ("0", false), ("False", false)] {
        assert_eq!(options(&[("allowWatchBookmarks", text)]).unwrap().bookmarks, expected, "{text}");
    }
}

#[tokio::test]
async fn begins_where_it_is_asked_to() {
    let tasks = resource(&registry(), "tasks");
    let first = add(&tasks, "a", json!({})).await;
    let second = add(&tasks, "b", json!({})).await;
    let (at_first, at_second, future) =
        (first.to_string(), second.to_string(), (second + 1_000_000_000).to_string());
    let list = [
        ("sendInitialEvents", "true"),
        ("resourceVersionMatch", "NotOlderThan"),
        ("allowWatchBookmarks", "true"),
    ];
    for (query, expected) in [
        (&[][..], &["ADDED a", "ADDED b"][..]),
        (&[("allowWatchBookmarks", "true")], &["ADDED a", "ADDED b", "BOOKMARK end"]),
        (&list, &["ADDED a", "ADDED b", "BOOKMARK end"]),
        (&[("resourceVersion", &*at_first)], &["ADDED b"]),
        (&[("resourceVersion", &*at_second)], &[]),
        (&[("resourceVersion", "1")], &["ERROR 410"]),
        (&[("resourceVersion", &*future)], &["ERROR 410"]),
        (&[("sendInitialEvents", "false"), ("resourceVersionMatch", "NotOlderThan")], &[]),
        (&[("fieldSelector", "metadata.name=b")], &["ADDED b"]),
    ] {
        let mut watch = tasks.watch(address("", ""), options(query).unwrap());
        assert_eq!(told(&mut watch).await, expected, "{query:?}");
    }
    let mut elsewhere = tasks.watch(address("m", ""), options(&[]).unwrap());
    assert!(told(&mut elsewhere).await.is_empty());
}

#[tokio::test]
async fn selectors_turn_changes_into_additions_and_deletions() {
    let tasks = resource(&registry(), "tasks");
    let mut all = tasks.watch(address("n", ""), options(&[]).unwrap());
    let mut some = tasks.watch(address("n", ""), options(&[("labelSelector", "l=x")]).unwrap());
    add(&tasks, "a", json!({})).await;
    label(&tasks, "a", json!("x")).await;
    label(&tasks, "a", json!("x")).await;
    let patch = merge_patch(json!({"spec": {"title": "u"}}));
    update(&tasks, address("n", "a"), Change::Patch(patch), &[]).await.unwrap();
    label(&tasks, "a", json!("y")).await;
    label(&tasks, "a", json!("x")).await;
    delete(&tasks, address("n", "a"), None).await.unwrap();
    assert_eq!(
        told(&mut all).await,
        ["ADDED a", "MODIFIED a", "MODIFIED a", "MODIFIED a", "MODIFIED a", "DELETED a"]
    );
    assert_eq!(told(&mut some).await, ["ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a"]);
}

#[tokio::test]
async fn large_objects_are_told_a_few_at_a_time() {
    let tasks = resource(&registry(), "tasks");
    let size = 30 << 10;
    let before = add(&tasks, "first", json!({})).await;
    let mut expected = vec!["ADDED first".to_owned()];
    for number in 0..20 {
        let annotations = json!({"a": "x".repeat(size)});
        let body = task(json!({"name": format!("large-{number:02}"), "annotations": annotations}));
        create(&tasks, address("n", ""), body, &[]).await.unwrap();
        expected.push(format!("ADDED large-{number:02}"));
    }
    let from = before.to_string();
    for (query, expected) in [
        (&[("resourceVersion", "0")], &expected[..]),
        (&[("resourceVersion", from.as_str())], &expected[1..]),
    ] {
        let mut watch = tasks.watch(address("n", ""), options(query).unwrap());
        let mut seen = Vec::new();
        while seen.len() < expected.len() {
            let batch = watch.next().await.unwrap();
            assert!(batch.len() <= 4, "{} objects of {size} bytes at once", batch.len());
            seen.extend(batch.iter().map(word));
        }
        assert_eq!(seen, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn bookmarks_come_and_watches_end() {
    let tasks = resource(&registry(), "tasks");
    let query = [("allowWatchBookmarks", "true"), ("timeoutSeconds", "90"), ("resourceVersion", "0")];
    let mut watch = tasks.watch(address("", ""), options(&query).unwrap());
    let started = tokio::time::Instant::now();
    let mut seen = Vec::new();
    while let Some(batch) = watch.next().await {
        seen.extend(batch.iter().map(|one| (started.elapsed().as_secs(), word(one))));
    }
    let expected =
        [(0, "BOOKMARK end"), (60, "BOOKMARK"), (88, "BOOKMARK")].map(|(at, word)| (at, word.to_owned()));
    assert_eq!(seen, expected);
    assert_eq!(started.elapsed().as_secs(), 90);
}

/// apiserver, `min-request-timeout`: so that watches that began together do not all come back together.
#[tokio::test(start_paused = true)]
async fn watches_that_ask_for_no_time_last_half_an_hour_to_an_hour() {
    let tasks = resource(&registry(), "tasks");
    let mut lasted = Vec::new();
    for _ in 0..40 {
        let started = tokio::time::Instant::now();
        let mut watch = tasks.watch(address("", ""), options(&[]).unwrap());
        while watch.next().await.is_some() {}
        lasted.push(started.elapsed().as_secs());
    }
    assert!(lasted.iter().all(|seconds| (1800..=3600).contains(seconds)), "{lasted:?}");
    lasted.sort_unstable();
    // 40 in a row within a tenth of the time: once in 10^38.
    assert!(lasted[39] - lasted[0] > 180, "{lasted:?}");
}

#[tokio::test]
async fn another_definition_ends_the_watches_of_what_it_changes() {
    let registry = registry();
    let (tasks, hosts) = (resource(&registry, "tasks"), resource(&registry, "hosts"));
    let mut of_tasks = tasks.watch(address("", ""), options(&[]).unwrap());
    let mut of_hosts = hosts.watch(address("", ""), options(&[]).unwrap());
    registry.publish(definition(json!({"title": {"type": "string"}})));
    let ended = tokio::time::timeout(Duration::from_secs(5), of_tasks.next()).await;
    assert!(matches!(ended, Ok(None)), "{ended:?}");
    assert!(told(&mut of_hosts).await.is_empty());
    assert!(tokio::time::timeout(Duration::from_millis(20), of_hosts.next()).await.is_err(), "still open");
}

/// An event is encoded once for all who see it as it is.
#[tokio::test]
async fn watches_share_what_they_are_told() {
    let registry = registry();
    let tasks = resource(&registry, "tasks");
    let watch = |query: &[(&str, &str)]| tasks.watch(address("", ""), options(query).unwrap());
    let mut alike = [watch(&[]), watch(&[]), watch(&[("labelSelector", "l")])];
    let mut other = watch(&[("labelSelector", "l=y")]);
    add(&tasks, "a", json!({"l": "x"})).await;
    label(&tasks, "a", json!("y")).await;
    let mut places = Vec::new();
    for watch in &mut alike {
        let mut frames = Vec::new();
        while frames.len() < 2 {
            for told in watch.next().await.unwrap() {
                let Told::Event(event) = told else { panic!("{told:?}") };
                frames.push(event.frame.expect("encoded for all").as_ptr());
            }
        }
        places.push(frames);
    }
    assert!(places.iter().all(|frames| *frames == places[0]), "the same bytes");
    // For this one it came into view.
    let told = other.next().await.unwrap();
    let [Told::Event(event)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((event.event_type, event.frame.is_none()), (EventType::Added, true));
}
