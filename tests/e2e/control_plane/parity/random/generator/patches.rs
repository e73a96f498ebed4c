//! Patches, and what subresources are sent.

use http::Method;
use serde_json::{Value, json};

use super::super::objects::{NONSENSE, edit_metadata};
use super::super::{options, schema, values};
use super::target::Target;
use super::{Generator, JSON, MERGE, OPERATIONS};
use crate::control_plane::parity::request::{Body, Request};

impl Generator {
    pub(super) fn merge(&mut self) -> Request {
        let target = self.existing();
        let patch = self.objects.merge(&mut self.dice);
        self.patch(&target, target.object(), MERGE, patch)
    }

    pub(super) fn operations(&mut self) -> Request {
        let target = self.existing();
        let patch = self.objects.operations(&mut self.dice);
        self.patch(&target, target.object(), OPERATIONS, patch)
    }

    pub(super) fn patch(
        &mut self,
        target: &Target,
        path: String,
        kind: &'static str,
        patch: Value,
    ) -> Request {
        let mut patch = patch;
        if kind == MERGE && self.dice.percent(25) {
            edit_metadata(&mut patch["metadata"], &target.key(), &mut self.dice);
        }
        if self.dice.percent(20) {
            values::spoil(&mut patch, &mut self.dice);
        }
        let request = options::write(Request::new(Method::PATCH, path), &mut self.dice);
        let kind = match self.dice.below(50) {
            0 => self.dice.pick(&[
                "application/strategic-merge-patch+json",
                JSON,
                "text/plain",
                "application/merge-patch+json; charset=utf-8",
            ]),
            _ => kind,
        };
        let request = request.json(kind, patch);
        match self.dice.below(40) {
            0 => Request { body: Body::Text(self.dice.pick(&NONSENSE).to_owned()), ..request },
            _ => request,
        }
    }

    pub(super) fn status(&mut self) -> Request {
        let target = self.existing();
        let path = format!("{}/status", target.object());
        match self.dice.below(4) {
            0 => Request::get(path),
            1 => {
                let patch = self.objects.operations(&mut self.dice);
                self.patch(&target, path, OPERATIONS, patch)
            }
            2 => {
                let status = values::of(&schema::status(), &mut self.dice);
                let patch = json!({"status": status, "spec": {"text": "ignored"}});
                self.patch(&target, path, MERGE, patch)
            }
            _ => {
                let mut body = self.replacement(&target);
                if body.is_object() {
                    body["status"] = values::of(&schema::status(), &mut self.dice);
                }
                self.send(Method::PUT, path, body, &target.name)
            }
        }
    }

    pub(super) fn scale(&mut self) -> Request {
        let target = self.existing();
        let path = format!("{}/scale", target.object());
        let replicas = json!(self.dice.below(12) as i64 - 2);
        match self.dice.below(4) {
            0 => Request::get(path),
            1 => {
                let path_in =
                    self.dice.pick(&["/spec/replicas", "/spec", "/status/replicas", "/metadata/name"]);
                let operation = self.dice.pick(&["add", "replace", "remove", "test"]);
                let patch = json!([{"op": operation, "path": path_in, "value": replicas}]);
                self.patch(&target, path, OPERATIONS, patch)
            }
            2 => self.patch(&target, path, MERGE, json!({"spec": {"replicas": replicas}})),
            _ => {
                let body = json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": replicas},
                    "metadata": {"name": target.name, "resourceVersion": format!("{{rv:{}}}", target.key())}});
                let body = self.body(body, &target.key());
                self.send(Method::PUT, path, body, &target.name)
            }
        }
    }
}
