//! The serving certificate, taken anew when its files or its Secret change, without dropping a connection.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use k8s_openapi::api::core::v1::Secret;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use tributary_access::{ObjectWatch, Observation, Trust};

/// How often the files are looked at. kubelet refreshes a mounted Secret every minute or two (which is why the
/// Secret is watched too) by swapping a symbolic link, which notifications of the file system see badly.
const INTERVAL: Duration = Duration::from_secs(10);

/// Where the certificate comes from, and the one that is served.
pub(crate) struct ServingCertificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    authority: Option<GroupAuthority>,
    /// Of what the files held when they were last read.
    files: Mutex<Digest>,
    /// Where the files come from; it is ahead of them.
    secret: ObjectWatch<Secret>,
    current: ArcSwap<CertifiedKey>,
}

/// The group's CA, which issues the client certificates of the operator. It comes from the same Secret: one that is
/// replaced takes the serving certificate with it.
struct GroupAuthority {
    file: PathBuf,
    trust: Trust,
}

/// SHA-256 of chain, key and CA.
type Digest = [u8; 32];

/// Why a certificate cannot be served.
#[derive(Debug, Error)]
pub(crate) enum CertificateError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("certificate: {0}")]
    Chain(rustls::pki_types::pem::Error),
    #[error("key: {0}")]
    KeyFile(rustls::pki_types::pem::Error),
    #[error("certificate and key: {0}")]
    Mismatch(#[from] rustls::Error),
    #[error("rustls has no default crypto provider")]
    NoProvider,
}

// === impl ServingCertificate ===

impl ServingCertificate {
    /// Loads certificate chain and key from PEM files.
    pub(crate) fn load(chain_file: PathBuf, key_file: PathBuf) -> Result<Self, CertificateError> {
        let (chain, key) = (read(&chain_file)?, read(&key_file)?);
        let certified = certify(&chain, &key)?;
        Ok(Self {
            files: Mutex::new(digest(&chain, &key, b"")),
            chain_file,
            key_file,
            authority: None,
            secret: ObjectWatch::new(),
            current: ArcSwap::new(certified),
        })
    }

    /// The same, with the group's CA in a file of its own: `trust` follows it.
    pub(crate) fn with_authority(self, file: Option<PathBuf>, trust: Trust) -> Self {
        Self { authority: file.map(|file| GroupAuthority { file, trust }), ..self }
    }

    /// SHA-256 of the certificate that is served, lower-case hexadecimal.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        let current = self.current.load();
        let digest = Sha256::digest(current.cert.first()?);
        Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The watch of the Secret that the files come from; it tells nothing unless it is run.
    pub(crate) fn secret(&self) -> &ObjectWatch<Secret> {
        &self.secret
    }

    /// Follows files and Secret until cancelled. What makes no certificate leaves the current one in place.
    pub(crate) async fn run(&self, cancel: CancellationToken) {
        let mut interval = tokio::time::interval(INTERVAL);
        let mut secret = self.secret.subscribe();
        secret.mark_changed();
        loop {
            let taken = tokio::select! {
                () = cancel.cancelled() => return,
                _ = interval.tick() => self.take_files(),
                // The sender is a field of this: it is never gone.
                _ = secret.changed() => self.take_secret(secret.borrow_and_update().as_ref()),
            };
            match taken {
                Ok(false) => {}
                Ok(true) => info!("serving a new certificate"),
                Err(error) => error!(%error, "the new certificate is not valid, serving the previous one"),
            }
        }
    }

    /// Serves what the files hold if that is new: they may still be what the Secret was before.
    fn take_files(&self) -> Result<bool, CertificateError> {
        let (chain, key) = (read(&self.chain_file)?, read(&self.key_file)?);
        // Without the CA nobody is told how the gateway fares; it serves all the same.
        let authority = self.authority.as_ref().and_then(|authority| fs::read(&authority.file).ok());
        let authority = authority.unwrap_or_default();
        let now = digest(&chain, &key, &authority);
        if std::mem::replace(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner), now) == now {
            return Ok(false);
        }
        self.trust(&authority);
        self.take(&chain, &key)
    }

    fn take_secret(&self, secret: Option<&Observation<Secret>>) -> Result<bool, CertificateError> {
        let Some(Observation::Present(secret)) = secret else { return Ok(false) };
        self.trust(data(secret, "ca.crt").unwrap_or_default());
        certified(secret).map_or(Ok(false), |certified| Ok(self.put(certified?)))
    }

    fn trust(&self, authority: &[u8]) {
        let Some(GroupAuthority { trust, .. }) = &self.authority else { return };
        if !authority.is_empty() {
            // What cannot be read is logged there.
            trust.apply_group_authority(&String::from_utf8_lossy(authority));
        }
    }

    fn take(&self, chain: &[u8], key: &[u8]) -> Result<bool, CertificateError> {
        Ok(self.put(certify(chain, key)?))
    }

    /// Whether it is another one.
    fn put(&self, certified: Arc<CertifiedKey>) -> bool {
        if certified.cert == self.current.load().cert {
            return false;
        }
        self.current.store(certified);
        true
    }
}

impl ResolvesServerCert for ServingCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for ServingCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServingCertificate").field("chain_file", &self.chain_file).finish_non_exhaustive()
    }
}

fn data<'a>(secret: &'a Secret, name: &str) -> Option<&'a [u8]> {
    secret.data.as_ref()?.get(name).map(|value| value.0.as_slice())
}

/// The certificate in a Secret; none in one that is being made anew, which is empty for a moment.
pub(crate) fn certified(secret: &Secret) -> Option<Result<Arc<CertifiedKey>, CertificateError>> {
    Some(certify(data(secret, "tls.crt")?, data(secret, "tls.key")?))
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|source| CertificateError::Read { path: path.to_owned(), source })
}

fn digest(chain: &[u8], key: &[u8], authority: &[u8]) -> Digest {
    Sha256::new().chain_update(chain).chain_update(key).chain_update(authority).finalize().into()
}

/// A certificate with its chain and the key that belongs to it, PEM.
pub(crate) fn certify(chain: &[u8], key: &[u8]) -> Result<Arc<CertifiedKey>, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(CertificateError::Chain)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::KeyFile)?;
    let provider = CryptoProvider::get_default().ok_or(CertificateError::NoProvider)?;
    Ok(Arc::new(CertifiedKey::from_der(chain, key, provider)?))
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
