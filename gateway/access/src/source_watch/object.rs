//! An object of a source, and the answers that have some.

use std::borrow::Cow;
use std::sync::Arc;

use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::SourceEvent;
use super::failure::Stop;

/// An object of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceObject {
    /// metadata.namespace; empty: none.
    pub namespace: Arc<str>,
    /// metadata.name.
    pub name: Arc<str>,
    /// metadata.resourceVersion; 0: none that is a number.
    pub revision: u64,
    /// All of it, as it was sent.
    pub json: Box<str>,
}

/// One page of a list.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(default)]
    pub(super) metadata: PageMetadata,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PageMetadata {
    /// Opaque; None is no list that could be watched.
    pub(super) resource_version: Option<String>,
    #[serde(rename = "continue")]
    pub(super) next: Option<String>,
}

/// One line of a watch.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    namespace: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_version: Option<Cow<'a, str>>,
}

// === impl SourceObject ===

impl SourceObject {
    /// Reads an object; none of what has no name.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        Head::read(json)?.object(json)
    }
}

// === impl Head ===

impl<'a> Head<'a> {
    fn read(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The object whose head this is; none of what has no name.
    fn object(&self, json: &str) -> Option<SourceObject> {
        Some(SourceObject {
            namespace: self.metadata.namespace.as_deref().unwrap_or_default().into(),
            name: self.metadata.name.as_deref()?.into(),
            revision: self.metadata.resource_version.as_deref().map_or(0, revision),
            json: json.into(),
        })
    }
}

/// A version as a number that others can come after; 0: it is none.
pub(super) fn revision(version: &str) -> u64 {
    version.parse().ok().filter(|revision| *revision <= i64::MAX as u64).unwrap_or_default()
}

// === impl Page ===

impl<'a> Page<'a> {
    pub(super) fn read(text: &'a [u8]) -> Result<Self, Stop> {
        Ok(serde_json::from_slice(text)?)
    }

    /// That of the list; 0: none that is a number.
    pub(super) fn revision(&self) -> u64 {
        self.metadata.resource_version.as_deref().map_or(0, revision)
    }

    /// The objects; those without a name are left out.
    pub(super) fn objects(&self) -> impl Iterator<Item = SourceObject> {
        self.items.iter().flatten().filter_map(|item| SourceObject::read(item.get()))
    }
}

// === impl Line ===

impl<'a> Line<'a> {
    pub(super) fn read(text: &'a [u8]) -> Result<Self, Stop> {
        Ok(serde_json::from_slice(text)?)
    }

    /// What it tells, and the version that the watch has come to: nothing of an object without a name and of what is not
    /// known, no version of what has none.
    pub(super) fn tell(&self) -> Result<(Option<SourceEvent>, Option<String>), Stop> {
        let json = self.object.get();
        if self.kind == "ERROR" {
            return Err(Stop::of_status(&serde_json::from_str::<Status>(json)?));
        }
        let Some(head) = Head::read(json) else { return Ok((None, None)) };
        let version = head.metadata.resource_version.as_deref().filter(|version| !version.is_empty());
        let event = match &*self.kind {
            "ADDED" | "MODIFIED" => head.object(json).map(SourceEvent::Applied),
            "DELETED" => head.object(json).map(SourceEvent::Deleted),
            "BOOKMARK" => version.map(revision).filter(|revision| *revision > 0).map(SourceEvent::Reached),
            _ => None,
        };
        Ok((event, version.map(str::to_owned)))
    }
}
