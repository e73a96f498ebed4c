//! What the listener asks of clients in the TLS handshake: a certificate, but never insistently.
//!
//! The handshake proves that the client holds the certificate's key. Whether the chain is trusted is decided per
//! request under the live trust ([`crate::PeerCertificates`]), as kube-apiserver does, so that a change of trust
//! reaches open connections.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use crate::trust::Trust;

/// Different lists of acceptable authorities remembered per verifier. CAs change a few times in a process's life;
/// beyond this many the list is left empty, which asks for a certificate of any authority.
const MAX_HINTS: usize = 64;

/// A verifier that asks for a certificate, requires none, checks the handshake's signature, and names the
/// authorities of both live bundles as acceptable.
#[must_use]
pub fn client_certificate_verifier(trust: Trust) -> Arc<dyn ClientCertVerifier> {
    Arc::new(CertificateRequest {
        provider: Arc::new(rustls::crypto::ring::default_provider()),
        hints: Hints::new(trust.current().subjects().to_vec()),
        trust,
    })
}

#[derive(Debug)]
struct CertificateRequest {
    provider: Arc<CryptoProvider>,
    trust: Trust,
    hints: Hints,
}

/// Lists of subjects, only ever appended: rustls borrows the current one from the verifier, so a list that was lent
/// cannot be replaced.
#[derive(Debug)]
struct Hints {
    subjects: Vec<DistinguishedName>,
    next: OnceLock<Box<Hints>>,
}

// === impl CertificateRequest ===

impl ClientCertVerifier for CertificateRequest {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.hints.lend(self.trust.current().subjects())
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

// === impl Hints ===

impl Hints {
    fn new(subjects: Vec<DistinguishedName>) -> Self {
        Self { subjects, next: OnceLock::new() }
    }

    /// The remembered list equal to `subjects`, appended if it is new.
    fn lend(&self, subjects: &[DistinguishedName]) -> &[DistinguishedName] {
        let mut hints = self;
        for _ in 0..MAX_HINTS {
            if same_names(&hints.subjects, subjects) {
                return &hints.subjects;
            }
            hints = hints.next.get_or_init(|| Box::new(Self::new(subjects.to_vec())));
        }
        &[]
    }
}

fn same_names(one: &[DistinguishedName], other: &[DistinguishedName]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.as_ref() == other.as_ref())
}

#[cfg(test)]
#[path = "certificate_request_tests.rs"]
mod tests;
