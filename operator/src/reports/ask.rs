//! Asks one gateway how it fares: by its Pod's address, under the group's CA, with a client certificate of that CA.
//!
//! The operator's own token never goes to a gateway, which could use it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, pending, select};
use http::{Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tributary_crds::{GatewayState, STATE_PATH};

use crate::certificates::{Authority, Leaf};
use crate::children::{GATEWAY_CONTAINER, PORT_NAME};
use crate::pods::address;

/// How long a gateway may take, all in all.
const DEADLINE: Duration = Duration::from_secs(5);
/// The longest answer, in bytes: 64 resources with their sources, each with a long message, take a tenth.
const LONGEST: usize = 1 << 20;

/// Why a gateway did not tell. Texts are the same for the same cause: they are shown in the status.
#[derive(Debug, Error)]
pub(super) enum AskError {
    #[error("it has no address or no port {PORT_NAME}")]
    NoAddress,
    #[error("no connection: {0}")]
    Connect(std::io::Error),
    #[error("TLS: {0}")]
    Tls(std::io::Error),
    #[error("certificates: {0}")]
    Certificates(String),
    #[error("HTTP: {0}")]
    Http(String),
    #[error("HTTP {0}")]
    Status(u16),
    #[error("its answer is not a state")]
    Malformed,
    #[error("no answer within {} s", DEADLINE.as_secs())]
    Timeout,
}

/// How gateways of one group are asked.
pub(super) struct Asker {
    tls: TlsConnector,
    /// The Service's name, which their certificate is for.
    name: ServerName<'static>,
}

impl Asker {
    /// Under `authority`, as the holder of `reader`, those that prove to be `name`.
    pub(super) fn new(authority: &Authority, reader: &Leaf, name: &str) -> Result<Self, AskError> {
        let wrong = |error: &dyn std::fmt::Display| AskError::Certificates(error.to_string());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority.bundle().as_bytes()) {
            roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
        }
        let chain = CertificateDer::from_pem_slice(reader.certificate.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(reader.key.as_bytes()).map_err(|error| wrong(&error))?;
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![chain.map_err(|error| wrong(&error))?], key)
            .map_err(|error| wrong(&error))?;
        let name = ServerName::try_from(name.to_owned()).map_err(|error| wrong(&error))?;
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), name })
    }

    /// Asks the gateway of a Pod.
    pub(super) async fn ask(&self, pod: &Pod) -> Result<GatewayState, AskError> {
        let address = address(pod, GATEWAY_CONTAINER).ok_or(AskError::NoAddress)?;
        tokio::time::timeout(DEADLINE, self.exchange(address)).await.unwrap_or(Err(AskError::Timeout))
    }

    async fn exchange(&self, address: SocketAddr) -> Result<GatewayState, AskError> {
        let broken = |error: hyper::Error| AskError::Http(error.to_string());
        let stream = TcpStream::connect(address).await.map_err(AskError::Connect)?;
        let stream = self.tls.connect(self.name.clone(), stream).await.map_err(AskError::Tls)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let request = Request::get(STATE_PATH)
            .header(header::HOST, self.name.to_str().as_ref())
            .body(Empty::<Bytes>::new())
            .map_err(|error| AskError::Http(error.to_string()))?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            if response.status() != http::StatusCode::OK {
                return Err(AskError::Status(response.status().as_u16()));
            }
            let body = Limited::new(response.into_body(), LONGEST).collect().await;
            let body = body.map_err(|error| AskError::Http(error.to_string()))?.to_bytes();
            serde_json::from_slice(&body).map_err(|_| AskError::Malformed)
        };
        // The connection only moves what is asked and answered; its end is not the answer's.
        let driven = async {
            let _ = connection.await;
            pending::<()>().await;
        };
        match select(std::pin::pin!(answer), std::pin::pin!(driven)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(AskError::Timeout),
        }
    }
}

/// A gateway that did not tell, and why.
pub(super) fn describe(pod: &Pod, error: &AskError) -> String {
    format!("Pod {}: {error}", pod.name_any())
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
