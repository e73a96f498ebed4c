//! Certificate authorities: those of the cluster, and foreign ones.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

/// A CA that certificates can be had from.
pub(crate) struct Authority {
    pub(crate) certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What a certificate says of its holder.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) common_name: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) dns_name: &'a str,
    pub(crate) expired: bool,
}

/// A certificate with its key, PEM.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

// === impl Authority ===

impl Authority {
    /// A new CA that nobody knows.
    pub(crate) fn foreign(name: &str) -> Self {
        let mut params = params(Subject { common_name: name, ..Subject::default() });
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// The CA in `<pki>/<name>.crt` and `.key`.
    pub(crate) fn read(pki: &Path, name: &str) -> Self {
        let read = |extension: &str| {
            let file = pki.join(name).with_extension(extension);
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        };
        let (certificate, key) = (read("crt"), KeyPair::from_pem(&read("key")).unwrap());
        let issuer = Issuer::from_ca_cert_pem(&certificate, key).unwrap();
        Self { certificate, issuer }
    }

    /// A certificate for clients and servers.
    pub(crate) fn issue(&self, subject: Subject<'_>) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params(subject).signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}

fn params(subject: Subject<'_>) -> CertificateParams {
    let names: Vec<String> =
        Some(subject.dns_name.to_owned()).filter(|name| !name.is_empty()).into_iter().collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, subject.common_name);
    if !subject.organization.is_empty() {
        params.distinguished_name.push(DnType::OrganizationName, subject.organization);
    }
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    params.serial_number = Some(SerialNumber::from(rand::random::<u64>() >> 1));
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::hours(2);
    params.not_after = if subject.expired { now - Duration::hours(1) } else { now + Duration::hours(2) };
    params
}

// === impl Identity ===

impl Identity {
    /// Reads certificate and key from `<pki>/<name>.crt` and `.key`.
    pub(crate) fn read(pki: &Path, name: &str) -> Self {
        let read =
            |extension: &str| std::fs::read_to_string(pki.join(name).with_extension(extension)).unwrap();
        Self { certificate: read("crt"), key: read("key") }
    }

    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        certificates(&self.certificate)
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}

/// The certificates of a PEM bundle.
pub(crate) fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().unwrap()
}
