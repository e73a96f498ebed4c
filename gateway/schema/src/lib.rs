//! Structural schemas and printer columns, as CustomResourceDefinitions have them.
//!
//! A [`Structural`] is compiled once from an `openAPIV3Schema` and then prunes, defaults and validates every object
//! that is written; [`columns::Columns`] turn objects into Table cells. Texts, paths and reasons of errors are those of
//! Kubernetes 1.36 ([`field`]). What Kubernetes gives a meaning to and this version does not build is refused when the
//! schema is parsed, at its field path.
//!
//! Pure: no clock, no IO. A schema's depth, number of nodes and patterns are limited ([`limits`]).

pub mod columns;
pub mod embedded;
pub mod field;
pub mod jsonpath;
pub mod limits;
pub mod names;

mod age;
mod children;
mod default;
mod format;
mod invariants;
mod keyword;
mod list_type;
mod number;
mod openapi;
mod parse;
mod pattern;
mod prune;
mod structural;
mod unchanged;
mod validate;

pub use structural::Structural;
pub use tributary_expr::gotext;
