//! The user that a client certificate names: CN, O and the UID of the subject, as in apiserver's
//! `CommonNameUserConversion`.

use std::collections::BTreeMap;
use std::fmt::Write;

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{OID_X509_COMMON_NAME, OID_X509_ORGANIZATION_NAME, Oid, asn1_rs::oid};
use x509_parser::prelude::FromDer;

use crate::authority::Validity;
use crate::user::User;

/// Subject attribute that holds a user's UID.
const UID: Oid<'static> = oid!(1.3.6.1.4.1.57683.2);
/// Extra key that identifies the credential a user came with.
const CREDENTIAL_ID: &str = "authentication.kubernetes.io/credential-id";

/// The parts of a certificate that authentication reads.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The last common name, empty if there is none.
    pub(crate) common_name: String,
    organizations: Vec<String>,
    uids: Vec<String>,
    credential_id: String,
}

/// The certificate cannot be read, or its subject has a CN, O or UID that is not text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The validity of a presented certificate.
pub(crate) fn validity(der: &CertificateDer<'_>) -> Result<Validity, Unreadable> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Unreadable)?;
    Ok(Validity::of(&certificate))
}

// === impl Subject ===

impl Subject {
    pub(crate) fn read(der: &CertificateDer<'_>) -> Result<Self, Unreadable> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Unreadable)?;
        let texts = |oid: &Oid<'_>| -> Result<Vec<String>, Unreadable> {
            let attributes = certificate.subject().iter_by_oid(oid);
            attributes.map(|a| a.as_str().map(str::to_owned).map_err(|_| Unreadable)).collect()
        };
        Ok(Self {
            common_name: texts(&OID_X509_COMMON_NAME)?.pop().unwrap_or_default(),
            organizations: texts(&OID_X509_ORGANIZATION_NAME)?,
            uids: texts(&UID)?,
            credential_id: credential_id(der),
        })
    }

    /// The user; `None` without a common name, an error with more than one UID or an empty one.
    pub(crate) fn into_user(mut self) -> Result<Option<User>, Unreadable> {
        if self.common_name.is_empty() {
            return Ok(None);
        }
        if self.uids.len() > 1 || self.uids.iter().any(String::is_empty) {
            return Err(Unreadable);
        }
        Ok(Some(User {
            name: self.common_name,
            uid: self.uids.pop().unwrap_or_default(),
            groups: self.organizations,
            extra: BTreeMap::from([(CREDENTIAL_ID.into(), vec![self.credential_id])]),
        }))
    }
}

fn credential_id(der: &[u8]) -> String {
    let mut id = String::from("X509SHA256=");
    for byte in Sha256::digest(der) {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}
