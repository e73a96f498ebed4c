//! Deletions of one object and of many.

use http::Method;
use serde_json::{Value, json};

use super::super::options;
use super::{Generator, JSON};
use crate::control_plane::parity::request::Request;

impl Generator {
    pub(super) fn delete(&mut self) -> Request {
        let target = self.existing();
        let request = options::deletion(Request::new(Method::DELETE, target.object()), &mut self.dice);
        self.deletion(request, &target.key())
    }

    pub(super) fn delete_collection(&mut self) -> Request {
        let target = self.target();
        let request = options::deletion(Request::new(Method::DELETE, target.collection()), &mut self.dice);
        let request = options::select(request, &mut self.dice);
        self.deletion(request, &target.key())
    }

    /// The policies that need the garbage collector are only tried: when it acts is not to be foreseen.
    pub(super) fn deletion(&mut self, request: Request, key: &str) -> Request {
        if self.dice.percent(10) {
            let policy = self.dice.pick(&["Foreground", "Orphan"]);
            let fields = json!({"propagationPolicy": policy, "dryRun": ["All"]});
            return self.delete_options(request, fields);
        }
        if self.dice.percent(60) {
            return request;
        }
        let stale = self.past_object(&request.path);
        let choices = [
            json!({}),
            json!({"gracePeriodSeconds": 0}),
            json!({"gracePeriodSeconds": -1}),
            json!({"dryRun": ["All"]}),
            json!({"dryRun": ["Some"]}),
            json!({"preconditions": {"uid": format!("{{uid:{key}}}")}}),
            json!({"preconditions": {"uid": "other"}}),
            json!({"preconditions": {"resourceVersion": format!("{{rv:{key}}}")}}),
            json!({"preconditions": {"resourceVersion": format!("{{rv@{stale}}}")}}),
            json!({"propagationPolicy": "Background"}),
            json!({"propagationPolicy": "Other"}),
            json!({"orphanDependents": false}),
            json!({"orphanDependents": false, "propagationPolicy": "Background"}),
            json!({"unknown": 1}),
            json!({"kind": "Other"}),
            json!({"apiVersion": "{g}/v1"}),
            json!({"gracePeriodSeconds": "x"}),
        ];
        let fields = choices[self.dice.below(choices.len())].clone();
        self.delete_options(request, fields)
    }

    pub(super) fn delete_options(&mut self, request: Request, fields: Value) -> Request {
        let mut body = json!({"apiVersion": "v1", "kind": "DeleteOptions"});
        for (name, value) in fields.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        request.json(JSON, body)
    }
}
