//! The certificates of one connection and what the current trust says about them.

use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::pki_types::{CertificateDer, UnixTime};
use tributary_crds::STATE_READER;

use crate::client_certificate::{self, Subject};
use crate::trust::TrustSnapshot;
use crate::user::User;

/// Certificates a client presented on one TLS connection, leaf first, with the verdict on them.
///
/// Verification is repeated only when the trust changes or a certificate involved becomes valid or expires, not per
/// request. Keep one value per connection and share it among the connection's requests.
#[derive(Debug, Default)]
pub struct PeerCertificates {
    chain: Vec<CertificateDer<'static>>,
    verdict: ArcSwapOption<Verdict>,
}

/// What one trust snapshot says about a chain during a span of time.
#[derive(Debug)]
pub(crate) struct Verdict {
    trust: Arc<TrustSnapshot>,
    /// Seconds since the epoch in which no certificate involved becomes valid or expires.
    span: Range<u64>,
    pub(crate) front_proxy: FrontProxy,
    pub(crate) client: Client,
    /// Is it the operator, by a certificate of the group's own CA?
    pub(crate) operator: bool,
}

/// May this peer speak for others?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrontProxy {
    /// No certificate was presented, or there is no request-header CA.
    NotAsked,
    /// The chain does not verify, or its name is not allowed.
    Refused,
    /// It is a front proxy: its identity headers count.
    Accepted,
}

/// Who is this peer by its own certificate?
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// No certificate was presented, there is no client CA, or the certificate has no common name.
    NotAsked,
    /// The chain does not verify, or its subject cannot be read.
    Refused,
    /// The certificate's user, `system:authenticated` included.
    Accepted(User),
}

// === impl PeerCertificates ===

impl PeerCertificates {
    /// Whether there is a certificate.
    pub(crate) fn is_presented(&self) -> bool {
        !self.chain.is_empty()
    }

    /// The chain a client presented, leaf first; empty if it presented none.
    #[must_use]
    pub fn new(chain: Vec<CertificateDer<'static>>) -> Self {
        Self { chain, verdict: ArcSwapOption::empty() }
    }

    /// A connection without client certificate.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The verdict under `trust` at `now`, from memory where it still holds.
    pub(crate) fn verdict(&self, trust: &Arc<TrustSnapshot>, now: UnixTime) -> Arc<Verdict> {
        if let Some(verdict) = self.verdict.load_full().filter(|verdict| verdict.holds(trust, now)) {
            return verdict;
        }
        let verdict = Arc::new(Verdict::reach(&self.chain, trust, now));
        self.verdict.store(Some(Arc::clone(&verdict)));
        verdict
    }
}

// === impl Verdict ===

impl Verdict {
    fn holds(&self, trust: &Arc<TrustSnapshot>, now: UnixTime) -> bool {
        Arc::ptr_eq(&self.trust, trust) && self.span.contains(&now.as_secs())
    }

    fn reach(chain: &[CertificateDer<'static>], trust: &Arc<TrustSnapshot>, now: UnixTime) -> Self {
        Self {
            trust: Arc::clone(trust),
            span: now.as_secs()..next_edge(chain, trust, now),
            front_proxy: FrontProxy::judge(chain, trust, now),
            client: Client::judge(chain, trust, now),
            operator: is_operator(chain, trust, now),
        }
    }
}

/// The first second after `now` at which a presented certificate or an authority becomes valid or expires. A
/// certificate that cannot be read has no edge: it stays refused.
fn next_edge(chain: &[CertificateDer<'static>], trust: &TrustSnapshot, now: UnixTime) -> u64 {
    let presented = chain.iter().filter_map(|der| client_certificate::validity(der).ok());
    let trusted = trust.bundles().flat_map(|bundle| bundle.validities());
    presented.chain(trusted).filter_map(|validity| validity.next_edge(now)).min().unwrap_or(u64::MAX)
}

/// The name goes first: it is read for little, and nobody else has it. The serving certificate, of the same CA, is not for
/// clients.
fn is_operator(chain: &[CertificateDer<'static>], trust: &TrustSnapshot, now: UnixTime) -> bool {
    let (Some(leaf), Some(authorities)) = (chain.first(), trust.group_authorities()) else { return false };
    Subject::read(leaf).is_ok_and(|subject| subject.common_name == STATE_READER)
        && authorities.accepts(chain, now)
}

// === impl FrontProxy ===

impl FrontProxy {
    fn judge(chain: &[CertificateDer<'static>], trust: &TrustSnapshot, now: UnixTime) -> Self {
        let (Some(leaf), Some(authorities)) = (chain.first(), trust.front_proxy_authorities()) else {
            return Self::NotAsked;
        };
        if !authorities.accepts(chain, now) {
            return Self::Refused;
        }
        match Subject::read(leaf) {
            Ok(subject) if trust.headers().allows(&subject.common_name) => Self::Accepted,
            Ok(subject) => {
                tracing::debug!(name = subject.common_name, "not an allowed front proxy");
                Self::Refused
            }
            Err(_) => Self::Refused,
        }
    }
}

// === impl Client ===

impl Client {
    fn judge(chain: &[CertificateDer<'static>], trust: &TrustSnapshot, now: UnixTime) -> Self {
        let (Some(leaf), Some(authorities)) = (chain.first(), trust.client_authorities()) else {
            return Self::NotAsked;
        };
        if !authorities.accepts(chain, now) {
            return Self::Refused;
        }
        match Subject::read(leaf).and_then(Subject::into_user) {
            Ok(Some(user)) => Self::Accepted(user.with_authenticated_group()),
            Ok(None) => Self::NotAsked,
            Err(_) => Self::Refused,
        }
    }
}
