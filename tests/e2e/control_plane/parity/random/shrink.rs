//! Makes a sequence of requests that ends in something wrong smaller, while it stays wrong.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::lane::{Lane, Wrong};
use crate::control_plane::parity::request::{Body, Request};

/// How long it may take, and how often the sequence may be tried.
const PATIENCE: Duration = Duration::from_secs(30);
const TRIES: usize = 150;

/// A sequence that is wrong at its end, with the numbers by which its placeholders name requests.
pub(super) struct Shrunken {
    pub(super) sequence: Vec<(usize, Request)>,
    pub(super) wrong: Wrong,
    /// Whether it was wrong again at all.
    pub(super) again: bool,
}

struct Shrinking<'a> {
    lane: &'a mut Lane,
    began: Instant,
    tries: usize,
    shrunken: Shrunken,
}

/// Shrinks a sequence that was wrong at its end; everything of the lane is deleted for it.
pub(super) async fn shrink(lane: &mut Lane, sequence: Vec<(usize, Request)>, wrong: Wrong) -> Shrunken {
    let shrunken = Shrunken { sequence, wrong, again: false };
    let mut shrinking = Shrinking { lane, began: Instant::now(), tries: 0, shrunken };
    shrinking.history().await;
    if shrinking.shrunken.again {
        shrinking.last().await;
    }
    shrinking.lane.clear().await;
    shrinking.shrunken
}

impl Shrinking<'_> {
    /// Takes the sequence if it is wrong in the same way.
    async fn take(&mut self, sequence: Vec<(usize, Request)>) -> bool {
        if self.tries >= TRIES || self.began.elapsed() > PATIENCE {
            return false;
        }
        self.tries += 1;
        self.lane.clear().await;
        let mut wrong = None;
        for (number, request) in &sequence {
            wrong = self.lane.ask(*number, request).await.wrong;
        }
        match wrong {
            Some(wrong) if wrong.is_like(&self.shrunken.wrong) => {
                self.shrunken = Shrunken { sequence, wrong, again: true };
                true
            }
            _ => false,
        }
    }

    /// Leaves out requests before the last one: all, those about other objects, halves, quarters, single ones.
    async fn history(&mut self) {
        let (last, before) = self.shrunken.sequence.split_last().unwrap();
        let (last, before) = (last.clone(), before.to_vec());
        let object = |request: &Request| {
            request.path.trim_end_matches("/status").trim_end_matches("/scale").to_owned()
        };
        let about = object(&last.1);
        let named = |number: usize| {
            last.1.target().contains(&format!("@{number}}}"))
                || last.1.body.text().contains(&format!("@{number}}}"))
        };
        let writes = |request: &Request| !request.is_read();
        let related: Vec<_> = before
            .iter()
            .filter(|(number, request)| {
                named(*number)
                    || writes(request) && (object(request) == about || about.starts_with(&object(request)))
            })
            .cloned()
            .collect();
        let changes: Vec<_> =
            before.iter().filter(|(number, request)| named(*number) || writes(request)).cloned().collect();
        for kept in [Vec::new(), related, changes, before] {
            let mut sequence = kept;
            sequence.push(last.clone());
            if self.take(sequence).await {
                break;
            }
        }
        let mut size = self.shrunken.sequence.len() / 2;
        while size > 0 {
            let mut start = 0;
            while start + size < self.shrunken.sequence.len() {
                let mut sequence = self.shrunken.sequence.clone();
                sequence.drain(start..start + size);
                if !self.take(sequence).await {
                    start += size;
                }
            }
            size /= 2;
        }
    }

    /// Makes the last request smaller, again and again.
    async fn last(&mut self) {
        let mut skipped = 0;
        loop {
            let last = &self.shrunken.sequence.last().unwrap().1;
            let Some(smaller) = smaller(last).into_iter().nth(skipped) else { return };
            let mut sequence = self.shrunken.sequence.clone();
            sequence.last_mut().unwrap().1 = smaller;
            if !self.take(sequence).await {
                skipped += 1;
            }
        }
    }
}

/// Requests with one thing less.
fn smaller(request: &Request) -> Vec<Request> {
    let mut found = Vec::new();
    for index in 0..request.query.len() {
        let mut less = request.clone();
        less.query.remove(index);
        if request.query[index].0 != "timeoutSeconds" {
            found.push(less);
        }
    }
    for index in 0..request.headers.len() {
        let mut less = request.clone();
        less.headers.remove(index);
        found.push(less);
    }
    let (value, wrap): (&Value, fn(Value) -> Body) = match &request.body {
        Body::Text(_) | Body::Padded(..) => return found,
        Body::Json(value) => (value, Body::Json),
        Body::Yaml(value) => (value, Body::Yaml),
    };
    let bodies = parts(value).into_iter().map(|value| Request { body: wrap(value), ..request.clone() });
    found.extend(bodies);
    found
}

/// The value with one field or item less, from the outside in.
fn parts(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(fields) => {
            for name in fields.keys() {
                let mut less = fields.clone();
                less.remove(name);
                found.push(Value::Object(less));
            }
            for (name, field) in fields {
                for part in parts(field) {
                    let mut less = fields.clone();
                    less.insert(name.clone(), part);
                    found.push(Value::Object(less));
                }
            }
        }
        Value::Array(items) => {
            for index in 0..items.len() {
                let mut less = items.clone();
                less.remove(index);
                found.push(Value::Array(less));
            }
            for (index, item) in items.iter().enumerate() {
                for part in parts(item) {
                    let mut less = items.clone();
                    less[index] = part;
                    found.push(Value::Array(less));
                }
            }
        }
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_miss_one_thing_each() {
        let found = parts(&json!({"a": [1, 2], "b": {"c": 1}}));
        let expected = [
            json!({"b": {"c": 1}}),
            json!({"a": [1, 2]}),
            json!({"a": [2], "b": {"c": 1}}),
            json!({"a": [1], "b": {"c": 1}}),
            json!({"a": [1, 2], "b": {}}),
        ];
        assert_eq!(found, expected);
    }
}
