//! The OpenAPI documents of the group, as apiextensions-apiserver's builder makes them for CustomResourceDefinitions,
//! restricted to the verbs that are served.
//!
//! The definitions that every group shares (ObjectMeta, Status, DeleteOptions …) are upstream's to the letter
//! (`data/`): kube-apiserver would rename any other to `…_v2` when it merges the documents.

mod endpoint;
mod operation;
mod place;
mod schema;
mod shared;
#[cfg(test)]
mod tests;
mod v2;
mod v3;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Document;
use crate::compiled::Routes;

/// The OpenAPI documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenApi {
    /// `GET /openapi/v2`: every version.
    pub v2: Document,
    /// `GET /openapi/v3`: where the documents of `v3` are, each with its hash.
    pub v3_root: Document,
    /// `GET /openapi/v3/<key>` by key: `apis/<group>/<version>`.
    pub v3: BTreeMap<String, Document>,
}

// === impl OpenApi ===

impl OpenApi {
    /// `versions` in order of preference, each a key of `routes`.
    pub(crate) fn new(group: &str, versions: &[String], routes: &BTreeMap<String, Routes>) -> Self {
        let served = || versions.iter().filter_map(|version| Some((version, routes.get(version)?)));
        let v3: BTreeMap<String, Document> = served()
            .map(|(version, routes)| {
                let document = Document::new(&v3::document(group, version, routes));
                (format!("apis/{group}/{version}"), document)
            })
            .collect();
        Self { v2: Document::new(&v2::document(group, served())), v3_root: Document::new(&root(&v3)), v3 }
    }
}

fn root(documents: &BTreeMap<String, Document>) -> Value {
    let paths: serde_json::Map<String, Value> = documents
        .iter()
        .map(|(key, document)| {
            let url = format!("/openapi/v3/{key}?hash={}", document.hash());
            (key.clone(), json!({"serverRelativeURL": url}))
        })
        .collect();
    json!({"paths": paths})
}

/// The `info` of a document. It has no version of ours: equal definitions have equal documents in every release.
fn info(group: &str) -> Value {
    json!({"title": group, "version": "unversioned"})
}
