//! The wire: HTTP on one side, the registry on the other.

mod api;
mod body;
mod chain;
mod compress;
mod discovery;
mod encoding;
mod endpoints;
mod forbidden;
mod groups;
pub(crate) mod health;
mod index;
mod limits;
mod list_body;
mod negotiate;
mod pretty;
mod query;
mod represent;
mod request_info;
mod respond;
mod server;
mod sources;
mod state;
mod syntax;
mod value;
mod viewer;
mod watch;
pub(crate) mod yaml;

pub(crate) use groups::{Groups, groups_router};
pub(crate) use health::Readiness;
pub(crate) use limits::InFlight;
pub(crate) use request_info::{RequestInfo, ResourceInfo};
pub(crate) use server::{Server, router, stand_in_router};
pub(crate) use state::OwnState;
