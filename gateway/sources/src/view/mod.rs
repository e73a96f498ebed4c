//! Views: objects computed from objects of the cluster, when those change.
//!
//! The [`Engine`] knows what depends on what; the [`Recipe`] computes. Neither waits, reads a clock or does IO.

mod changes;
mod engine;
mod index;
mod object_id;
mod served;
mod source;

#[cfg(test)]
mod tests;

pub use changes::Changes;
pub use engine::{Affected, Change, Engine, Output, Recipe};
pub use object_id::ObjectId;
pub use source::{Changed, Kept, Listed, Slim};
