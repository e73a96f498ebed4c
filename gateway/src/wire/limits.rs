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

/// Watches at once: each holds some kilobytes for as long as it lasts.
const WATCHES: usize = 20_000;
/// Requests with a token whose owner is being found out, at once: each is a request to kube-apiserver.
const AUTHENTICATING: usize = 100;
/// KiB of request bodies that are read and worked on at once. What a body is decoded to can be thirty times as large.
const BODIES_KIB: usize = 12 << 10;
/// The group that repairs clusters.
const MASTERS: &str = "system:masters";

/// Room for requests; more are turned away with 429 rather than queued.
pub(crate) struct InFlight {
    reading: Arc<Semaphore>,
    mutating: Arc<Semaphore>,
    watches: Arc<Semaphore>,
    authenticating: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
}

/// A request's place, given back when it is dropped.
pub(crate) enum Permit {
    /// system:masters must get in to repair things.
    Exempt,
    /// One of the counted ones.
    Counted { _held: OwnedSemaphorePermit },
}

impl Default for InFlight {
    fn default() -> Self {
        let room = |most| Arc::new(Semaphore::new(most));
        Self {
            reading: room(READING),
            mutating: room(MUTATING),
            watches: room(WATCHES),
            authenticating: room(AUTHENTICATING),
            bodies: room(BODIES_KIB),
        }
    }
}

impl InFlight {
    /// A place for finding out who calls; None: there is none.
    pub(crate) fn authenticate(&self) -> Option<OwnedSemaphorePermit> {
        self.authenticating.clone().try_acquire_owned().ok()
    }

    /// Waits for room for a body of so many bytes at the most; the deadline of the request bounds the wait.
    pub(crate) async fn body(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).clamp(1, BODIES_KIB as u32);
        self.bodies.clone().acquire_many_owned(kib).await.ok()
    }

    /// A place for the request; None: there is none.
    pub(crate) fn enter(&self, info: &RequestInfo, user: &User) -> Option<Permit> {
        if user.is_member(MASTERS) {
            return Some(Permit::Exempt);
        }
        let room = match (info.is_watch(), info.mutates()) {
            (true, _) => &self.watches,
            (false, true) => &self.mutating,
            (false, false) => &self.reading,
        };
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
