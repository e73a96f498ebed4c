//! What can be asked of a resource.

use std::{fmt, str::FromStr};

/// A verb of a resource. The order is the one in which a CustomResourceDefinition's discovery lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Remove one object.
    Delete,
    /// Remove the objects of a collection.
    DeleteCollection,
    /// Read one object.
    Get,
    /// Read a collection.
    List,
    /// Change a part of one object.
    Patch,
    /// Add one object.
    Create,
    /// Replace one object.
    Update,
    /// Follow the changes of a collection.
    Watch,
}

/// A string that is not a [`Verb`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a verb of a resource: {0:?}")]
pub struct UnknownVerb(pub String);

// === impl Verb ===

impl Verb {
    /// Every verb, in discovery's order.
    pub const ALL: [Self; 8] = [
        Self::Delete,
        Self::DeleteCollection,
        Self::Get,
        Self::List,
        Self::Patch,
        Self::Create,
        Self::Update,
        Self::Watch,
    ];

    /// The word that discovery, RBAC and the definition use: `deletecollection`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Get => "get",
            Self::List => "list",
            Self::Patch => "patch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Watch => "watch",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verb {
    type Err = UnknownVerb;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|v| v.as_str() == s).ok_or_else(|| UnknownVerb(s.to_owned()))
    }
}

impl From<tributary_crds::Verb> for Verb {
    fn from(verb: tributary_crds::Verb) -> Self {
        match verb {
            tributary_crds::Verb::Delete => Self::Delete,
            tributary_crds::Verb::DeleteCollection => Self::DeleteCollection,
            tributary_crds::Verb::Get => Self::Get,
            tributary_crds::Verb::List => Self::List,
            tributary_crds::Verb::Patch => Self::Patch,
            tributary_crds::Verb::Create => Self::Create,
            tributary_crds::Verb::Update => Self::Update,
            tributary_crds::Verb::Watch => Self::Watch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_verbs_are_one_to_one() {
        for verb in Verb::ALL {
            assert_eq!(verb.to_string().parse(), Ok(verb));
        }
        assert_eq!("GET".parse::<Verb>(), Err(UnknownVerb("GET".into())));
    }

    #[test]
    fn the_order_is_that_of_a_crds_discovery() {
        let mut verbs = Verb::ALL;
        verbs.sort();
        let words: Vec<_> = verbs.iter().map(|v| v.as_str()).collect();
        assert_eq!(words.join(" "), "delete deletecollection get list patch create update watch");
    }
}
