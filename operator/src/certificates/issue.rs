//! Issues CAs, serving certificates, and the client certificates of the operator itself: ECDSA P-256, random serials, explicit validity.

use jiff::{SignedDuration, Timestamp};
use rand::RngCore;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SerialNumber,
};
use time::OffsetDateTime;
use tributary_crds::STATE_READER;

use super::{Authority, CertificateError, Leaf, Terms};

/// How far back validity begins: clocks of nodes differ.
const BACKDATE: SignedDuration = SignedDuration::from_mins(5);
/// How long a client certificate of the operator lives: longer than a poll, and than clocks differ.
const READER: SignedDuration = SignedDuration::from_mins(10);
/// The bytes of a serial: RFC 5280 allows 20, and wants at least 64 random bits.
const SERIAL_LENGTH: usize = 16;
/// The longest common name, as X.509 has it.
const MAX_COMMON_NAME: usize = 64;

/// A new CA for the group `name`.
///
/// # Errors
/// [`CertificateError::Issue`] when no key can be made.
pub(crate) fn issue_authority(
    name: &str,
    terms: &Terms,
    now: Timestamp,
) -> Result<Authority, CertificateError> {
    let not_before = second(now - BACKDATE)?;
    let not_after = second(now.checked_add(terms.authority).map_err(issue)?)?;
    let mut params = params(name, not_before, not_after)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(issue)?;
    let certificate = params.self_signed(&key).map_err(issue)?;
    Ok(Authority {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
        previous: String::new(),
        not_before,
        not_after,
    })
}

/// A new serving certificate for `dns_names`, issued by `authority`, which it does not outlive.
///
/// # Errors
/// [`CertificateError::Issue`] when the authority cannot be used or no key can be made.
pub(crate) fn issue_leaf(
    authority: &Authority,
    dns_names: &[String],
    terms: &Terms,
    now: Timestamp,
) -> Result<Leaf, CertificateError> {
    let not_before = second(now - BACKDATE)?.max(authority.not_before);
    let not_after = second(now.checked_add(terms.leaf).map_err(issue)?)?.min(authority.not_after);
    let name = dns_names.first().ok_or_else(|| CertificateError::Issue("no name".to_owned()))?;
    let mut params = params(name, not_before, not_after)?;
    params.subject_alt_names = CertificateParams::new(dns_names).map_err(issue)?.subject_alt_names;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    sign(authority, &params, not_before, not_after)
}

/// A client certificate for the operator itself, issued by `authority`: gateways show their state to its holder. It is made
/// for one poll and never kept.
///
/// # Errors
/// [`CertificateError::Issue`] when the authority cannot be used or no key can be made.
pub(crate) fn issue_reader(authority: &Authority, now: Timestamp) -> Result<Leaf, CertificateError> {
    let not_before = second(now - BACKDATE)?.max(authority.not_before);
    let not_after = second(now + READER)?.min(authority.not_after);
    let mut params = params(STATE_READER, not_before, not_after)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    sign(authority, &params, not_before, not_after)
}

fn sign(
    authority: &Authority,
    params: &CertificateParams,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<Leaf, CertificateError> {
    let authority_key = KeyPair::from_pem(&authority.key).map_err(issue)?;
    let issuer = Issuer::from_ca_cert_pem(&authority.certificate, authority_key).map_err(issue)?;
    let key = KeyPair::generate().map_err(issue)?;
    let certificate = params.signed_by(&key, &issuer).map_err(issue)?;
    Ok(Leaf { certificate: certificate.pem(), key: key.serialize_pem(), not_before, not_after })
}

fn params(
    name: &str,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    // A longer name would make a certificate that strict verifiers refuse; verification is by the SANs anyway.
    params.distinguished_name.push(DnType::CommonName, &name[..name.len().min(MAX_COMMON_NAME)]);
    params.serial_number = Some(serial());
    params.not_before = date(not_before)?;
    params.not_after = date(not_after)?;
    Ok(params)
}

/// A random serial; the first bit is clear, as it is the sign of the integer.
fn serial() -> SerialNumber {
    let mut bytes = [0; SERIAL_LENGTH];
    rand::rng().fill_bytes(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x01;
    SerialNumber::from_slice(&bytes)
}

/// X.509 has whole seconds.
fn second(timestamp: Timestamp) -> Result<Timestamp, CertificateError> {
    Timestamp::from_second(timestamp.as_second()).map_err(issue)
}

fn date(timestamp: Timestamp) -> Result<OffsetDateTime, CertificateError> {
    OffsetDateTime::from_unix_timestamp(timestamp.as_second()).map_err(issue)
}

fn issue(error: impl std::fmt::Display) -> CertificateError {
    CertificateError::Issue(error.to_string())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;

    use super::*;
    use crate::certificates::read::{Signer, signer};
    use crate::certificates::{companions, read_authority, read_leaf};
    use crate::children::{ca_secret, tls_secret};
    use crate::group::Group;

    const TERMS: Terms = Terms {
        authority: SignedDuration::from_hours(100),
        leaf: SignedDuration::from_hours(10),
        renew_before: SignedDuration::from_hours(1),
    };

    fn group() -> Group {
        let mut api = tributary_crds::AggregatedApi::new("tasks.example.com", Default::default());
        api.metadata.uid = Some("1".to_owned());
        Group::of(&api, "tributary-system")
    }

    fn now() -> Timestamp {
        "2026-11-22T12:00:00.5Z".parse().expect("a time")
    }

    #[test]
    fn what_is_issued_is_read() {
        let (group, names) = (group(), group().dns_names());
        let authority = issue_authority(&group.name, &TERMS, now()).expect("a CA");
        let leaf = issue_leaf(&authority, &names, &TERMS, now()).expect("a leaf");
        let secret = ca_secret(&group, &authority, None);
        assert_eq!(read_authority(Some(&secret), now()), Ok(authority.clone()));
        let secret = tls_secret(&group, &authority, &leaf);
        assert_eq!(read_leaf(Some(&secret), &names), Ok(leaf.clone()));
        assert_eq!(companions(Some(&secret), now()), authority.certificate);
        assert_eq!(leaf.not_before.to_string(), "2026-11-22T11:55:00Z");
        assert_eq!(leaf.not_after.to_string(), "2026-11-22T22:00:00Z");
    }

    #[test]
    fn a_leaf_never_outlives_its_authority() {
        let authority = issue_authority("tasks.example.com", &TERMS, now()).expect("a CA");
        let late = now() + SignedDuration::from_hours(95);
        let leaf = issue_leaf(&authority, &group().dns_names(), &TERMS, late).expect("a leaf");
        assert_eq!(leaf.not_after, authority.not_after);
    }

    #[test]
    fn whose_certificate_it_is() {
        let names = group().dns_names();
        let [old, new, other] =
            [(); 3].map(|()| issue_authority("tasks.example.com", &TERMS, now()).expect("a CA"));
        let new = Authority { previous: old.certificate.clone(), ..new };
        for (issuer, want) in [(&new, Signer::Current), (&old, Signer::Previous), (&other, Signer::Foreign)] {
            let leaf = issue_leaf(issuer, &names, &TERMS, now()).expect("a leaf");
            assert_eq!(signer(&leaf, &new), want);
        }
    }

    #[test]
    fn what_was_trusted_before_is_read_until_it_expires() {
        let group = group();
        let [old, new] = [(); 2].map(|()| issue_authority(&group.name, &TERMS, now()).expect("a CA"));
        let leaf = issue_leaf(&new, &group.dns_names(), &TERMS, now()).expect("a leaf");
        let previous = format!("{}garbage\n{}", old.certificate, leaf.certificate);
        let secret = ca_secret(&group, &Authority { previous, ..new }, None);
        let read = |hours| read_authority(Some(&secret), now() + SignedDuration::from_hours(hours));
        assert_eq!(
            read(1).expect("a CA").previous,
            old.certificate,
            "neither what is no certificate nor what is no CA's"
        );
        assert_eq!(read(101).expect("a CA").previous, "");
    }

    #[test]
    fn serials_differ() {
        let serials: Vec<_> = (0..64).map(|_| serial().to_bytes()).collect();
        for (index, serial) in serials.iter().enumerate() {
            assert_eq!(serial.len(), SERIAL_LENGTH);
            assert!(!serials[..index].contains(serial), "serial {index} twice");
        }
    }

    #[test]
    fn damage_is_found() {
        let (group, names) = (group(), group().dns_names());
        let authority = issue_authority(&group.name, &TERMS, now()).expect("a CA");
        let other = issue_authority(&group.name, &TERMS, now()).expect("a CA");
        let leaf = issue_leaf(&authority, &names, &TERMS, now()).expect("a leaf");
        let check = |case: &str, damage: &dyn Fn(&mut Secret), want: CertificateError| {
            let mut secret = tls_secret(&group, &authority, &leaf);
            damage(&mut secret);
            assert_eq!(read_leaf(Some(&secret), &names), Err(want), "{case}");
        };
        let set = |secret: &mut Secret, key: &str, text: &str| {
            let data = secret.data.get_or_insert_default();
            data.insert(key.to_owned(), k8s_openapi::ByteString(text.as_bytes().to_vec()));
        };
        check("no data", &|secret| secret.data = None, CertificateError::NoKey("tls.crt"));
        check(
            "garbage",
            &|secret| set(secret, "tls.crt", "garbage"),
            CertificateError::Unreadable("tls.crt"),
        );
        check("another key", &|secret| set(secret, "tls.key", &other.key), CertificateError::KeyMismatch);
        assert_eq!(read_leaf(None, &names), Err(CertificateError::Missing));
        let secret = tls_secret(&group, &authority, &leaf);
        let renamed = ["other.tributary-system.svc".to_owned()];
        let missing = CertificateError::NameMissing(renamed[0].clone());
        assert_eq!(read_leaf(Some(&secret), &renamed), Err(missing));
        let not_authority =
            Authority { certificate: leaf.certificate.clone(), key: leaf.key.clone(), ..authority.clone() };
        let secret = ca_secret(&group, &not_authority, None);
        assert_eq!(read_authority(Some(&secret), now()), Err(CertificateError::NotAuthority));
    }
}
