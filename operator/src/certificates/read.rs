//! Reads the two Secrets, and finds out what makes them useless.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use rcgen::{KeyPair, PublicKeyData};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::{Pem, parse_x509_pem};

use super::{Authority, CertificateError, Leaf};
use crate::children::{CA_CERTIFICATE, CA_KEY, TLS_CERTIFICATE, TLS_KEY};

/// The CA in a group's first Secret.
///
/// # Errors
/// [`CertificateError`], whatever makes it useless; being expired is judged by the decision.
pub(crate) fn read_authority(secret: Option<&Secret>) -> Result<Authority, CertificateError> {
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
    Ok(Authority { certificate, key, not_before, not_after })
}

/// The serving certificate in a group's second Secret: issued by `authority`, for every one of `dns_names`.
///
/// # Errors
/// [`CertificateError`], whatever makes it useless; being expired is judged by the decision.
pub(crate) fn read_leaf(
    secret: Option<&Secret>,
    authority: &Authority,
    dns_names: &[String],
) -> Result<Leaf, CertificateError> {
    let secret = secret.ok_or(CertificateError::Missing)?;
    let certificate = text(secret, TLS_CERTIFICATE)?;
    let key = text(secret, TLS_KEY)?;
    let leaf_pem = pem(&certificate, TLS_CERTIFICATE)?;
    let parsed_leaf = parsed(&leaf_pem, TLS_CERTIFICATE)?;
    check_key(&parsed_leaf, &key, TLS_KEY)?;
    check_issuer(&parsed_leaf, authority)?;
    if text(secret, CA_CERTIFICATE)? != authority.certificate {
        return Err(CertificateError::ForeignIssuer);
    }
    check_names(&parsed_leaf, dns_names)?;
    let (not_before, not_after) = validity(&parsed_leaf, TLS_CERTIFICATE)?;
    Ok(Leaf { certificate, key, not_before, not_after })
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

fn check_issuer(leaf: &X509Certificate<'_>, authority: &Authority) -> Result<(), CertificateError> {
    let pem = pem(&authority.certificate, CA_CERTIFICATE)?;
    let issuer = parsed(&pem, CA_CERTIFICATE)?;
    leaf.verify_signature(Some(issuer.public_key())).map_err(|_| CertificateError::ForeignIssuer)
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
