//! One immutable version of an object.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::key::Key;
use crate::label_set::LabelSet;

/// One immutable, shared version of an object: its canonical JSON, and the few parsed fields that reads need.
///
/// `D` is what its source derives from the object once, at the commit, such as the cells of its table row.
#[derive(Debug)]
pub struct Object<D> {
    /// Canonical JSON and a line feed.
    pub(crate) line: Bytes,
    pub(crate) metadata: Span,
    /// The value of resourceVersion, without its quotes.
    pub(crate) version: Span,
    pub(crate) key: Key,
    pub(crate) uid: String,
    pub(crate) revision: u64,
    pub(crate) labels: LabelSet,
    pub(crate) derived: D,
}

/// A part of a line, in bytes, in half of a range's memory: a line has some megabytes at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// How one reader sees objects: as they are, or in another form of the same version.
pub type Lens<D> = Option<Arc<dyn Fn(&Arc<Object<D>>) -> Arc<Object<D>> + Send + Sync>>;

/// The object through a lens.
pub(crate) fn seen<D>(object: &Arc<Object<D>>, lens: &Lens<D>) -> Arc<Object<D>> {
    match lens {
        None => object.clone(),
        Some(lens) => lens(object),
    }
}

impl<D> Object<D> {
    /// The whole object as canonical JSON, resourceVersion included.
    pub fn bytes(&self) -> &[u8] {
        &self.line[..self.line.len() - 1]
    }

    /// The same with the line feed that ends every JSON answer, ready to be sent. Cloning it copies nothing.
    pub fn line(&self) -> &Bytes {
        &self.line
    }

    /// The value of `metadata` as canonical JSON, braces included.
    pub fn metadata_bytes(&self) -> &[u8] {
        &self.line[self.metadata.range()]
    }

    /// Its place in the collection.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// metadata.uid.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// The revision of the commit that made this version: metadata.resourceVersion.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// metadata.labels.
    pub fn labels(&self) -> &LabelSet {
        &self.labels
    }

    /// What the source derived from this version.
    pub fn derived(&self) -> &D {
        &self.derived
    }

    /// The same object with something else derived from it.
    pub fn with_derived(self, derived: D) -> Self {
        Self { derived, ..self }
    }

    /// The same object with another resourceVersion: the last state of one that is gone carries the revision of
    /// its deletion.
    pub fn at_revision(&self, revision: u64) -> Self
    where
        D: Clone,
    {
        let (metadata, version) = (self.metadata.range(), self.version.range());
        let mut line = Vec::with_capacity(self.line.len() + 8);
        line.extend_from_slice(&self.line[..version.start]);
        let _ = write!(line, "{revision}");
        let end = line.len();
        line.extend_from_slice(&self.line[version.end..]);
        Self {
            metadata: Span::new(metadata.start..metadata.end + line.len() - self.line.len()),
            version: Span::new(version.start..end),
            line: Bytes::from(line),
            key: self.key.clone(),
            uid: self.uid.clone(),
            revision,
            labels: self.labels.clone(),
            derived: self.derived.clone(),
        }
    }
}

// === impl Span ===

impl Span {
    /// Of a longer line nothing would be found; there is none, since bodies are limited long before.
    pub(crate) fn new(range: Range<usize>) -> Self {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: place(range.start), end: place(range.end) }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
