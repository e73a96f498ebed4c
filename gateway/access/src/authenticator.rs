//! Who makes a request: front proxy headers, client certificate, bearer token, anonymous, in this order.

use std::sync::Arc;

use http::HeaderMap;
use rustls::pki_types::UnixTime;

use crate::bearer::{self, TokenReviewer};
use crate::peer::{Client, FrontProxy, PeerCertificates};
use crate::review::ReviewError;
use crate::trust::Trust;
use crate::user::User;

/// Finds the caller of a request. Cheap to clone; clones share the token cache.
#[derive(Clone)]
pub struct Authenticator {
    trust: Trust,
    tokens: TokenReviewer,
}

/// The caller is not known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The credentials are not valid: 401, Status reason and message `Unauthorized`.
    #[error("Unauthorized")]
    Unauthorized,
    /// The token could not be judged, because TokenReview gave no answer. k8s.io/apiserver answers 401 here too.
    #[error("TokenReview: {0}")]
    Unavailable(Arc<ReviewError>),
}

// === impl Authenticator ===

impl Authenticator {
    /// An authenticator under `trust` that has tokens judged by the API server behind `client`, whose identity needs
    /// `system:auth-delegator`.
    #[must_use]
    pub fn new(client: kube::Client, trust: Trust) -> Self {
        Self { trust, tokens: TokenReviewer::new(client) }
    }

    #[cfg(test)]
    pub(crate) fn with_tokens(tokens: TokenReviewer, trust: Trust) -> Self {
        Self { trust, tokens }
    }

    /// The caller. The first method that accepts wins; anonymous is who presented nothing that was refused.
    ///
    /// # Errors
    /// Credentials were refused and none accepted, or TokenReview gave no answer.
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: &PeerCertificates,
    ) -> Result<User, AuthenticationError> {
        let trust = self.trust.current();
        let verdict = peer.verdict(&trust, UnixTime::now());
        let mut refused = verdict.front_proxy == FrontProxy::Refused || verdict.client == Client::Refused;
        if verdict.front_proxy == FrontProxy::Accepted {
            match trust.headers().user(headers) {
                Ok(Some(user)) => return Ok(user.with_authenticated_group()),
                Ok(None) => {}
                Err(_unreadable) => refused = true,
            }
        }
        if let Client::Accepted(user) = &verdict.client {
            return Ok(user.clone());
        }
        if let Some(token) = bearer::token(headers) {
            match self.tokens.review(token).await.map_err(AuthenticationError::Unavailable)? {
                Some(user) => return Ok(User::clone(&user)),
                None => refused = true,
            }
        }
        if refused { Err(AuthenticationError::Unauthorized) } else { Ok(User::anonymous()) }
    }

    /// Removes all identity headers, configured and standard, and Authorization, so that nothing behind the wire
    /// stores, logs or forwards them.
    pub fn strip(&self, headers: &mut HeaderMap) {
        self.trust.current().headers().strip(headers);
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").field("trust", &self.trust).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "authenticator_tests.rs"]
mod tests;
