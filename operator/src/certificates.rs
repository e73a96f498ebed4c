//! A group's CA and serving certificate: read from its two Secrets, decided upon, issued.

mod decision;
mod issue;
mod read;
mod renew;
mod terms;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use thiserror::Error;

pub(crate) use issue::issue_reader;
#[cfg(test)]
pub(crate) use issue::{issue_authority, issue_leaf};
pub(crate) use read::{companions, read_authority, read_leaf};
pub(crate) use renew::{Observed, Renewed, Stand, renew};
pub(crate) use terms::Terms;

use crate::group::hex;

/// The CA that issues, and those that are still trusted: PEM texts, and what was read of them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// The certificate, PEM.
    pub(crate) certificate: String,
    /// The private key, PEM.
    pub(crate) key: String,
    /// The certificates of CAs before it, of which gateways may still serve with a certificate, PEM; empty when all have
    /// changed over.
    pub(crate) previous: String,
    /// From when it is valid.
    pub(crate) not_before: Timestamp,
    /// Until when it is valid.
    pub(crate) not_after: Timestamp,
}

/// A serving certificate: PEM texts, and what was read of them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// The certificate, PEM.
    pub(crate) certificate: String,
    /// The private key, PEM.
    pub(crate) key: String,
    /// From when it is valid.
    pub(crate) not_before: Timestamp,
    /// Until when it is valid.
    pub(crate) not_after: Timestamp,
}

/// Why a Secret cannot be used, or nothing could be issued. The texts never hold what was in the Secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum CertificateError {
    /// There is no such Secret.
    #[error("there is none")]
    Missing,
    /// The Secret lacks a key.
    #[error("the Secret has no {0}")]
    NoKey(&'static str),
    /// A value cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// Certificate and key do not belong together.
    #[error("certificate and key do not belong together")]
    KeyMismatch,
    /// A certificate that must be a CA's is not.
    #[error("the certificate is not a CA's")]
    NotAuthority,
    /// The serving certificate lacks a name.
    #[error("the certificate is not for {0}")]
    NameMissing(String),
    /// Something could not be issued.
    #[error("cannot issue: {0}")]
    Issue(String),
}

// === impl Authority ===

impl Authority {
    /// What whoever calls a gateway is to trust, PEM: the caBundle of APIServices.
    pub(crate) fn bundle(&self) -> String {
        format!("{}{}", self.certificate, self.previous)
    }
}

// === impl Leaf ===

impl Leaf {
    /// SHA-256 of the certificate, lower-case hexadecimal, as gateways tell it; none if it cannot be read.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).ok()?;
        Some(hex(&Sha256::digest(&certificate)))
    }
}

// Keys must not reach a log by way of a derived Debug.
impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leaf").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}
