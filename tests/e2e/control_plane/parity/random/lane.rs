//! A lane: one sequence of requests to both groups, in resources that no other lane touches.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::control_plane::parity::exchange::{Exchange, excuse};
use crate::control_plane::parity::request::{Body, Request};
use crate::control_plane::parity::side::{Given, Side};

/// A custom resource's caches may lag: how long a read may take to come out the same, and between two looks.
const SETTLED: Duration = Duration::from_millis(1500);
const PAUSE: Duration = Duration::from_millis(50);
/// A watch takes a second, so it is tried again less often.
const WATCH_TRIES: usize = 2;
/// Mistakes whose messages begin with so many letters alike are of one kind.
const ALIKE: usize = 50;
/// How often what is in the way may have to be deleted.
const CLEARINGS: usize = 40;

/// What both groups made of a request.
pub(super) struct Outcome {
    pub(super) theirs: http::StatusCode,
    pub(super) answer: crate::harness::Answer,
    /// The rule that excuses a difference.
    pub(super) rule: Option<usize>,
    /// What is wrong.
    pub(super) wrong: Option<Wrong>,
    /// Whether the groups may have parted: one did what the other refused, or did something else.
    pub(super) parted: bool,
}

/// Something that is wrong, in the form in which it compares.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) what: &'static str,
    pub(super) ours: Value,
    pub(super) theirs: Value,
}

/// Both groups, and what our one has.
pub(super) struct Lane {
    pub(super) sides: [Side; 2],
    /// Whether ours is a gateway: its list's revision changes only with an object. A custom resource's refusals are not
    /// looked at; one that is refused for its Accept header is created all the same.
    is_gateway: bool,
    /// Things and zones as they were listed last, while that is known to be what is there.
    state: BTreeMap<&'static str, String>,
}

impl Wrong {
    /// Alike are those with one cause, as far as can be told.
    pub(super) fn kind(&self, request: &Request) -> String {
        let plain = |answer: &Value| {
            let message = answer["body"]["message"].as_str().unwrap_or_default();
            let outside: String = message.split('"').step_by(2).collect();
            let letters = outside.chars().filter(|letter| !letter.is_ascii_digit());
            format!("{} {}", answer["code"], letters.take(ALIKE).collect::<String>())
        };
        let subresource =
            ["/status", "/scale"].into_iter().find(|end| request.path.ends_with(end)).unwrap_or_default();
        let mut fields = Vec::new();
        different(&self.ours, &self.theirs, &mut String::new(), &mut fields);
        fields.truncate(1);
        let method = if self.ours["code"] == self.theirs["code"] { "" } else { request.method.as_str() };
        format!("{method} {subresource} | {} | {} | {fields:?}", plain(&self.ours), plain(&self.theirs))
    }

    /// Whether another one is so like it that a smaller request with it will do.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.what == other.what
            && self.ours["code"] == other.ours["code"]
            && self.theirs["code"] == other.theirs["code"]
    }
}

/// The paths of what differs, without the numbers of items.
fn different(ours: &Value, theirs: &Value, path: &mut String, found: &mut Vec<String>) {
    match (ours, theirs) {
        _ if ours == theirs => {}
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let length = path.len();
                path.push_str(&format!(".{name}"));
                different(&ours[name], &theirs[name], path, found);
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| different(a, b, path, found));
        }
        _ if path == ".body.message" => {}
        _ => found.push(path.clone()),
    }
}

impl Lane {
    pub(super) fn new(sides: [Side; 2], is_gateway: bool) -> Self {
        Self { sides, is_gateway, state: BTreeMap::new() }
    }

    /// Asks both groups, and looks whether what is refused or only tried changed something.
    pub(super) async fn ask(&mut self, number: usize, request: &Request) -> Outcome {
        if self.is_gateway && !request.is_read() {
            self.state(request).await;
        }
        let (ours, theirs, rule) = self.compared(request).await;
        for (side, given) in self.sides.iter_mut().zip([&ours, &theirs]) {
            side.keep(number, &given.answer);
        }
        let refused = |given: &Given| !given.answer.status.is_success();
        let mut wrong = None;
        if ours.normal != theirs.normal && rule.is_none() {
            let what = "the answers differ";
            wrong = Some(Wrong { what, ours: ours.normal.clone(), theirs: theirs.normal.clone() });
        }
        if self.is_gateway
            && !request.is_read()
            && (refused(&ours) && !is_partial(request) || is_tried(request))
        {
            let before = self.state(request).await;
            self.state.clear();
            let after = self.state(request).await;
            if before != after {
                let answer = |state: String| json!({"code": ours.answer.code(), "state": state});
                let (ours, theirs) = (answer(after), answer(before));
                let what = "a request that was refused or tried changed something";
                wrong = Some(Wrong { what, ours, theirs });
            }
        } else if !request.is_read() {
            self.state.clear();
        }
        let all_refused = refused(&ours) && refused(&theirs) && !theirs.answer.status.is_server_error();
        // A custom resource refuses forms of answers only when the write is done.
        let late = refused(&theirs) && request.header_value("Accept").contains("as=");
        let parted = !request.is_read() && (late || ours.normal != theirs.normal && !all_refused);
        Outcome { theirs: theirs.answer.status, answer: theirs.answer, rule, wrong, parted }
    }

    /// Both answers, and the rule that excuses that they differ.
    async fn compared(&mut self, request: &Request) -> (Given, Given, Option<usize>) {
        let began = Instant::now();
        let mut tries = 1;
        loop {
            let [first, second] = &mut self.sides;
            let (ours, theirs) = tokio::join!(first.ask(request), second.ask(request));
            if ours.normal == theirs.normal {
                return (ours, theirs, None);
            }
            let rule = excuse(&Exchange { request, ours: &ours.normal, theirs: &theirs.normal });
            let last = !request.is_read()
                || rule.is_some()
                || (if request.is_watch() { tries >= WATCH_TRIES } else { began.elapsed() > SETTLED });
            if last {
                return (ours, theirs, rule);
            }
            tries += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What our group has of the resource that a request is about.
    async fn state(&mut self, request: &Request) -> String {
        let list =
            if request.path.contains("{zones}") { "/apis/{g}/v1/{zones}" } else { "/apis/{g}/v1/{things}" };
        if let Some(known) = self.state.get(list) {
            return known.clone();
        }
        let answer = self.sides[0].send(&Request::get(list)).await;
        self.state.insert(list, answer.text());
        answer.text()
    }

    /// Deletes everything and forgets it.
    pub(super) async fn clear(&mut self) {
        for side in &mut self.sides {
            clear(side).await;
            side.forget();
        }
        self.state.clear();
    }
}

/// Whether it may be refused when some of it is done: one object after the other is deleted of a collection.
fn is_partial(request: &Request) -> bool {
    request.method == Method::DELETE
        && ["/{things}", "/{zones}"].iter().any(|end| request.path.ends_with(end))
}

/// Whether it is a dry run. Of a deletion the query counts only where there is no body.
fn is_tried(request: &Request) -> bool {
    let in_body = matches!(&request.body, Body::Json(body) if body["dryRun"].is_array());
    let query_counts = request.method != Method::DELETE || request.body == Body::Text(String::new());
    in_body || query_counts && !request.parameter_value("dryRun").is_empty()
}

async fn clear(side: &mut Side) {
    for list in ["/apis/{g}/v1/{things}", "/apis/{g}/v1/{zones}"] {
        for clearing in 0.. {
            let found = side.send(&Request::get(list)).await.json();
            let items = found["items"].as_array().cloned().unwrap_or_default();
            if items.is_empty() {
                break;
            }
            assert!(clearing < CLEARINGS, "{list} cannot be cleared: {items:?}");
            for item in items {
                let metadata = &item["metadata"];
                let name = metadata["name"].as_str().unwrap();
                let path = match metadata["namespace"].as_str() {
                    Some(namespace) => format!("/apis/{{g}}/v1/namespaces/{namespace}/{{things}}/{name}"),
                    None => format!("{list}/{name}"),
                };
                if metadata["finalizers"].is_array() {
                    // One that is invalid by now cannot be updated, but for a JSON patch of its metadata.
                    let patch = json!([{"op": "remove", "path": "/metadata/finalizers"}]);
                    side.send(&Request::new(Method::PATCH, &path).json("application/json-patch+json", patch))
                        .await;
                }
                side.send(&Request::new(Method::DELETE, &path)).await;
            }
        }
    }
}
