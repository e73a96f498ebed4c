//! The two Secrets of a group: the CA, which only the operator reads, and what the gateway serves with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;

use crate::certificates::{Authority, Leaf};
use crate::group::Group;

/// The key of the CA's certificate, in both Secrets.
pub(crate) const CA_CERTIFICATE: &str = "ca.crt";
/// The key of the CA's private key.
pub(crate) const CA_KEY: &str = "ca.key";
/// The key of the certificates of CAs before it.
pub(crate) const PREVIOUS: &str = "previous.crt";
/// The key of the serving certificate.
pub(crate) const TLS_CERTIFICATE: &str = "tls.crt";
/// The key of the serving certificate's private key.
pub(crate) const TLS_KEY: &str = "tls.key";

/// The annotation that says since when all have followed the last step of a change of the CA.
const FOLLOWED_SINCE: &str = "tributary.dev/followed-since";

/// The CA with its private key, and those before it; `since`: from when all have followed the last step of a change.
pub(crate) fn ca_secret(group: &Group, authority: &Authority, since: Option<Timestamp>) -> Secret {
    let Authority { certificate, key, previous, .. } = authority;
    let mut metadata = group.namespaced(&group.ca_secret());
    metadata.annotations = since.map(|since| [(FOLLOWED_SINCE.to_owned(), since.to_string())].into());
    let mut data = data([(CA_CERTIFICATE, certificate), (CA_KEY, key), (PREVIOUS, previous)]);
    data.retain(|_, value| !value.0.is_empty());
    Secret { metadata, type_: Some("Opaque".to_owned()), data: Some(data), ..Secret::default() }
}

/// From when all have followed the last step of a change of the CA, as its Secret says.
pub(crate) fn followed_since(secret: &Secret) -> Option<Timestamp> {
    secret.annotations().get(FOLLOWED_SINCE)?.parse().ok()
}

/// The serving certificate with its private key, and all CAs that are trusted.
pub(crate) fn tls_secret(group: &Group, authority: &Authority, leaf: &Leaf) -> Secret {
    Secret {
        metadata: group.namespaced(&group.tls_secret()),
        type_: Some("kubernetes.io/tls".to_owned()),
        data: Some(data([
            (CA_CERTIFICATE, &authority.bundle()),
            (TLS_CERTIFICATE, &leaf.certificate),
            (TLS_KEY, &leaf.key),
        ])),
        ..Secret::default()
    }
}

fn data<const N: usize>(entries: [(&str, &String); N]) -> BTreeMap<String, ByteString> {
    entries.map(|(key, text)| (key.to_owned(), ByteString(text.as_bytes().to_vec()))).into()
}
