//! The verbs of a resource: what a request means, once HTTP is taken off and before HTTP is put on.
//!
//! A [`Registry`] holds the published definition and the objects of its resources; a [`Resource`] does the
//! verbs on one of them and speaks [`Status`] where it refuses.

mod admission;
mod change;
mod create;
mod delete;
mod delete_collection;
mod duplicates;
mod embedded;
mod expiry;
mod field_manager;
mod left_behind;
mod metadata;
mod mismatch;
mod numbers;
mod options;
mod patch;
mod published;
mod read;
mod receive;
mod resource;
mod restored;
mod row;
mod scale;
mod status;
mod token;
mod type_meta;
mod unwritten;
mod update;
mod validation;
mod versions;
mod view;
mod visible;
mod watch;

pub use create::{Written, WrittenObject};
pub use delete::Deleted;
pub use duplicates::Duplicates;
pub use left_behind::{KeptError, LeftBehind};
pub use options::{
    DeleteOptions, FieldValidation, GetOptions, ListOptions, Parameters, Preconditions, Propagation, Start,
    WatchOptions, WriteOptions,
};
pub use patch::Patch;
pub use published::{Published, Registry};
pub use read::List;
pub use resource::{Address, NamespaceState, Namespaces, Resource, Version};
pub use row::Row;
pub use scale::WrittenScale;
pub use status::{Cause, Details, Reason, Status};
pub use type_meta::check_type_meta;
pub use update::{Change, Part};
pub use view::{SourceFault, ViewFeed, ViewReport, ViewState};
pub use visible::{Guard, Viewer, VisibleWatch};
pub use watch::{Told, Watch};

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
mod subresource_tests;
#[cfg(test)]
mod update_tests;
#[cfg(test)]
mod versions_tests;
#[cfg(test)]
mod watch_tests;
