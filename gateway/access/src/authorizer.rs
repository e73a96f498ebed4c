//! Authorization: `system:masters`, the health paths, then a cached SubjectAccessReview as the caller.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::authorization::v1::{
    SubjectAccessReview, SubjectAccessReviewSpec, SubjectAccessReviewStatus,
};
use moka::Equivalent;
use moka::future::Cache;
use serde::Deserialize;

use crate::Attributes;
use crate::review::{self, Patience, ReviewError};
use crate::user::{MASTERS, User};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
/// Paths that everybody may read, exactly these; Kubernetes' default.
const ALWAYS_ALLOWED: [&str; 3] = ["/healthz", "/readyz", "/livez"];
/// How long a decision, allowed or denied, is kept.
const CACHED_FOR: Duration = Duration::from_secs(10);
/// Memory of the cache, in bytes: about 30000 decisions of ordinary users, a few hundred of the largest.
const CACHE_BYTES: u64 = 16 << 20;
/// Attributes of this many bytes are not cached, so that long names cannot flush the cache; Kubernetes' limit.
const MAX_CACHED_ATTRIBUTES: usize = 10_000;
/// What an entry costs beyond its strings, in bytes: key and value structs and the cache's own node.
const ENTRY_OVERHEAD: usize = 400;

/// Decides what callers may do. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub struct Authorizer {
    /// None: there is no API server to ask.
    client: Option<kube::Client>,
    patience: Patience,
    decisions: Cache<Question, Decision>,
}

/// An authorizer's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request may go on.
    Allowed,
    /// 403: no rule allows it.
    Denied {
        /// What the API server said, often empty; clients see it.
        reason: String,
    },
}

/// There is no decision: HTTP 500, `Internal Server Error: "<request URI>": <this text>`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// The review has no answer.
    #[error(transparent)]
    Review(Arc<ReviewError>),
    /// The API server both allowed and denied.
    #[error("webhook subject access review returned both allow and deny response")]
    Contradiction,
}

/// A cached question; compared in full, so equal hashes alone never share a decision.
#[derive(PartialEq, Eq)]
struct Question {
    user: User,
    attributes: Attributes,
}

/// The same question, borrowed: a lookup copies nothing.
struct QuestionRef<'a> {
    user: &'a User,
    attributes: &'a Attributes,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    status: Option<SubjectAccessReviewStatus>,
}

// === impl Authorizer ===

impl Authorizer {
    /// An authorizer that asks the API server behind `client`, whose identity needs `system:auth-delegator`.
    #[must_use]
    pub fn new(client: kube::Client) -> Self {
        Self::with_patience(client, Patience::KUBERNETES, CACHED_FOR)
    }

    /// One without an API server: members of `system:masters` may do everything, others nothing.
    #[must_use]
    pub fn of_masters() -> Self {
        Self::asking(None, Patience::KUBERNETES, CACHED_FOR)
    }

    /// One that is asked about single objects, over and over. What it says is kept half as long as what is said of
    /// requests, and whoever keeps that does so as long, so that all of it is as old as a request's at most.
    #[must_use]
    pub fn of_objects(client: kube::Client) -> Self {
        Self::with_patience(client, Patience::KUBERNETES, CACHED_FOR / 2)
    }

    pub(crate) fn with_patience(client: kube::Client, patience: Patience, cached_for: Duration) -> Self {
        Self::asking(Some(client), patience, cached_for)
    }

    fn asking(client: Option<kube::Client>, patience: Patience, cached_for: Duration) -> Self {
        let decisions = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(|question: &Question, decision| weight(question, decision))
            .time_to_live(cached_for)
            .build();
        Self { client, patience, decisions }
    }

    /// Decides whether `user` may do what `attributes` say. Equal questions asked at once share one review.
    ///
    /// # Errors
    /// The review got no answer within 10 s and five tries, or a contradictory one. Errors are not cached.
    pub async fn authorize(
        &self,
        user: &User,
        attributes: &Attributes,
    ) -> Result<Decision, AuthorizationError> {
        if user.is_member(MASTERS) || is_always_allowed(attributes) {
            return Ok(Decision::Allowed);
        }
        if attributes.size() >= MAX_CACHED_ATTRIBUTES {
            return self.review(user, attributes).await;
        }
        if let Some(decision) = self.decisions.get(&QuestionRef { user, attributes }).await {
            return Ok(decision);
        }
        let question = Question { user: user.clone(), attributes: attributes.clone() };
        let decision = self.decisions.try_get_with(question, self.review(user, attributes)).await;
        decision.map_err(|error| (*error).clone())
    }

    async fn review(&self, user: &User, attributes: &Attributes) -> Result<Decision, AuthorizationError> {
        let Some(client) = &self.client else { return Ok(Decision::Denied { reason: String::new() }) };
        let question = SubjectAccessReview { spec: spec(user, attributes), ..Default::default() };
        let answer: Answer = review::post(client, self.patience, REVIEWS, &question).await?;
        let Some(status) = answer.status else {
            return Err(ReviewError::Malformed("a review without status").into());
        };
        decide(status)
    }
}

impl std::fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorizer").field("patience", &self.patience).finish_non_exhaustive()
    }
}

fn is_always_allowed(attributes: &Attributes) -> bool {
    matches!(attributes, Attributes::NonResource { path, .. } if ALWAYS_ALLOWED.contains(&path.as_str()))
}

fn spec(user: &User, attributes: &Attributes) -> SubjectAccessReviewSpec {
    let (resource_attributes, non_resource_attributes) = attributes.review();
    SubjectAccessReviewSpec {
        user: Some(user.name.clone()),
        uid: (!user.uid.is_empty()).then(|| user.uid.clone()),
        groups: (!user.groups.is_empty()).then(|| user.groups.clone()),
        extra: (!user.extra.is_empty()).then(|| user.extra.clone()),
        resource_attributes,
        non_resource_attributes,
    }
}

fn decide(status: SubjectAccessReviewStatus) -> Result<Decision, AuthorizationError> {
    match (status.allowed, status.denied.unwrap_or_default()) {
        (true, true) => Err(AuthorizationError::Contradiction),
        (true, false) => Ok(Decision::Allowed),
        (false, _) => Ok(Decision::Denied { reason: status.reason.unwrap_or_default() }),
    }
}

/// Bytes that an entry holds, roughly.
fn weight(question: &Question, decision: &Decision) -> u32 {
    let user = &question.user;
    let strings =
        |values: &[String]| values.iter().map(|value| value.len() + size_of::<String>()).sum::<usize>();
    let extra: usize =
        user.extra.iter().map(|(key, values)| key.len() + strings(values) + ENTRY_OVERHEAD).sum();
    let reason = match decision {
        Decision::Allowed => 0,
        Decision::Denied { reason } => reason.len(),
    };
    let bytes = ENTRY_OVERHEAD
        + user.name.len()
        + user.uid.len()
        + strings(&user.groups)
        + extra
        + question.attributes.size()
        + reason;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

// === impl AuthorizationError ===

impl From<ReviewError> for AuthorizationError {
    fn from(error: ReviewError) -> Self {
        Self::Review(Arc::new(error))
    }
}

// === impl Question ===

impl Hash for Question {
    fn hash<H: Hasher>(&self, state: &mut H) {
        QuestionRef { user: &self.user, attributes: &self.attributes }.hash(state);
    }
}

// === impl QuestionRef ===

impl Hash for QuestionRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.user.hash(state);
        self.attributes.hash(state);
    }
}

impl Equivalent<Question> for QuestionRef<'_> {
    fn equivalent(&self, other: &Question) -> bool {
        *self.user == other.user && *self.attributes == other.attributes
    }
}

#[cfg(test)]
#[path = "authorizer_tests.rs"]
mod tests;
