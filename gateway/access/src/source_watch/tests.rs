mod newer;

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};

use super::*;
use crate::testing::{ApiServer, Asked, Reply};

fn pods() -> SourceReference {
    SourceReference {
        api_version: "v1".to_owned(),
        resource: "pods".to_owned(),
        label_selector: Some("a=b".to_owned()),
        ..SourceReference::default()
    }
}

/// A Pod whose text names its version.
fn pod(name: &str, version: u64) -> Value {
    json!({"metadata": {"name": name, "namespace": "n", "resourceVersion": version.to_string()}})
}

fn list(version: &str, next: &str, items: &[Value]) -> Reply {
    Reply::Answer(
        200,
        None,
        json!({"metadata": {"resourceVersion": version, "continue": next}, "items": items}),
    )
}

fn event(kind: &str, object: Value) -> Value {
    json!({"type": kind, "object": object})
}

fn status(code: u16) -> Value {
    json!({"kind": "Status", "status": "Failure", "message": "no", "reason": "x", "code": code})
}

fn refusal(code: u16) -> Reply {
    Reply::Answer(code, None, status(code))
}

/// An event in words.
fn words(event: SourceEvent) -> String {
    let named = |word: &str, object: SourceObject| format!("{word} {} {}", object.name, object.revision);
    match event {
        SourceEvent::Begun => "begun".to_owned(),
        SourceEvent::Listed(object) => named("listed", object),
        SourceEvent::Complete(revision) => format!("complete {revision}"),
        SourceEvent::Applied(object) => named("applied", object),
        SourceEvent::Deleted(object) => named("deleted", object),
        SourceEvent::Reached(revision) => format!("reached {revision}"),
        SourceEvent::Failed(SourceFailure::Forbidden(_)) => "forbidden".to_owned(),
        SourceEvent::Failed(SourceFailure::Missing(_)) => "missing".to_owned(),
        SourceEvent::Failed(SourceFailure::Unavailable(_)) => "unavailable".to_owned(),
        SourceEvent::Recovered => "recovered".to_owned(),
    }
}

/// What a source tells of a server that answers like this, and the queries of what was asked meanwhile.
async fn told(
    newer_than: u64,
    count: usize,
    reply: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static,
) -> (Vec<String>, Vec<String>) {
    let server = ApiServer::default();
    let events = watch_source(server.client(reply), &pods(), newer_than).take(count).map(words).collect();
    let events = tokio::time::timeout(Duration::from_secs(3600), events).await.unwrap();
    (events, server.asked().into_iter().map(|asked| asked.uri).collect())
}

#[tokio::test(start_paused = true)]
async fn pages_of_a_list_and_then_changes() {
    let (events, asked) = told(0, 8, |number, _| match number {
        0 => list("5", "more", &[pod("a", 3)]),
        1 => list("5", "", &[json!({"metadata": {}}), pod("b", 4)]),
        2 => Reply::Watch(vec![
            event("ADDED", pod("c", 6)),
            event("MODIFIED", pod("a", 7)),
            event("SOMETHING", pod("x", 8)),
            event("BOOKMARK", json!({"kind": "Pod", "metadata": {"resourceVersion": "9"}})),
        ]),
        3 => Reply::Watch(vec![event("DELETED", pod("a", 12))]),
        _ => Reply::Never,
    })
    .await;
    let expected = [
        "begun",
        "listed a 3",
        "listed b 4",
        "complete 5",
        "applied c 6",
        "applied a 7",
        "reached 9",
        "deleted a 12",
    ];
    assert_eq!(events, expected);
    let has = |number: usize, part: &str| assert!(asked[number].contains(part), "{part} in {asked:?}");
    assert!(asked[0].starts_with("/api/v1/pods?") && !asked[0].contains("continue"), "{asked:?}");
    (0..4).for_each(|number| has(number, "labelSelector=a%3Db"));
    has(1, "continue=more");
    [(2, "5"), (3, "9")].iter().for_each(|(number, version)| {
        has(*number, "watch=true");
        has(*number, "allowWatchBookmarks=true");
        has(*number, &format!("resourceVersion={version}"));
    });
}

#[test]
fn objects_are_kept_as_they_were_sent() {
    let text = r#" {"kind":"Pod", "metadata":{"name":"p","resourceVersion":"x"},"x":1.50 }"#.trim();
    let object = SourceObject::read(text).unwrap();
    assert_eq!((&*object.namespace, &*object.name, object.revision), ("", "p", 0));
    let of = |version: &str| {
        let object = json!({"metadata": {"name": "p", "resourceVersion": version}});
        SourceObject::read(&object.to_string()).unwrap().revision
    };
    assert_eq!(
        ["7", "", "-1", "9223372036854775807", "9223372036854775808"].map(of),
        [7, 0, 0, i64::MAX as u64, 0]
    );
    assert_eq!(&*object.json, text);
    assert!(SourceObject::read(r#"{"metadata":{}}"#).is_none());
}

#[tokio::test(start_paused = true)]
async fn where_it_is_asked_for_and_what_mends_a_failure() {
    for (code, expected) in [(403, "forbidden"), (404, "missing"), (500, "unavailable")] {
        let source = SourceReference {
            api_version: "apps/v1".to_owned(),
            resource: "deployments".to_owned(),
            namespace: Some("n".to_owned()),
            ..SourceReference::default()
        };
        let server = ApiServer::default();
        let client = server.client(move |_, _| refusal(code));
        let events: Vec<_> = watch_source(client, &source, 0).take(1).map(words).collect().await;
        assert_eq!(events, [expected]);
        let asked = &server.asked()[0].uri;
        assert!(asked.starts_with("/apis/apps/v1/namespaces/n/deployments?"), "{asked}");
    }
}

/// What a source tells where requests beyond these stay without an answer.
async fn told_of(replies: Vec<Reply>, count: usize) -> (Vec<String>, Vec<String>) {
    let replies = std::sync::Mutex::new(replies.into_iter());
    told(0, count, move |_, _| replies.lock().unwrap().next().unwrap_or(Reply::Never)).await
}

#[tokio::test(start_paused = true)]
async fn failures_are_told_once_and_tried_again() {
    let empty = || list("5", "", &[]);
    let change = || Reply::Watch(vec![event("MODIFIED", pod("p", 9))]);
    let rows: [(&str, Vec<Reply>, &[&str], usize); 10] = [
        (
            "what vanishes and comes again is read anew",
            vec![empty(), refusal(404), refusal(404), Reply::Watch(Vec::new()), empty()],
            &["begun", "complete 5", "missing", "begun", "complete 5"],
            5,
        ),
        (
            "a watch goes on after a failure, and says so at once",
            vec![empty(), refusal(503), refusal(503), Reply::Lost, change()],
            &["begun", "complete 5", "unavailable", "unavailable", "recovered", "applied p 9"],
            5,
        ),
        (
            "a watch that is too far behind begins with a list",
            vec![empty(), refusal(410), list("8", "", &[pod("a", 7)])],
            &["begun", "complete 5", "begun", "listed a 7", "complete 8"],
            3,
        ),
        (
            "so does one that is told so later",
            vec![empty(), Reply::Watch(vec![event("ERROR", status(410))]), list("8", "", &[])],
            &["begun", "complete 5", "begun", "complete 8"],
            3,
        ),
        (
            "a page that came too late: all in one",
            vec![list("5", "more", &[pod("a", 3)]), refusal(410), list("8", "", &[pod("a", 7)])],
            &["begun", "listed a 3", "begun", "listed a 7", "complete 8"],
            3,
        ),
        (
            "a watch that ends at once is no way to go on",
            vec![empty(), Reply::Watch(Vec::new()), change()],
            &["begun", "complete 5", "unavailable", "recovered", "applied p 9"],
            3,
        ),
        (
            "an event that came in part is none",
            vec![empty(), Reply::Answer(200, None, event("ADDED", pod("p", 6))), change()],
            &["begun", "complete 5", "unavailable", "recovered", "applied p 9"],
            3,
        ),
        (
            "pages that are too large get smaller",
            vec![huge(), huge(), list("8", "", &[pod("a", 7)])],
            &["begun", "listed a 7", "complete 8"],
            3,
        ),
        (
            "all in one that is too large is a failure",
            vec![list("5", "more", &[pod("a", 3)]), refusal(410), huge(), list("8", "", &[])],
            &["begun", "listed a 3", "unavailable", "begun", "complete 8"],
            4,
        ),
        (
            "what is no JSON",
            vec![Reply::Answer(200, None, json!("none")), list("", "", &[]), empty()],
            &["unavailable", "begun", "unavailable", "begun", "complete 5"],
            3,
        ),
    ];
    for (name, replies, expected, requests) in rows {
        let (events, asked) = told_of(replies, expected.len()).await;
        assert_eq!(events, expected, "{name}");
        assert!(asked.len() >= requests, "{name}: {asked:?}");
        let limits = |expected: &[Option<u32>]| {
            let limit = |uri: &String| uri.split_once("limit=")?.1.split('&').next()?.parse::<u32>().ok();
            let limits: Vec<_> = asked.iter().take(expected.len()).map(limit).collect();
            assert_eq!(limits, expected, "{name}");
        };
        match name.split(' ').next() {
            Some("a") if name.contains("page") => limits(&[Some(500), Some(500), None]),
            Some("pages") => limits(&[Some(500), Some(62), Some(7)]),
            Some("all") => limits(&[Some(500), Some(500), None, Some(500)]),
            _ => {}
        }
    }
}

/// More than a list may have.
fn huge() -> Reply {
    Reply::Large(300 << 20)
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_refused_costs_no_lists() {
    let server = ApiServer::default();
    let client = server.client(|number, _| if number == 0 { list("5", "", &[]) } else { refusal(403) });
    let mut events = Box::pin(watch_source(client, &pods(), 0).map(words));
    let told: Vec<_> = events.by_ref().take(3).collect().await;
    assert_eq!(told, ["begun", "complete 5", "forbidden"]);
    let more = tokio::time::timeout(Duration::from_secs(60), events.next()).await;
    assert!(more.is_err(), "the fault stands: {more:?}");
    let asked = server.asked();
    assert!((10..=14).contains(&asked.len()), "{}", asked.len());
    assert!(asked[1..].iter().all(|asked| asked.uri.contains("watch=true")), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn watches_that_tell_a_little_and_end_are_not_followed_at_once() {
    let server = ApiServer::default();
    let client = server.client(|number, _| match number {
        0 => list("5", "", &[]),
        number => Reply::Watch(vec![event("MODIFIED", pod("p", number as u64 + 5))]),
    });
    let events = watch_source(client, &pods(), 0);
    let heard = tokio::time::timeout(Duration::from_secs(60), events.for_each(|_| async {})).await;
    assert!(heard.is_err() && server.asked().len() < 65, "{}", server.asked().len());
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_given_up() {
    let page = || Reply::Late(Duration::from_secs(60), Box::new(list("5", "more", &[])));
    let (events, _) = told(0, 3, move |_, _| page()).await;
    assert_eq!(events, ["begun", "unavailable", "begun"]);
}

#[tokio::test(start_paused = true)]
async fn reading_ends_with_who_reads() {
    let server = ApiServer::default();
    let client = server.client(|number, _| match number {
        0 => list("5", "", &[]),
        _ => Reply::Watch(vec![event("MODIFIED", pod("p", 9))]),
    });
    let mut events = Box::pin(watch_source(client, &pods(), 0));
    assert_eq!(events.next().await, Some(SourceEvent::Begun));
    drop(events);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let before = server.asked().len();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(server.asked().len(), before);
}
