//! `AggregatedAPI` → [`Compiled`]: what a gateway serves, and what the operator checks before it accepts.
//!
//! [`compile`] is pure (no clock, no IO, no async): equal definitions give equal results on every replica, byte for
//! byte. Either everything is compiled — names, schemas, columns, raw endpoints, discovery and OpenAPI documents,
//! encoded with their ETags — or every error is returned with its field path. What the contract promises and this
//! version does not build is refused here, at its own path, and nowhere else.

mod clash;
mod compiled;
mod discovery;
mod document;
mod endpoint;
mod field_path;
mod gateway;
mod group;
mod limits;
mod names;
mod openapi;
mod resource;
mod resource_version;
mod selectable;
mod subresource;
#[cfg(test)]
mod tests;
mod verb;
mod version;
mod view;
mod visible;

pub use compiled::{Compiled, compile};
pub use discovery::Discovery;
pub use document::Document;
pub use endpoint::{Endpoint, HttpMethod, StaticResponse};
pub use field_path::JsonFieldPath;
pub use gateway::Storage;
pub use openapi::OpenApi;
pub use resource::{Resource, Scope, Source};
pub use subresource::Scale;
pub use verb::{UnknownVerb, Verb};
pub use view::{Join, NEVER_SHOWN, View};
pub use visible::VisibleIf;

pub use tributary_crds::{ReadAs, SourceReason, SourceReference};
pub use tributary_schema::field;
