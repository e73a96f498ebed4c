//! The serving certificate of each group, by the name that its callers look for: kube-apiserver trusts each group's own CA.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use tributary_access::{ObjectWatch, Observation};
use tributary_crds::tls_secret;

use crate::certificate::{certified, certify};

/// The certificates of all groups.
pub(super) struct Certificates {
    secrets: Api<Secret>,
    /// By the first label of the Service's DNS name.
    by_instance: ArcSwap<HashMap<String, Arc<CertifiedKey>>>,
    /// For those who look for nobody: probes.
    own: Arc<CertifiedKey>,
}

// === impl Certificates ===

impl Certificates {
    /// Those in the Secrets of `namespace`; none is known yet.
    pub(super) fn new(client: Client, namespace: &str) -> anyhow::Result<Self> {
        Ok(Self { secrets: Api::namespaced(client, namespace), by_instance: ArcSwap::default(), own: own()? })
    }

    /// Follows the certificate of the group with this instance until cancelled.
    pub(super) async fn follow(&self, instance: &str, cancel: CancellationToken) {
        let (watch, name) = (ObjectWatch::new(), tls_secret(instance));
        let mut secret = watch.subscribe();
        let take = async {
            // The sender is there until the end of this.
            while secret.changed().await.is_ok() {
                if let Some(Observation::Present(secret)) = secret.borrow_and_update().as_ref() {
                    self.take(instance, secret);
                }
            }
        };
        tokio::select! {
            () = watch.run(self.secrets.clone(), &name, cancel) => {}
            () = take => {}
        }
        self.change(|known| drop(known.remove(instance)));
    }

    /// What makes no certificate leaves the one before in place.
    fn take(&self, instance: &str, secret: &Secret) {
        match certified(secret) {
            None => {}
            Some(Ok(certified)) => {
                info!(instance, "serving a certificate");
                self.change(|known| drop(known.insert(instance.to_owned(), certified.clone())));
            }
            Some(Err(error)) => error!(instance, %error, "the certificate is not valid"),
        }
    }

    fn change(&self, change: impl Fn(&mut HashMap<String, Arc<CertifiedKey>>)) {
        self.by_instance.rcu(|known| {
            let mut known = HashMap::clone(known);
            change(&mut known);
            known
        });
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            Some(name) => self.by_instance.load().get(super::dispatch::instance(name)).cloned(),
            None => Some(self.own.clone()),
        }
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("groups", &self.by_instance.load().len()).finish_non_exhaustive()
    }
}

/// A certificate that nobody trusts.
fn own() -> anyhow::Result<Arc<CertifiedKey>> {
    let own = rcgen::generate_simple_self_signed(["stand-in.tributary.dev".to_owned()])?;
    Ok(certify(own.cert.pem().as_bytes(), own.signing_key.serialize_pem().as_bytes())?)
}
