//! One of the two groups: asks it, and remembers of its answers what later requests name.

use std::collections::HashMap;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use super::connection::Connection;
use super::normal::{self, Seen};
use super::request::{Body, Request, fill};
use crate::harness::{Answer, Caller};

/// Stands for the code of a connection that was closed without an answer.
pub(super) const CLOSED: u16 = 599;

/// A group, and what is known of its objects.
pub(super) struct Side {
    connection: Connection,
    pub(super) group: String,
    /// Placeholders and what they stand for.
    words: Vec<(String, String)>,
    /// The metadata of objects when they were last seen, by `n/a`.
    objects: HashMap<String, Value>,
    /// The metadata of answers, by the number of the request.
    answers: HashMap<usize, Value>,
    pub(super) seen: Seen,
}

/// An answer, as it came and as it compares.
pub(super) struct Given {
    pub(super) answer: Answer,
    pub(super) normal: Value,
}

/// A connection that was closed without an answer, as an answer.
fn closed(error: String) -> Answer {
    Answer { status: CLOSED.try_into().unwrap(), headers: HeaderMap::new(), body: Bytes::from(error) }
}

impl Side {
    /// `words` are placeholders without braces, with what they stand for here.
    pub(super) fn new(caller: &Caller, group: &str, words: &[(&str, String)]) -> Self {
        let mut words: Vec<_> = words.iter().map(|(name, word)| ((*name).to_owned(), word.clone())).collect();
        words.push(("g".to_owned(), group.to_owned()));
        Self {
            connection: Connection::new(caller),
            group: group.to_owned(),
            words,
            objects: HashMap::new(),
            answers: HashMap::new(),
            seen: Seen::default(),
        }
    }

    /// Asks request `number`; what its answer says is known to later ones when it is kept.
    pub(super) async fn ask(&mut self, request: &Request) -> Given {
        let answer = self.send(request).await;
        let normal = normal::answer(&answer, &self.group, &self.seen);
        Given { answer, normal }
    }

    /// Sends a request.
    pub(super) async fn send(&mut self, request: &Request) -> Answer {
        let target = self.fill(&request.target());
        let mut body = request.body.text();
        if body.contains("{rv}") {
            let object = target.split('?').next().unwrap_or_default().to_owned();
            let object = object.trim_end_matches("/status").trim_end_matches("/scale");
            let found = self.must_send(&Request::get(object)).await.json();
            let revision = found["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
            body = body.replace("{rv}", &revision);
        }
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect();
        let mut body = self.fill(&body);
        if let Body::Padded(_, length) = request.body {
            body.push_str(&" ".repeat(length - body.len()));
        }
        let sent = self.connection.send(request.method.clone(), &target, &headers, body).await;
        sent.unwrap_or_else(closed)
    }

    async fn must_send(&mut self, request: &Request) -> Answer {
        let target = self.fill(&request.target());
        let sent =
            self.connection.send(request.method.clone(), &target, &request.headers, String::new()).await;
        sent.unwrap_or_else(|error| panic!("{}: {error}", request.shown()))
    }

    /// Remembers the answer to request `number`.
    pub(super) fn keep(&mut self, number: usize, answer: &Answer) {
        let text = answer.text();
        // Of YAML only that is of use what must be known again.
        for line in text.lines().filter(|_| answer.header("Content-Type") == "application/yaml") {
            if let Some((_, word)) = line.split_once("uid: ").or_else(|| line.split_once("resourceVersion: "))
            {
                self.seen.objects.insert(word.trim_matches('"').to_owned());
            }
        }
        for document in normal::documents(&text).unwrap_or_default() {
            if let Some(metadata) = document.get("metadata") {
                self.answers.insert(number, metadata.clone());
            }
            self.learn(&document);
        }
    }

    /// Forgets everything, as if nothing was ever asked.
    pub(super) fn forget(&mut self) {
        self.objects.clear();
        self.answers.clear();
        self.seen = Seen::default();
    }

    fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(metadata) = fields.get("metadata") {
                    self.learn_metadata(metadata);
                }
                fields.values().for_each(|value| self.learn(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    fn learn_metadata(&mut self, metadata: &Value) {
        let text = |name: &str| metadata[name].as_str().unwrap_or_default();
        let (uid, revision) = (text("uid"), text("resourceVersion"));
        if text("name").is_empty() {
            self.seen.lists.extend((!revision.is_empty()).then(|| revision.to_owned()));
            return;
        }
        for known in [uid, revision].into_iter().filter(|known| !known.is_empty()) {
            self.seen.objects.insert(known.to_owned());
        }
        if uid.is_empty() || revision.is_empty() {
            return;
        }
        let namespace = self.words.iter().find(|(_, word)| !word.is_empty() && word == text("namespace"));
        let namespace = namespace.map_or("", |(name, _)| name);
        self.objects.insert(format!("{namespace}/{}", text("name")), metadata.clone());
    }

    fn fill(&self, text: &str) -> String {
        fill(text, |word| self.word(word))
    }

    fn word(&self, word: &str) -> Option<String> {
        if let Some((_, known)) = self.words.iter().find(|(name, _)| name == word) {
            return Some(known.clone());
        }
        if word == "again" {
            return Some(String::new());
        }
        let of = |metadata: Option<&Value>, field: &str| {
            let field = match field {
                "rv" => "resourceVersion",
                "created" => "creationTimestamp",
                "deleted" => "deletionTimestamp",
                field => field,
            };
            metadata.and_then(|metadata| metadata[field].as_str()).unwrap_or_default().to_owned()
        };
        if let Some((field, number)) = word.split_once('@') {
            let number = match number {
                "last" => *self.answers.keys().max()?,
                number => number.parse().ok()?,
            };
            return Some(of(self.answers.get(&number), field));
        }
        match word.split_once(':')? {
            ("long", length) => Some("x".repeat(length.parse().ok()?)),
            (field @ ("rv" | "uid" | "created" | "deleted"), object) => {
                Some(of(self.objects.get(object), field))
            }
            _ => None,
        }
    }
}
