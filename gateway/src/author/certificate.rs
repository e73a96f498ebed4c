//! A certificate for this one process: its key is never written anywhere.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use time::{Duration, OffsetDateTime};

/// Clocks of one machine agree; a little for one that is being set.
const BACKDATE: Duration = Duration::hours(1);
/// Longer than anybody leaves it running, and as long as clients accept.
const VALID: Duration = Duration::days(365);

/// What to serve with, and what clients have to trust.
pub(super) struct Certificate {
    /// The CA, PEM.
    pub(super) authority: String,
    pub(super) tls: ServerConfig,
}

// === impl Certificate ===

impl Certificate {
    /// A new CA, and of it a certificate for `address` and `localhost`.
    pub(super) fn issue(address: IpAddr) -> anyhow::Result<Self> {
        let mut authority = params("tributary-gateway serve, CA");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let certificate = authority.self_signed(&authority_key)?;
        let mut leaf = params("tributary-gateway serve");
        leaf.subject_alt_names = vec![SanType::IpAddress(address), SanType::DnsName("localhost".try_into()?)];
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let chain = vec![leaf.signed_by(&key, &Issuer::new(authority, authority_key))?.der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut tls = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key.into())?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { authority: certificate.pem(), tls })
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // rcgen takes a serial of the key, which is new each time.
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now - BACKDATE, now + VALID);
    params
}
