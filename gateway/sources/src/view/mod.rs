//! Views: objects computed from objects of the cluster, when those change.
//!
//! The [`Engine`] knows what depends on what; the [`Recipe`] computes. Neither waits, reads a clock or does IO.

mod engine;
mod index;
mod object_id;
mod served;

#[cfg(test)]
mod tests;

pub use engine::{Affected, Change, Engine, Output, Recipe, Slim};
pub use object_id::ObjectId;
