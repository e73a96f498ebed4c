//! How large what is read of a text becomes: aliases can make much of little.

use super::refusal::Undecodable;

/// The most that a document may come to: what its text has, as JSON, and what anchors and aliases copy of it. A
/// body has 3 MiB at the most, and so would all of it as JSON.
const SIZE_MOST: usize = 6 << 20;
/// What a node counts beside its text, in bytes.
pub(super) const NODE: usize = 4;

/// Bytes that may still come.
pub(super) struct Budget(usize);

/// How large a node is with all that is in it.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    /// Bytes that it comes to.
    pub(super) size: usize,
    /// Collections within each other.
    pub(super) height: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self(SIZE_MOST)
    }
}

impl Budget {
    /// Takes off what comes.
    pub(super) fn charge(&mut self, size: usize) -> Result<usize, Undecodable> {
        match self.0.checked_sub(size) {
            Some(left) => {
                self.0 = left;
                Ok(size)
            }
            None => Err(Undecodable::yaml("document contains excessive aliasing")),
        }
    }
}

impl Extent {
    /// The same with one more node in it.
    pub(super) fn hold(&mut self, node: Self) {
        self.size += node.size;
        self.height = self.height.max(node.height + 1);
    }
}
