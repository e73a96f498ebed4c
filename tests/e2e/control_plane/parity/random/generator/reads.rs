//! Gets, lists, watches, and what is not there to be read.

use http::Method;
use serde_json::json;

use super::super::options;
use super::{Generator, JSON, MERGE};
use crate::control_plane::parity::request::Request;

impl Generator {
    pub(super) fn get(&mut self) -> Request {
        let target = self.existing();
        let request = Request::get(target.object());
        if !self.dice.percent(15) {
            return request;
        }
        let past = self.past(&request.path);
        let revision = self.dice.pick(&["0", "1", "x", "past"]);
        let revision = if revision == "past" { format!("{{rv@{past}}}") } else { revision.to_owned() };
        request.parameter("resourceVersion", &revision)
    }

    /// The path of a list: of one namespace, mostly.
    pub(super) fn listed(&mut self) -> String {
        let target = self.target();
        if target.namespace.is_some() && self.dice.percent(20) {
            return format!("/apis/{{g}}/{}/{{things}}", target.version);
        }
        target.collection()
    }

    pub(super) fn list(&mut self) -> Request {
        let path = self.listed();
        let past = self.past(&path);
        let request = options::select(Request::get(path), &mut self.dice);
        options::page(request, past, &mut self.dice)
    }

    pub(super) fn watch(&mut self) -> Request {
        let path = self.listed();
        let past = self.past(&path);
        let request = options::select(Request::get(path), &mut self.dice);
        options::watch(request, past, &mut self.dice)
    }

    /// Paths that nothing has.
    pub(super) fn elsewhere(&mut self) -> Request {
        let target = self.existing();
        let path = match self.dice.below(5) {
            0 => format!("{}/other", target.object()),
            1 => format!("{}/status/more", target.object()),
            2 => "/apis/{g}/v1/namespaces/{n}/others".to_owned(),
            3 => "/apis/{g}/v9/namespaces/{n}/{things}".to_owned(),
            _ => "/apis/{g}/v1/{things}/a".to_owned(),
        };
        Request::get(path)
    }

    /// Methods where they are not for.
    pub(super) fn odd_method(&mut self) -> Request {
        let target = self.existing();
        let object = self.objects.thing(&target.name, target.version, &mut self.dice);
        match self.dice.below(4) {
            0 => Request::new(Method::POST, target.object()).json(JSON, object),
            1 => Request::new(Method::PUT, target.collection()).json(JSON, object),
            2 => Request::new(Method::PATCH, target.collection()).json(MERGE, json!({})),
            _ => Request::new(Method::DELETE, format!("{}/status", target.object())),
        }
    }
}
