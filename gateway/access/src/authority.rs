//! A bundle of certificate authorities, and what it says about a presented chain.
//!
//! Chains are verified by webpki, which trusts an authority without looking at the authority's own certificate, and
//! ignores key usage in every certificate. Go, and therefore kube-apiserver, refuses authorities that are expired,
//! may not sign, or are limited to other usages; those rules are added here.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{DistinguishedName, RootCertStore};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::OID_X509_EXT_EXTENDED_KEY_USAGE;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Version;

/// Every certificate of one PEM bundle. kube-apiserver writes the union over its replicas and rotations.
#[derive(Debug)]
pub struct AuthorityBundle {
    authorities: Vec<Authority>,
}

/// Why a bundle cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The text holds no certificate.
    #[error("no certificate in the bundle")]
    Empty,
    /// A PEM section or certificate cannot be read.
    #[error("certificate {0} of the bundle cannot be read")]
    Malformed(usize),
}

#[derive(Debug)]
struct Authority {
    der: CertificateDer<'static>,
    anchor: TrustAnchor<'static>,
    validity: Validity,
    issues_clients: bool,
}

/// The seconds since the epoch in which a certificate is valid, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    not_before: i64,
    not_after: i64,
}

// === impl AuthorityBundle ===

impl AuthorityBundle {
    /// Reads every certificate of a PEM text. Sections of other kinds and text between sections are skipped.
    ///
    /// # Errors
    /// There is no certificate, or one of them is malformed: then none is used.
    pub fn parse(pem: &str) -> Result<Self, AuthorityError> {
        let mut authorities = Vec::new();
        for (index, der) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
            let authority = der.ok().and_then(Authority::read).ok_or(AuthorityError::Malformed(index))?;
            authorities.push(authority);
        }
        if authorities.is_empty() {
            return Err(AuthorityError::Empty);
        }
        Ok(Self { authorities })
    }

    /// Whether `chain`, leaf first, leads to an authority that is valid now, for client authentication.
    pub(crate) fn accepts(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> bool {
        let Some((leaf, intermediates)) = chain.split_first() else { return false };
        let roots = RootCertStore { roots: self.anchors(now) };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let Ok(verifier) = WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build() else {
            return false; // not one authority is valid now
        };
        let intermediates: Vec<_> = intermediates.iter().filter(|der| may_issue(der)).cloned().collect();
        verifier.verify_client_cert(leaf, &intermediates, now).is_ok()
    }

    fn anchors(&self, now: UnixTime) -> Vec<TrustAnchor<'static>> {
        let usable = self.authorities.iter().filter(|a| a.issues_clients && a.validity.contains(now));
        usable.map(|authority| authority.anchor.clone()).collect()
    }

    /// The authorities' validities: between their edges the verdict on a chain stays the same.
    pub(crate) fn validities(&self) -> impl Iterator<Item = Validity> {
        self.authorities.iter().map(|authority| authority.validity)
    }

    /// The subjects, for the list of acceptable authorities in a CertificateRequest.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = DistinguishedName> {
        self.authorities.iter().map(|authority| DistinguishedName::in_sequence(&authority.anchor.subject))
    }
}

impl PartialEq for AuthorityBundle {
    fn eq(&self, other: &Self) -> bool {
        let ders = |bundle: &Self| bundle.authorities.iter().map(|a| a.der.clone()).collect::<Vec<_>>();
        ders(self) == ders(other)
    }
}

// === impl Authority ===

impl Authority {
    fn read(der: CertificateDer<'static>) -> Option<Self> {
        let mut store = RootCertStore::empty();
        store.add(der.clone()).ok()?;
        let anchor = store.roots.pop()?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        let validity = Validity::of(&certificate);
        let issues_clients = issues_clients(&certificate);
        drop(certificate);
        Some(Self { der, anchor, validity, issues_clients })
    }
}

/// Whether a presented intermediate can be a link of the chain. One that cannot is left out of the search.
fn may_issue(der: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| issues_clients(&certificate))
}

/// Go's rules for a parent: an X.509 v3 certificate must be a CA, and where key usages are named, cert signing and
/// client authentication (or any) must be among them.
fn issues_clients(certificate: &X509Certificate<'_>) -> bool {
    let is_authority = match certificate.basic_constraints() {
        Ok(Some(constraints)) => constraints.value.ca,
        Ok(None) => certificate.version() != X509Version::V3,
        Err(_) => false,
    };
    let signs = match certificate.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.key_cert_sign()),
        Err(_) => false,
    };
    is_authority && signs && serves_clients(certificate)
}

fn serves_clients(certificate: &X509Certificate<'_>) -> bool {
    match certificate.get_extension_unique(&OID_X509_EXT_EXTENDED_KEY_USAGE) {
        Ok(None) => true,
        Ok(Some(_)) => {
            matches!(certificate.extended_key_usage(), Ok(Some(u)) if u.value.any || u.value.client_auth)
        }
        Err(_) => false,
    }
}

// === impl Validity ===

impl Validity {
    pub(crate) fn of(certificate: &X509Certificate<'_>) -> Self {
        let validity = certificate.validity();
        Self { not_before: validity.not_before.timestamp(), not_after: validity.not_after.timestamp() }
    }

    fn contains(&self, now: UnixTime) -> bool {
        (self.not_before..=self.not_after).contains(&seconds(now))
    }

    /// The first second after `now` at which this certificate becomes valid or expires.
    pub(crate) fn next_edge(&self, now: UnixTime) -> Option<u64> {
        let edges = [self.not_before, self.not_after.saturating_add(1)];
        let next = edges.into_iter().filter(|edge| *edge > seconds(now)).min()?;
        u64::try_from(next).ok()
    }
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[path = "authority_tests.rs"]
mod tests;
