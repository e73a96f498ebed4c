//! The verbs of a resource: what a request means, once HTTP is taken off and before HTTP is put on.
//!
//! A [`Registry`] holds the published definition and the objects of its resources; a [`Resource`] does the
//! verbs on one of them and speaks [`Status`] where it refuses.

mod create;
mod delete;
mod metadata;
mod options;
mod published;
mod read;
mod resource;
mod status;
mod token;

pub use create::{Created, CreatedObject};
pub use delete::Deleted;
pub use options::{
    CreateOptions, DeleteOptions, FieldValidation, GetOptions, ListOptions, Parameters, Preconditions,
};
pub use published::{Published, Registry};
pub use read::List;
pub use resource::{Address, NamespaceState, Namespaces, Resource, Row, Version};
pub use status::{Cause, Details, Reason, Status};

#[cfg(test)]
mod registry_tests;
