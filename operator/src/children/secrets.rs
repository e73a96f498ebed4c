//! The two Secrets of a group: the CA, which only the operator reads, and what the gateway serves with.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use crate::certificates::{Authority, Leaf};
use crate::group::Group;

/// The key of the CA's certificate, in both Secrets.
pub(crate) const CA_CERTIFICATE: &str = "ca.crt";
/// The key of the CA's private key.
pub(crate) const CA_KEY: &str = "ca.key";
/// The key of the serving certificate.
pub(crate) const TLS_CERTIFICATE: &str = "tls.crt";
/// The key of the serving certificate's private key.
pub(crate) const TLS_KEY: &str = "tls.key";

/// The CA with its private key.
pub(crate) fn ca_secret(group: &Group, authority: &Authority) -> Secret {
    Secret {
        metadata: group.namespaced(&group.ca_secret()),
        type_: Some("Opaque".to_owned()),
        data: Some(data([(CA_CERTIFICATE, &authority.certificate), (CA_KEY, &authority.key)])),
        ..Secret::default()
    }
}

/// The serving certificate with its private key, and the CA's certificate.
pub(crate) fn tls_secret(group: &Group, authority: &Authority, leaf: &Leaf) -> Secret {
    Secret {
        metadata: group.namespaced(&group.tls_secret()),
        type_: Some("kubernetes.io/tls".to_owned()),
        data: Some(data([
            (CA_CERTIFICATE, &authority.certificate),
            (TLS_CERTIFICATE, &leaf.certificate),
            (TLS_KEY, &leaf.key),
        ])),
        ..Secret::default()
    }
}

fn data<const N: usize>(entries: [(&str, &String); N]) -> BTreeMap<String, ByteString> {
    entries.map(|(key, text)| (key.to_owned(), ByteString(text.as_bytes().to_vec()))).into()
}
