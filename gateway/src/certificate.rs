//! The serving certificate, read again when its files change, without dropping a connection.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// How often the files are looked at. kubelet refreshes a mounted Secret every minute or two by swapping a
/// symbolic link, which notifications of the file system see badly.
const INTERVAL: Duration = Duration::from_secs(10);

/// Where the certificate comes from, and the one that is served.
pub(crate) struct ServingCertificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    current: ArcSwap<Loaded>,
}

struct Loaded {
    key: Arc<CertifiedKey>,
    digest: [u8; 32],
}

/// Why a certificate cannot be served.
#[derive(Debug, Error)]
pub(crate) enum CertificateError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    Pem { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("certificate and key: {0}")]
    Key(#[from] rustls::Error),
    #[error("rustls has no default crypto provider")]
    NoProvider,
}

// === impl ServingCertificate ===

impl ServingCertificate {
    /// Loads certificate chain and key from PEM files.
    pub(crate) fn load(chain_file: PathBuf, key_file: PathBuf) -> Result<Self, CertificateError> {
        let loaded = read(&chain_file, &key_file, None)?.ok_or(CertificateError::NoProvider)?;
        Ok(Self { chain_file, key_file, current: ArcSwap::from_pointee(loaded) })
    }

    /// Watches the files until cancelled. Files that make no certificate leave the current one in place.
    pub(crate) async fn run(&self, cancel: CancellationToken) {
        let mut interval = tokio::time::interval(INTERVAL);
        while cancel.run_until_cancelled(interval.tick()).await.is_some() {
            match read(&self.chain_file, &self.key_file, Some(self.current.load().digest)) {
                Ok(None) => {}
                Ok(Some(loaded)) => {
                    self.current.store(Arc::new(loaded));
                    info!("serving a new certificate");
                }
                Err(error) => error!(%error, "the certificate files are not valid, serving the previous one"),
            }
        }
    }
}

impl ResolvesServerCert for ServingCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load().key.clone())
    }
}

impl fmt::Debug for ServingCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServingCertificate").field("chain_file", &self.chain_file).finish_non_exhaustive()
    }
}

/// What the files hold; None where that is `known`.
fn read(
    chain_file: &PathBuf,
    key_file: &PathBuf,
    known: Option<[u8; 32]>,
) -> Result<Option<Loaded>, CertificateError> {
    let bytes = |path: &PathBuf| {
        fs::read(path).map_err(|source| CertificateError::Read { path: path.clone(), source })
    };
    let (chain, key) = (bytes(chain_file)?, bytes(key_file)?);
    let digest = Sha256::new().chain_update(&chain).chain_update(&key).finalize().into();
    if known == Some(digest) {
        return Ok(None);
    }
    let pem = |path: &PathBuf, source| CertificateError::Pem { path: path.clone(), source };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|source| pem(chain_file, source))?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|source| pem(key_file, source))?;
    let provider = CryptoProvider::get_default().ok_or(CertificateError::NoProvider)?;
    let key = CertifiedKey::from_der(chain, key, provider)?;
    Ok(Some(Loaded { key: Arc::new(key), digest }))
}
