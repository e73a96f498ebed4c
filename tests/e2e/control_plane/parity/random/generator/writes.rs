//! Objects that are created and updated.

use http::Method;
use serde_json::{Value, json};

use super::super::objects::{NONSENSE, Objects, YAML, edit_metadata};
use super::super::{options, values};
use super::target::Target;
use super::{Generator, JSON};
use crate::control_plane::parity::normal::GENERATED;
use crate::control_plane::parity::request::{Body, Request};

/// More than the 3 MiB that a body may have.
const TOO_LARGE: &str = "{long:3145729}";

impl Generator {
    pub(super) fn create(&mut self) -> Request {
        let target = self.missing();
        let key = target.key();
        let mut object = match target.namespace {
            Some(_) => self.objects.thing(&target.name, target.version, &mut self.dice),
            None => Objects::zone(&target.name, &mut self.dice),
        };
        if self.dice.percent(5) {
            object["metadata"] =
                json!({"generateName": GENERATED[0], "labels": {"x": "1"}, "name": target.name});
        }
        // A name that only one of the two knows is only tried.
        let tried = self.dice.percent(3);
        if tried {
            object["metadata"] = json!({"generateName": GENERATED[0]});
        }
        let body = self.body(object, &key);
        let mut path = target.collection();
        if target.namespace.is_some() && self.dice.percent(2) {
            path = format!("/apis/{{g}}/{}/{{things}}", target.version);
        }
        let mut request = self.send(Method::POST, path, body, &target.name);
        if tried {
            request.query.retain(|(name, _)| name != "dryRun");
            request = request.parameter("dryRun", "All");
        }
        request
    }

    pub(super) fn update(&mut self) -> Request {
        let target = self.existing();
        let body = self.replacement(&target);
        self.send(Method::PUT, target.object(), body, &target.name)
    }

    /// The object as it is with some change, or another one.
    pub(super) fn replacement(&mut self, target: &Target) -> Value {
        let key = target.key();
        let mut object = match self.live.get(&key) {
            Some(live) if !self.dice.percent(10) => live.clone(),
            _ if target.namespace.is_some() => {
                self.objects.thing(&target.name, target.version, &mut self.dice)
            }
            _ => Objects::zone(&target.name, &mut self.dice),
        };
        if !self.dice.percent(8) {
            object["apiVersion"] = json!(format!("{{g}}/{}", target.version));
        }
        if target.namespace.is_some() && !self.dice.percent(20) {
            self.objects.edit(&mut object, &mut self.dice);
        }
        if self.dice.percent(25) && object["metadata"].is_object() {
            let stale = self.past_object(&target.collection());
            let revision = [Value::Null, json!(format!("{{rv@{stale}}}")), json!("")];
            object["metadata"]["resourceVersion"] = revision[self.dice.below(3)].clone();
        }
        self.body(object, &key)
    }

    /// An object or patch on its way: most stay as they are.
    pub(super) fn body(&mut self, mut object: Value, key: &str) -> Value {
        if self.dice.percent(18) {
            edit_metadata(&mut object["metadata"], key, &mut self.dice);
        }
        if self.dice.percent(20) {
            for _ in 0..1 + self.dice.below(2) {
                values::spoil(&mut object, &mut self.dice);
            }
        }
        match self.dice.below(60) {
            _ if !object.is_object() => {}
            0 => object["kind"] = json!(self.dice.pick(&["Other", "", "{Zone}"])),
            1 => object["apiVersion"] = json!(self.dice.pick(&["{g}/v2", "{g}/v3", "v1", "a/b/c", ""])),
            _ => {}
        }
        object
    }

    /// A request with an object, in one of the encodings.
    pub(super) fn send(&mut self, method: Method, path: String, body: Value, name: &str) -> Request {
        let request = options::write(Request::new(method, path), &mut self.dice);
        let (content_type, body) = match self.dice.below(50) {
            0 | 1 => ("application/yaml", Body::Yaml(body)),
            2 => ("application/yaml", Body::Text(self.dice.pick(&YAML).replace('%', name))),
            3 => (JSON, Body::Text(self.dice.pick(&NONSENSE).to_owned())),
            4 => ("application/yaml", Body::Text(self.dice.pick(&NONSENSE).to_owned())),
            5 => {
                let text = body.to_string();
                let end = self.dice.below(text.len());
                (
                    JSON,
                    Body::Text((0..end).rev().find_map(|end| text.get(..end)).unwrap_or_default().to_owned()),
                )
            }
            6 => {
                let kinds = [
                    "text/plain",
                    "",
                    "application/vnd.kubernetes.protobuf",
                    "application/json; charset=utf-8",
                ];
                (self.dice.pick(&kinds), Body::Json(body))
            }
            7 => ("", Body::Json(body)),
            8 if self.dice.percent(20) => (JSON, Body::Text(TOO_LARGE.to_owned())),
            _ => (JSON, Body::Json(body)),
        };
        let request =
            if content_type.is_empty() { request } else { request.header("Content-Type", content_type) };
        Request { body, ..request }
    }
}
