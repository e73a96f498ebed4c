//! An object of a source, and the answers that have some.

use std::borrow::Cow;
use std::sync::Arc;

use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::failure::Stop;

/// An object of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceObject {
    /// metadata.namespace; empty: none.
    pub namespace: Arc<str>,
    /// metadata.name.
    pub name: Arc<str>,
    /// metadata.resourceVersion, if it is a number.
    pub revision: Option<u64>,
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

/// What a line tells.
pub(super) enum Told {
    Applied(SourceObject),
    Deleted(SourceObject),
    Bookmark,
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
        let Head { metadata } = serde_json::from_str(json).ok()?;
        Some(Self {
            namespace: metadata.namespace.as_deref().unwrap_or_default().into(),
            name: metadata.name?.into(),
            revision: metadata.resource_version.as_deref().and_then(revision),
            json: json.into(),
        })
    }
}

/// A version as a number.
pub(super) fn revision(version: &str) -> Option<u64> {
    version.parse().ok()
}

// === impl Page ===

impl<'a> Page<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Stop> {
        Ok(serde_json::from_str(text)?)
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

    /// The version that the watch has come to; none of what has no metadata.
    pub(super) fn version(&self) -> Option<String> {
        let head: Head<'_> = serde_json::from_str(self.object.get()).ok()?;
        head.metadata.resource_version.map(Cow::into_owned).filter(|version| !version.is_empty())
    }

    /// What it tells; none of an object without a name, and of what is not known.
    pub(super) fn told(&self) -> Result<Option<Told>, Stop> {
        let object = || SourceObject::read(self.object.get());
        Ok(match &*self.kind {
            "ADDED" | "MODIFIED" => object().map(Told::Applied),
            "DELETED" => object().map(Told::Deleted),
            "BOOKMARK" => Some(Told::Bookmark),
            "ERROR" => return Err(Stop::of_status(&serde_json::from_str::<Status>(self.object.get())?)),
            _ => None,
        })
    }
}
