//! The schemas right below one, with the way to each.

use crate::field::Path;
use crate::structural::{Additional, Node};

/// What of a value a schema below another describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Child<'a> {
    /// Every item.
    Items,
    /// The field of this name.
    Property(&'a str),
    /// Every other field.
    Additional,
}

impl Child<'_> {
    /// The path of this child of the schema at `at`.
    pub(crate) fn path(self, at: &Path) -> Path {
        match self {
            Self::Items => at.child("items"),
            Self::Property(name) => at.child("properties").key(name),
            Self::Additional => at.child("additionalProperties"),
        }
    }
}

impl Node {
    /// The schemas of items, properties and additionalProperties; those of junctors declare nothing and are none.
    pub(crate) fn children(&self) -> impl Iterator<Item = (Child<'_>, &Node)> {
        let items = self.items.iter().map(|items| (Child::Items, &**items));
        let properties = self.properties.iter().map(|(name, property)| (Child::Property(name), property));
        let additional = match &self.additional {
            Some(Additional::Schema(schema)) => Some((Child::Additional, &**schema)),
            Some(Additional::Allowed(_)) | None => None,
        };
        items.chain(properties).chain(additional)
    }
}
