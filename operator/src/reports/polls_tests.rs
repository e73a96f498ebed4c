use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::fixture;
use crate::reports::Definition;

fn target(hash: &str) -> Target {
    let now = Timestamp::UNIX_EPOCH;
    let authority = Authority {
        certificate: String::new(),
        key: String::new(),
        previous: String::new(),
        not_before: now,
        not_after: now + SignedDuration::from_hours(1),
    };
    Target {
        group: fixture::group(),
        authority,
        to_serve: Served {
            definition: Some(Definition { generation: 1, hash: hash.to_owned() }),
            certificate: None,
        },
        ready: 1,
    }
}

fn state(hash: &str, objects: u64, synced: bool) -> Result<GatewayState, String> {
    let resource = json!({"name": "tasks", "synced": synced, "objects": objects});
    let state = json!({"generation": 1, "hash": hash, "resources": [resource]});
    Ok(serde_json::from_value(state).expect("a state"))
}

/// Takes the one group that is due, which `told` answers for.
fn poll(polls: &Polls, told: Told) -> News {
    let (due, _) = polls.take_due(AT_ONCE);
    assert_eq!(due.len(), 1, "it is due");
    polls.told(&due[0], told)
}

/// How long until the next poll.
fn wait(polls: &Polls) -> Duration {
    let (due, next) = polls.take_due(0);
    assert!(due.is_empty());
    next.expect("a time").duration_since(Instant::now())
}

#[tokio::test(start_paused = true)]
async fn the_pace_follows_what_is_awaited() {
    let polls = Polls::default();
    polls.follow(target("h"));
    for (case, told, news, milliseconds) in [
        ("not synced", vec![state("h", 0, false)], News::Conditions, 10_000),
        ("another definition", vec![state("g", 0, true)], News::Conditions, 250),
        ("still", vec![state("g", 0, true)], News::None, 500),
        ("and again", vec![state("g", 0, true)], News::None, 1_000),
        ("and again", vec![state("g", 0, true)], News::None, 2_000),
        ("and again", vec![state("g", 0, true)], News::None, 4_000),
        ("and again", vec![state("g", 0, true)], News::None, 8_000),
        ("no sooner in the end", vec![state("g", 0, true)], News::None, 10_000),
        ("settled", vec![state("h", 0, true)], News::Conditions, 60_000),
        ("more objects", vec![state("h", 5, true)], News::Details, 60_000),
        ("the same", vec![state("h", 5, true)], News::None, 60_000),
        ("no Pod", vec![], News::None, 60_000),
        ("silence", vec![Err("x".to_owned())], News::Conditions, 10_000),
        ("still", vec![Err("x".to_owned())], News::Details, 10_000),
        ("no Pod", vec![], News::None, 10_000),
        ("one of two", vec![Err("x".to_owned()), state("h", 5, true)], News::None, 10_000),
        ("it answers", vec![state("h", 5, true)], News::Conditions, 60_000),
        ("one of two, once", vec![Err("x".to_owned()), state("h", 5, true)], News::Conditions, 10_000),
    ] {
        assert_eq!(poll(&polls, told), news, "{case}");
        assert_eq!(wait(&polls), Duration::from_millis(milliseconds), "{case}");
        tokio::time::advance(Duration::from_millis(milliseconds)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_new_is_asked_at_once() {
    let polls = Polls::default();
    polls.follow(target("h"));
    assert_eq!(polls.report(&fixture::group().name), None);
    assert_eq!(poll(&polls, vec![state("h", 1, true)]), News::Conditions);
    polls.follow(target("h"));
    assert_eq!(wait(&polls), Duration::from_secs(60), "the same as before");
    polls.follow(target("i"));
    assert_eq!(wait(&polls), Duration::from_secs(0), "another definition");
    let (due, _) = polls.take_due(AT_ONCE);
    assert_eq!(polls.take_due(AT_ONCE), (vec![], None), "it is being asked");
    polls.follow(target("j"));
    polls.told(&due[0], vec![state("i", 1, true)]);
    assert_eq!(wait(&polls), Duration::from_secs(0), "what was asked is old");
    let (due, _) = polls.take_due(AT_ONCE);
    polls.forget(&fixture::group().name);
    assert_eq!(polls.told(&due[0], vec![state("j", 1, true)]), News::None);
    assert_eq!(polls.take_due(AT_ONCE), (vec![], None), "it is forgotten");
}

#[test]
fn silence_is_told_when_it_lasts() {
    let silent = || vec![Err("Pod g-1: HTTP 401".to_owned())];
    let (first, count) = next(None, 0, silent());
    assert_eq!((first.clone(), count), (None, 1));
    let (second, count) = next(first.as_ref(), count, silent());
    assert_eq!(count, 2);
    let silence = second.and_then(|report| report.silence);
    assert_eq!(silence.as_deref(), Some("Pod g-1: HTTP 401"));
}
