//! Random requests, about half of them valid: the next one builds on what the custom resource answered so far.

mod deletions;
mod patches;
mod reads;
mod target;
mod writes;

use std::collections::HashMap;

use http::Method;
use serde_json::{Value, json};

use super::dice::Dice;
use super::objects::Objects;
use super::options;
use crate::control_plane::parity::normal;
use crate::control_plane::parity::request::Request;
use crate::harness::Answer;
use target::{Target, about};

const NAMES: [&str; 5] = ["a", "b", "c", "d-1", "e.f"];
const JSON: &str = "application/json";
const MERGE: &str = "application/merge-patch+json";
const OPERATIONS: &str = "application/json-patch+json";
/// With fewer objects most requests create some.
const OBJECTS_LEAST: usize = 4;
/// How many requests back a page or a watch may start.
const PAST: usize = 12;

/// Makes requests.
pub(super) struct Generator {
    dice: Dice,
    objects: Objects,
    /// Objects as they were last seen, by the keys of placeholders.
    live: HashMap<String, Value>,
    /// The numbers of requests and their paths.
    past: Vec<(usize, String)>,
}

type Make = fn(&mut Generator) -> Request;

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), objects: Objects::new(), live: HashMap::new(), past: Vec::new() }
    }

    /// Request `number`.
    pub(super) fn next(&mut self, number: usize) -> Request {
        let makes: [(usize, Make); 13] = [
            (24, Self::create),
            (12, Self::update),
            (12, Self::merge),
            (10, Self::operations),
            (10, Self::get),
            (12, Self::list),
            (8, Self::delete),
            (1, Self::delete_collection),
            (3, Self::watch),
            (4, Self::status),
            (5, Self::scale),
            (2, Self::elsewhere),
            (2, Self::odd_method),
        ];
        let few = self.live.len() < OBJECTS_LEAST && self.dice.percent(60);
        let make = if few { Self::create } else { self.dice.weighted(&makes) };
        let request = make(self);
        self.past.push((number, request.path.clone()));
        options::any(request, &mut self.dice)
    }

    /// Takes note of an answer of the custom resource. Only whole objects are of use.
    pub(super) fn learn(&mut self, request: &Request, answer: &Answer) {
        if request.method == Method::DELETE {
            if answer.status.is_success() {
                self.live.retain(|key, _| !about(&request.path, key));
            }
            return;
        }
        for document in normal::documents(&answer.text()).unwrap_or_default() {
            for object in document["items"].as_array().unwrap_or(&vec![document.clone()]) {
                let kind = object["kind"].as_str().unwrap_or_default();
                if kind.starts_with("Thing") || kind.starts_with("Zone") {
                    self.remember(object.clone(), request);
                }
            }
        }
    }

    /// Forgets all objects.
    pub(super) fn forget(&mut self) {
        self.live.clear();
        self.past.clear();
    }

    fn remember(&mut self, mut object: Value, request: &Request) {
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        // Each side has generated another one.
        if normal::GENERATED.iter().any(|prefix| name.starts_with(prefix)) {
            return;
        }
        // Which of the two namespaces it is, the path says; lists of all are not remembered.
        let namespace =
            ["n", "m"].into_iter().find(|word| request.path.contains(&format!("namespaces/{{{word}}}/")));
        let zone = object["kind"].as_str().is_some_and(|kind| kind.starts_with("Zone"));
        let Some(namespace) = namespace.or(zone.then_some("")) else { return };
        let key = format!("{namespace}/{name}");
        let metadata = &mut object["metadata"];
        if let Some(fields) = metadata.as_object_mut() {
            fields.remove("managedFields");
        }
        metadata["uid"] = json!(format!("{{uid:{key}}}"));
        metadata["resourceVersion"] = json!(format!("{{rv:{key}}}"));
        metadata["creationTimestamp"] = json!(format!("{{created:{key}}}"));
        if metadata["deletionTimestamp"].is_string() {
            metadata["deletionTimestamp"] = json!(format!("{{deleted:{key}}}"));
        }
        if !namespace.is_empty() {
            metadata["namespace"] = json!(format!("{{{namespace}}}"));
        }
        for owner in metadata["ownerReferences"].as_array_mut().into_iter().flatten() {
            owner["uid"] = json!("{owner}");
        }
        let version = if request.path.contains("/v2/") { "v2" } else { "v1" };
        object["apiVersion"] = json!(format!("{{g}}/{version}"));
        object["kind"] = json!(if zone { "{Zone}" } else { "{Thing}" });
        self.live.insert(key, object);
    }

    fn target(&mut self) -> Target {
        let name = self.dice.pick(&NAMES).to_owned();
        if self.dice.percent(12) {
            return Target { version: "v1", namespace: None, name };
        }
        let version = self.dice.weighted(&[(88, "v1"), (11, "v2"), (1, "v3")]);
        let namespace = self.dice.weighted(&[(70, "n"), (28, "m"), (2, "missing")]).to_owned();
        Target { version, namespace: Some(namespace), name }
    }

    /// Something that is there, mostly.
    fn existing(&mut self) -> Target {
        let target = self.target();
        let mut keys: Vec<_> = self.live.keys().collect();
        if keys.is_empty() || self.dice.percent(15) {
            return target;
        }
        keys.sort();
        let (namespace, name) = keys[self.dice.below(keys.len())].split_once('/').unwrap_or_default();
        let version = if namespace.is_empty() { "v1" } else { target.version };
        let namespace = Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty());
        Target { version, namespace, name: name.to_owned() }
    }

    /// Something that is not there, mostly.
    fn missing(&mut self) -> Target {
        let target = self.target();
        if self.live.contains_key(&target.key()) && self.dice.percent(85) { self.target() } else { target }
    }

    /// The number of an earlier request for the resource of `path`: each resource has revisions of its own.
    fn past(&mut self, path: &str) -> usize {
        let is_of_zones = |path: &str| path.contains("{zones}");
        self.past_of(|past| is_of_zones(past) == is_of_zones(path))
    }

    /// The number of an earlier request about one object of the resource of `path`: what revision a list has, each
    /// server decides.
    fn past_object(&mut self, path: &str) -> usize {
        let resource = if path.contains("{zones}") { "{zones}/" } else { "{things}/" };
        self.past_of(|past| past.contains(resource))
    }

    fn past_of(&mut self, is_meant: impl Fn(&str) -> bool) -> usize {
        let past: Vec<_> = self.past.iter().rev().filter(|(_, path)| is_meant(path)).take(PAST).collect();
        if past.is_empty() { 0 } else { past[self.dice.below(past.len())].0 }
    }
}
