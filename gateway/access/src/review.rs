//! Reviews: questions put to kube-apiserver by POST, with retries inside one deadline.
//!
//! Requests are built here rather than by `kube::Api`, because the client logs bodies it cannot decode and the body
//! of a TokenReview holds the token.

use std::time::Duration;

use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use rand::Rng;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::time::Instant;

/// Largest answer read, in bytes: a review echoes its question, whose size the listener's header limits bound.
const MAX_ANSWER: usize = 4 << 20;
/// Tries of one review, as in Kubernetes' delegating authenticator and authorizer.
const TRIES: u32 = 5;
/// Growth of the delay from try to try.
const BACKOFF_FACTOR: f64 = 1.5;
/// Largest share by which a delay is lengthened, so that callers do not retry in step.
const BACKOFF_JITTER: f64 = 0.2;

/// How long one review may take and how it is repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Time for all tries together.
    pub(crate) deadline: Duration,
    /// Delay before the second try.
    pub(crate) first_delay: Duration,
}

/// Why a review has no answer. The texts hold neither the question nor tokens.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReviewError {
    /// kube-apiserver refused the review itself, for instance for lack of RBAC.
    #[error("{message}")]
    Refused {
        /// HTTP status code.
        code: u16,
        /// `message` of the Status, or the code's name.
        message: String,
    },
    /// No answer: connect, TLS, or a connection lost.
    #[error("{0}")]
    Unreachable(String),
    /// The answer was too long or not the object expected.
    #[error("unexpected answer: {0}")]
    Malformed(&'static str),
    /// The deadline passed.
    #[error("context deadline exceeded")]
    DeadlineExceeded,
}

/// A try that failed, and whether another may succeed.
struct Failure {
    error: ReviewError,
    retry: bool,
    retry_after: Option<Duration>,
}

#[derive(Deserialize)]
struct StatusMessage {
    #[serde(default)]
    message: String,
}

// === impl Patience ===

impl Patience {
    /// Kubernetes' values: 10 s in all, 500 ms before the second try.
    pub(crate) const KUBERNETES: Self =
        Self { deadline: Duration::from_secs(10), first_delay: Duration::from_millis(500) };

    /// The delay after try number `tries` (from 1), before a server's Retry-After.
    fn delay(&self, tries: u32) -> Duration {
        let growth = BACKOFF_FACTOR.powi(tries.saturating_sub(1) as i32);
        let jitter = 1.0 + rand::rng().random::<f64>() * BACKOFF_JITTER;
        self.first_delay.mul_f64(growth * jitter)
    }
}

/// Posts `question` to `path` and decodes the answer. Repeats on 429, 5xx, Retry-After and network failures.
pub(crate) async fn post<A: DeserializeOwned>(
    client: &kube::Client,
    patience: Patience,
    path: &str,
    question: &impl Serialize,
) -> Result<A, ReviewError> {
    let question =
        serde_json::to_vec(question).map_err(|_| ReviewError::Malformed("question cannot be encoded"))?;
    let request = || {
        Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Body::from(question.clone()))
            .map_err(|_| ReviewError::Malformed("request cannot be built"))
    };
    ask(client, patience, request).await
}

/// Gets `path` and decodes the answer, with the same patience.
pub(crate) async fn get<A: DeserializeOwned>(
    client: &kube::Client,
    patience: Patience,
    path: &str,
) -> Result<A, ReviewError> {
    let request = || {
        Request::get(path)
            .header(header::ACCEPT, "application/json")
            .body(Body::empty())
            .map_err(|_| ReviewError::Malformed("request cannot be built"))
    };
    ask(client, patience, request).await
}

async fn ask<A: DeserializeOwned>(
    client: &kube::Client,
    patience: Patience,
    request: impl Fn() -> Result<Request<Body>, ReviewError>,
) -> Result<A, ReviewError> {
    let deadline = Instant::now() + patience.deadline;
    let mut tries = 0;
    loop {
        tries += 1;
        let attempt = tokio::time::timeout_at(deadline, try_once(client, request()?)).await;
        let failure = match attempt {
            Err(_elapsed) => return Err(ReviewError::DeadlineExceeded),
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(failure)) => failure,
        };
        let next = Instant::now() + patience.delay(tries).max(failure.retry_after.unwrap_or_default());
        if !failure.retry || tries == TRIES || next >= deadline {
            return Err(failure.error);
        }
        tokio::time::sleep_until(next).await;
    }
}

async fn try_once<A: DeserializeOwned>(client: &kube::Client, request: Request<Body>) -> Result<A, Failure> {
    let response = client.send(request).await.map_err(|error| Failure::network(&error))?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    if !head.status.is_success() {
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        return Err(Failure::status(head.status, &head.headers, &body));
    }
    let body = body.map_err(|_| Failure::lost())?.to_bytes();
    serde_json::from_slice(&body).map_err(|_| Failure::malformed("not the expected object"))
}

// === impl Failure ===

impl Failure {
    fn network(error: &kube::Error) -> Self {
        Self { error: ReviewError::Unreachable(error.to_string()), retry: true, retry_after: None }
    }

    fn lost() -> Self {
        let error = ReviewError::Unreachable("the answer was cut off".into());
        Self { error, retry: true, retry_after: None }
    }

    fn malformed(what: &'static str) -> Self {
        Self { error: ReviewError::Malformed(what), retry: false, retry_after: None }
    }

    /// A Status answer.
    fn status(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let message = refusal_message(code, body);
        let retry_after = retry_after(headers);
        Self {
            error: ReviewError::Refused { code: code.as_u16(), message },
            retry: code == StatusCode::TOO_MANY_REQUESTS || code.is_server_error() || retry_after.is_some(),
            retry_after,
        }
    }
}

/// What a refusal says. Only the message of a Status is kept: bodies of other shapes are not shown.
pub(crate) fn refusal_message(code: StatusCode, body: &[u8]) -> String {
    let message =
        serde_json::from_slice(body).map(|status: StatusMessage| status.message).unwrap_or_default();
    if message.is_empty() { code.to_string() } else { message }
}

/// Retry-After in seconds; Kubernetes never sends the date form.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_by_half_with_a_fifth_of_jitter() {
        for (tries, least) in [(1, 500.0), (2, 750.0), (3, 1125.0), (4, 1687.5)] {
            let delay = Patience::KUBERNETES.delay(tries).as_secs_f64() * 1000.0;
            assert!((least..=least * 1.2).contains(&delay), "try {tries}: {delay} ms");
        }
    }

    #[test]
    fn statuses_are_classified() {
        let check = |code: u16, retry_after: Option<&str>, body: &str, retry: bool, text: &str| {
            let mut headers = HeaderMap::new();
            if let Some(value) = retry_after {
                headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            }
            let failure = Failure::status(StatusCode::from_u16(code).unwrap(), &headers, body.as_bytes());
            assert_eq!(failure.retry, retry, "{code}");
            assert_eq!(failure.error.to_string(), text, "{code}");
        };
        check(429, Some("1"), r#"{"message":"slow down"}"#, true, "slow down");
        check(500, None, r#"{"message":"broken"}"#, true, "broken");
        check(503, None, "<html>secret</html>", true, "503 Service Unavailable");
        check(403, None, r#"{"message":"no"}"#, false, "no");
        check(409, Some("2"), "{}", true, "409 Conflict");
        check(400, Some("tomorrow"), "{}", false, "400 Bad Request");
    }
}
