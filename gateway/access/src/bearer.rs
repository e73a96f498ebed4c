//! Bearer tokens, judged by TokenReview. Tokens are never kept or logged: the cache knows their SHA-256.
//!
//! Tokens in a websocket subprotocol are not read: the aggregator strips them, and gateways serve no websockets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, header};
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, TokenReviewStatus};
use moka::future::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::review::{self, Patience, ReviewError};
use crate::user::User;

const REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
/// How long an answer, accepted or not, is kept.
const CACHED_FOR: Duration = Duration::from_secs(10);
/// Tokens remembered; a user of 1 KiB each makes this 8 MiB.
const CACHED_TOKENS: u64 = 8192;

/// Judges tokens by asking the API server. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub(crate) struct TokenReviewer {
    client: kube::Client,
    patience: Patience,
    verdicts: Cache<[u8; 32], Option<Arc<User>>>,
}

/// One token whose user is known. Like all tokens it is kept as its SHA-256, by which it is compared, so that the time that
/// takes tells nothing of the token.
#[derive(Clone)]
pub(crate) struct KnownToken {
    digest: [u8; 32],
    user: User,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    status: Option<TokenReviewStatus>,
}

/// The bearer token of a request: the scheme in any case, exactly one space. Other Authorization headers are not
/// ours to judge and count as none.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let mut parts = value.splitn(3, ' ');
    let scheme = parts.next()?;
    let token = parts.next()?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

// === impl KnownToken ===

impl KnownToken {
    pub(crate) fn new(token: &str, user: User) -> Self {
        Self { digest: Sha256::digest(token).into(), user }
    }

    /// The user, if it is this token that the request has.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Option<User> {
        let presented: [u8; 32] = Sha256::digest(token(headers)?).into();
        (presented == self.digest).then(|| self.user.clone())
    }
}

// === impl TokenReviewer ===

impl TokenReviewer {
    pub(crate) fn new(client: kube::Client) -> Self {
        Self::with_patience(client, Patience::KUBERNETES, CACHED_FOR)
    }

    pub(crate) fn with_patience(client: kube::Client, patience: Patience, cached_for: Duration) -> Self {
        let verdicts = Cache::builder().max_capacity(CACHED_TOKENS).time_to_live(cached_for).build();
        Self { client, patience, verdicts }
    }

    /// The token's user, `None` if it is not valid. Equal tokens judged at once share one review.
    pub(crate) async fn review(&self, token: &str) -> Result<Option<Arc<User>>, Arc<ReviewError>> {
        let key: [u8; 32] = Sha256::digest(token).into();
        if let Some(verdict) = self.verdicts.get(&key).await {
            return Ok(verdict);
        }
        self.verdicts.try_get_with(key, self.ask(token)).await
    }

    async fn ask(&self, token: &str) -> Result<Option<Arc<User>>, ReviewError> {
        let spec = TokenReviewSpec { token: token.to_owned(), audiences: None };
        let question = TokenReview { spec, ..Default::default() };
        let answer: Answer = review::post(&self.client, self.patience, REVIEWS, &question).await?;
        let status = answer.status.ok_or(ReviewError::Malformed("a review without status"))?;
        Ok(user(status).map(Arc::new))
    }
}

/// The accepted user. An answer that accepts the token but names nobody accepts nobody.
fn user(status: TokenReviewStatus) -> Option<User> {
    let info = status.user.filter(|_| status.authenticated.unwrap_or_default())?;
    let user = User {
        name: info.username.filter(|name| !name.is_empty())?,
        uid: info.uid.unwrap_or_default(),
        groups: info.groups.unwrap_or_default(),
        extra: info.extra.map(BTreeMap::from_iter).unwrap_or_default(),
    };
    Some(user.with_authenticated_group())
}

#[cfg(test)]
#[path = "bearer_tests.rs"]
mod tests;
