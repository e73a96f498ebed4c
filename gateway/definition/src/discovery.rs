//! The discovery documents of the group, as a CustomResourceDefinition's group has them.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::compiled::Routes;
use crate::endpoint::RAW_ENDPOINT;
use crate::{Document, Resource, Scope, Verb};

/// How many bytes of the SHA-256 make a storageVersionHash.
const STORAGE_HASH_BYTES: usize = 8;

/// The discovery documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// `GET /apis`, legacy: an APIGroupList, without the group if nothing is served.
    pub root: Document,
    /// `GET /apis`, aggregated: an APIGroupDiscoveryList, without the group if nothing is served.
    pub aggregated: Document,
    /// `GET /apis/<group>`: an APIGroup; meaningless if nothing is served, since it has no preferred version then.
    pub group: Document,
    /// `GET /apis/<group>/<version>` by version: an APIResourceList.
    pub versions: BTreeMap<String, Document>,
}

/// One line of discovery: a resource, or the first segment of raw endpoints.
struct Entry<'a> {
    name: &'a str,
    singular: &'a str,
    kind: &'a str,
    scope: Scope,
    verbs: BTreeSet<Verb>,
    short_names: &'a [String],
    categories: &'a [String],
    storage_version_hash: Option<String>,
    subresources: Vec<Subresource<'a>>,
}

/// What lies below an object.
struct Subresource<'a> {
    name: &'static str,
    /// Group and version of the kind, if they are not the resource's.
    foreign: Option<(&'static str, &'static str)>,
    kind: &'a str,
    verbs: BTreeSet<Verb>,
}

// === impl Discovery ===

impl Discovery {
    /// `versions` in order of preference, each a key of `routes`.
    pub(crate) fn new(group: &str, versions: &[String], routes: &BTreeMap<String, Routes>) -> Self {
        let entries: Vec<(&str, Vec<Entry<'_>>)> = versions
            .iter()
            .filter_map(|version| Some((version.as_str(), entries(routes.get(version)?))))
            .collect();
        let of_version = |(version, entries): &(&str, Vec<Entry<'_>>)| {
            ((*version).to_owned(), Document::new(&resource_list(group, version, entries)))
        };
        Self {
            root: Document::new(&group_list(group, versions)),
            aggregated: Document::new(&aggregated(group, &entries)),
            group: Document::new(&with_type("APIGroup", "v1", api_group(group, versions))),
            versions: entries.iter().map(of_version).collect(),
        }
    }
}

fn with_type(kind: &str, api_version: &str, mut document: Value) -> Value {
    document["kind"] = kind.into();
    document["apiVersion"] = api_version.into();
    document
}

fn group_list(group: &str, versions: &[String]) -> Value {
    let groups = match versions {
        [] => json!([]),
        _ => json!([api_group(group, versions)]),
    };
    with_type("APIGroupList", "v1", json!({"groups": groups}))
}

fn api_group(group: &str, versions: &[String]) -> Value {
    let shown: Vec<Value> = versions
        .iter()
        .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
        .collect();
    let preferred = shown.first().cloned().unwrap_or_else(|| json!({"groupVersion": "", "version": ""}));
    json!({"name": group, "versions": shown, "preferredVersion": preferred})
}

fn resource_list(group: &str, version: &str, entries: &[Entry<'_>]) -> Value {
    let resources: Vec<Value> = entries.iter().flat_map(Entry::legacy).collect();
    let document = json!({"groupVersion": format!("{group}/{version}"), "resources": resources});
    with_type("APIResourceList", "v1", document)
}

fn aggregated(group: &str, versions: &[(&str, Vec<Entry<'_>>)]) -> Value {
    let shown: Vec<Value> = versions
        .iter()
        .map(|(version, entries)| {
            let resources: Vec<Value> =
                entries.iter().map(|entry| entry.aggregated(group, version)).collect();
            json!({"version": version, "freshness": "Current", "resources": resources})
        })
        .collect();
    let items = match shown.is_empty() {
        true => json!([]),
        false => json!([{"metadata": {"name": group}, "versions": shown}]),
    };
    let document = json!({"metadata": {}, "items": items});
    with_type("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2", document)
}

/// What a version lists, by name.
fn entries(routes: &Routes) -> Vec<Entry<'_>> {
    let mut raw: BTreeMap<&str, BTreeSet<Verb>> = BTreeMap::new();
    for endpoint in routes.endpoints.values() {
        raw.entry(endpoint.first_segment()).or_default().extend(endpoint.verbs());
    }
    let raw = raw.into_iter().map(|(name, verbs)| Entry::raw(name, verbs));
    let mut entries: Vec<_> = routes.resources.values().map(|r| Entry::resource(r)).chain(raw).collect();
    entries.sort_by(|a, b| a.name.cmp(b.name));
    entries
}

// === impl Entry ===

impl<'a> Entry<'a> {
    fn resource(resource: &'a Resource) -> Self {
        Self {
            name: &resource.plural,
            singular: &resource.singular,
            kind: &resource.kind,
            scope: resource.scope,
            verbs: resource.verbs.clone(),
            short_names: &resource.short_names,
            categories: &resource.categories,
            storage_version_hash: Some(storage_version_hash(resource)),
            subresources: Subresource::of(resource),
        }
    }

    fn raw(name: &'a str, verbs: BTreeSet<Verb>) -> Self {
        Self {
            name,
            singular: "",
            kind: RAW_ENDPOINT,
            scope: Scope::Cluster,
            verbs,
            short_names: &[],
            categories: &[],
            storage_version_hash: None,
            subresources: Vec::new(),
        }
    }

    /// The entries of an APIResourceList: the resource, and after it its subresources.
    fn legacy(&self) -> impl Iterator<Item = Value> {
        iter::once(self.legacy_resource()).chain(self.subresources.iter().map(|part| part.legacy(self)))
    }

    fn legacy_resource(&self) -> Value {
        let mut entry = json!({
            "name": self.name,
            "singularName": self.singular,
            "namespaced": self.scope == Scope::Namespaced,
            "kind": self.kind,
            "verbs": words(&self.verbs),
        });
        if let Some(hash) = &self.storage_version_hash {
            entry["storageVersionHash"] = hash.as_str().into();
        }
        self.with_lists(entry)
    }

    /// An entry of an APIVersionDiscovery.
    fn aggregated(&self, group: &str, version: &str) -> Value {
        let scope = match self.scope {
            Scope::Namespaced => "Namespaced",
            Scope::Cluster => "Cluster",
        };
        let mut entry = json!({
            "resource": self.name,
            "responseKind": {"group": group, "version": version, "kind": self.kind},
            "scope": scope,
            "singularResource": self.singular,
            "verbs": words(&self.verbs),
        });
        if !self.subresources.is_empty() {
            entry["subresources"] =
                self.subresources.iter().map(|part| part.aggregated(group, version)).collect();
        }
        self.with_lists(entry)
    }

    fn with_lists(&self, mut entry: Value) -> Value {
        for (key, list) in [("shortNames", self.short_names), ("categories", self.categories)] {
            if !list.is_empty() {
                entry[key] = list.into();
            }
        }
        entry
    }
}

fn words(verbs: &BTreeSet<Verb>) -> Vec<&'static str> {
    verbs.iter().map(|verb| verb.as_str()).collect()
}

// === impl Subresource ===

impl<'a> Subresource<'a> {
    /// Those of a resource, status before scale; none where nothing can be asked of them.
    fn of(resource: &'a Resource) -> Vec<Self> {
        let verbs = resource.subresource_verbs();
        if verbs.is_empty() {
            return Vec::new();
        }
        let status = Self { name: "status", foreign: None, kind: &resource.kind, verbs: verbs.clone() };
        let scale = Self { name: "scale", foreign: Some(("autoscaling", "v1")), kind: "Scale", verbs };
        let declared = [resource.status.then_some(status), resource.scale.is_some().then_some(scale)];
        declared.into_iter().flatten().collect()
    }

    /// An entry of an APIResourceList.
    fn legacy(&self, parent: &Entry<'_>) -> Value {
        let mut entry = json!({
            "name": format!("{}/{}", parent.name, self.name),
            "singularName": "",
            "namespaced": parent.scope == Scope::Namespaced,
            "kind": self.kind,
            "verbs": words(&self.verbs),
        });
        if let Some((group, version)) = self.foreign {
            entry["group"] = group.into();
            entry["version"] = version.into();
        }
        entry
    }

    /// An entry of an APIResourceDiscovery.
    fn aggregated(&self, group: &str, version: &str) -> Value {
        let (group, version) = self.foreign.unwrap_or((group, version));
        json!({
            "subresource": self.name,
            "responseKind": {"group": group, "version": version, "kind": self.kind},
            "verbs": words(&self.verbs),
        })
    }
}

/// Base64 of the first 8 bytes of SHA-256 of `<group>/<storage version>/<kind>`: clients migrate when it changes.
fn storage_version_hash(resource: &Resource) -> String {
    let stored = format!("{}/{}/{}", resource.group, resource.stored().version, resource.kind);
    STANDARD.encode(&Sha256::digest(stored)[..STORAGE_HASH_BYTES])
}
