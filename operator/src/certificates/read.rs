//! Reads the two Secrets, and finds out what makes them useless.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use rcgen::{KeyPair, PublicKeyData};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::{Pem, parse_x509_pem};

use super::{Authority, CertificateError, Leaf};
use crate::children::{CA_CERTIFICATE, CA_KEY, PREVIOUS, TLS_CERTIFICATE, TLS_KEY};

/// What follows each certificate in a bundle.
const END: &str = "-----END CERTIFICATE-----\n";
/// The most CAs before the one that issues: one, unless its Secret is lost time and again.
const MAX_PREVIOUS: usize = 3;

/// Who issued a serving certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// The CA that issues.
    Current,
    /// One before it, which is trusted still.
    Previous,
    /// One that nobody trusts.
    Foreign,
}

/// The CA in a group's first Secret, with those before it that are still valid.
///
/// # Errors
/// [`CertificateError`], whatever makes it useless; being expired is judged by the decision.
pub(crate) fn read_authority(secret: Option<&Secret>, now: Timestamp) -> Result<Authority, CertificateError> {
    let secret = secret.ok_or(CertificateError::Missing)?;
    let certificate = text(secret, CA_CERTIFICATE)?;
    let key = text(secret, CA_KEY)?;
    let pem = pem(&certificate, CA_CERTIFICATE)?;
    let parsed = parsed(&pem, CA_CERTIFICATE)?;
    check_key(&parsed, &key, CA_KEY)?;
    if !parsed.is_ca() {
        return Err(CertificateError::NotAuthority);
    }
    let (not_before, not_after) = validity(&parsed, CA_CERTIFICATE)?;
    let previous = text(secret, PREVIOUS).map(|bundle| valid(&bundle, now)).unwrap_or_default();
    Ok(Authority { certificate, key, previous, not_before, not_after })
}

/// The serving certificate in a group's second Secret, for every one of `dns_names`.
///
/// # Errors
/// [`CertificateError`], whatever makes it useless; its time and its issuer are judged by the decision.
pub(crate) fn read_leaf(secret: Option<&Secret>, dns_names: &[String]) -> Result<Leaf, CertificateError> {
    let secret = secret.ok_or(CertificateError::Missing)?;
    let certificate = text(secret, TLS_CERTIFICATE)?;
    let key = text(secret, TLS_KEY)?;
    let pem = pem(&certificate, TLS_CERTIFICATE)?;
    let parsed = parsed(&pem, TLS_CERTIFICATE)?;
    check_key(&parsed, &key, TLS_KEY)?;
    check_names(&parsed, dns_names)?;
    let (not_before, not_after) = validity(&parsed, TLS_CERTIFICATE)?;
    Ok(Leaf { certificate, key, not_before, not_after })
}

/// The valid CAs that stand beside the serving certificate in its Secret, PEM: what is trusted while the first Secret is lost.
pub(crate) fn companions(secret: Option<&Secret>, now: Timestamp) -> String {
    let bundle = secret.and_then(|secret| text(secret, CA_CERTIFICATE).ok());
    bundle.map(|bundle| valid(&bundle, now)).unwrap_or_default()
}

/// Who issued a serving certificate.
pub(super) fn signer(leaf: &Leaf, authority: &Authority) -> Signer {
    let issued = |issuer: &str| is_issued(leaf, issuer).unwrap_or(false);
    if issued(&authority.certificate) {
        return Signer::Current;
    }
    if authority.previous.split_inclusive(END).any(issued) { Signer::Previous } else { Signer::Foreign }
}

fn is_issued(leaf: &Leaf, issuer: &str) -> Result<bool, CertificateError> {
    let (leaf, issuer) = (pem(&leaf.certificate, TLS_CERTIFICATE)?, pem(issuer, CA_CERTIFICATE)?);
    let (leaf, issuer) = (parsed(&leaf, TLS_CERTIFICATE)?, parsed(&issuer, CA_CERTIFICATE)?);
    Ok(leaf.verify_signature(Some(issuer.public_key())).is_ok())
}

/// The CAs of a bundle that can be read and are not expired, the first few.
pub(super) fn valid(bundle: &str, now: Timestamp) -> String {
    let is_valid = |certificate: &&str| {
        let read = || -> Result<bool, CertificateError> {
            let pem = pem(certificate, CA_CERTIFICATE)?;
            let parsed = parsed(&pem, CA_CERTIFICATE)?;
            Ok(parsed.is_ca() && validity(&parsed, CA_CERTIFICATE)?.1 > now)
        };
        read().unwrap_or(false)
    };
    bundle.split_inclusive(END).filter(is_valid).take(MAX_PREVIOUS).collect()
}

fn text(secret: &Secret, key: &'static str) -> Result<String, CertificateError> {
    let value = secret.data.iter().flatten().find(|(name, _)| *name == key).map(|(_, value)| value.0.clone());
    String::from_utf8(value.ok_or(CertificateError::NoKey(key))?)
        .map_err(|_| CertificateError::Unreadable(key))
}

fn pem(text: &str, key: &'static str) -> Result<Pem, CertificateError> {
    parse_x509_pem(text.as_bytes()).map(|(_, pem)| pem).map_err(|_| CertificateError::Unreadable(key))
}

fn parsed<'a>(pem: &'a Pem, key: &'static str) -> Result<X509Certificate<'a>, CertificateError> {
    pem.parse_x509().map_err(|_| CertificateError::Unreadable(key))
}

fn check_key(
    certificate: &X509Certificate<'_>,
    key: &str,
    name: &'static str,
) -> Result<(), CertificateError> {
    let key = KeyPair::from_pem(key).map_err(|_| CertificateError::Unreadable(name))?;
    if certificate.public_key().raw != key.subject_public_key_info() {
        return Err(CertificateError::KeyMismatch);
    }
    Ok(())
}

fn check_names(leaf: &X509Certificate<'_>, dns_names: &[String]) -> Result<(), CertificateError> {
    let alternatives = leaf
        .subject_alternative_name()
        .map_err(|_| CertificateError::Unreadable(TLS_CERTIFICATE))?
        .map(|extension| extension.value.general_names.clone())
        .unwrap_or_default();
    let has = |wanted: &str| {
        alternatives.iter().any(|name| matches!(name, GeneralName::DNSName(name) if *name == wanted))
    };
    match dns_names.iter().find(|name| !has(name)) {
        Some(missing) => Err(CertificateError::NameMissing(missing.clone())),
        None => Ok(()),
    }
}

fn validity(
    certificate: &X509Certificate<'_>,
    key: &'static str,
) -> Result<(Timestamp, Timestamp), CertificateError> {
    let timestamp = |seconds| Timestamp::from_second(seconds).map_err(|_| CertificateError::Unreadable(key));
    let validity = certificate.validity();
    Ok((timestamp(validity.not_before.timestamp())?, timestamp(validity.not_after.timestamp())?))
}
