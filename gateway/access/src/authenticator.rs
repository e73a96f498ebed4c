//! Who makes a request: front proxy headers, client certificate, bearer token, anonymous, in this order.

use std::sync::Arc;

use http::HeaderMap;
use rustls::pki_types::UnixTime;

use crate::bearer::{self, KnownToken, TokenReviewer};
use crate::peer::{Client, FrontProxy, PeerCertificates};
use crate::review::ReviewError;
use crate::trust::Trust;
use crate::user::User;

/// Finds the caller of a request. Cheap to clone; clones share the token cache.
#[derive(Clone)]
pub struct Authenticator {
    trust: Trust,
    tokens: Tokens,
}

/// Whose tokens count.
#[derive(Clone)]
enum Tokens {
    /// Those that the API server accepts; who presents nothing is anonymous.
    Reviewed(TokenReviewer),
    /// One, and nobody is let in without.
    Known(KnownToken),
}

/// The caller is not known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The credentials are not valid: 401, Status reason and message `Unauthorized`.
    #[error("Unauthorized")]
    Unauthorized,
    /// A client certificate was presented before it is known whose are valid: the process has just started.
    #[error("the authorities of client certificates are not known yet")]
    Starting,
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
        Self { trust, tokens: Tokens::Reviewed(TokenReviewer::new(client)) }
    }

    /// One without an API server: it lets in who presents `token`, as `user`, and nobody else.
    #[must_use]
    pub fn of_token(token: &str, user: User) -> Self {
        Self { trust: Trust::new(), tokens: Tokens::Known(KnownToken::new(token, user)) }
    }

    #[cfg(test)]
    pub(crate) fn with_tokens(tokens: TokenReviewer, trust: Trust) -> Self {
        Self { trust, tokens: Tokens::Reviewed(tokens) }
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
        let tokens = match &self.tokens {
            Tokens::Reviewed(tokens) => tokens,
            Tokens::Known(known) => return known.user(headers).ok_or(AuthenticationError::Unauthorized),
        };
        let trust = self.trust.current();
        if trust.is_empty() && !self.trust.synced() && peer.is_presented() {
            return Err(AuthenticationError::Starting);
        }
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
            match tokens.review(token).await.map_err(AuthenticationError::Unavailable)? {
                Some(user) => return Ok(User::clone(&user)),
                None => refused = true,
            }
        }
        if refused { Err(AuthenticationError::Unauthorized) } else { Ok(User::anonymous()) }
    }

    /// Whether the peer is the operator, which a client certificate of the group's own CA proves and nothing else: no
    /// header counts, nor a user of that name.
    #[must_use]
    pub fn is_operator(&self, peer: &PeerCertificates) -> bool {
        peer.verdict(&self.trust.current(), UnixTime::now()).operator
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
