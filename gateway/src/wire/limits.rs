//! How many requests are worked on at once (apiserver, `maxinflight.go`).

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tributary_access::User;

use super::request_info::RequestInfo;
use super::respond;

/// Requests that read, at once.
const READING: usize = 400;
/// Requests that write, at once.
const MUTATING: usize = 200;

/// The group that repairs clusters.
const MASTERS: &str = "system:masters";

/// Room for requests; more are turned away with 429 rather than queued.
pub(crate) struct InFlight {
    reading: Arc<Semaphore>,
    mutating: Arc<Semaphore>,
}

/// A request's place, given back when it is dropped.
pub(crate) enum Permit {
    /// Watches last, and system:masters must get in to repair things: neither counts.
    Exempt,
    /// One of the counted ones.
    Counted { _held: OwnedSemaphorePermit },
}

impl Default for InFlight {
    fn default() -> Self {
        Self { reading: Arc::new(Semaphore::new(READING)), mutating: Arc::new(Semaphore::new(MUTATING)) }
    }
}

impl InFlight {
    /// A place for the request; None: there is none.
    pub(crate) fn enter(&self, info: &RequestInfo, user: &User) -> Option<Permit> {
        if info.is_watch() || user.is_member(MASTERS) {
            return Some(Permit::Exempt);
        }
        let room = if info.mutates() { &self.mutating } else { &self.reading };
        room.clone().try_acquire_owned().ok().map(|held| Permit::Counted { _held: held })
    }
}

/// The answer where there is no room.
pub(crate) fn too_many() -> Response {
    let text = "Too many requests, please try again later.\n";
    let mut response = respond::text(StatusCode::TOO_MANY_REQUESTS, text).into_response();
    response.headers_mut().insert(RETRY_AFTER, 1.into());
    response
}
