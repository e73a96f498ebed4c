//! Raw HTTPS: what kubectl would not send.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::answer::Answer;
use super::authority::{Identity, certificates};

/// How long any answer may take, in a test that is not about slowness.
const PATIENCE: Duration = Duration::from_secs(70);

/// Somebody who calls one server: with a certificate, headers, both or neither. Each call is a connection of its own.
#[derive(Clone)]
pub(crate) struct Caller {
    address: String,
    /// The server's.
    pub(super) name: String,
    tls: Arc<ClientConfig>,
    headers: Vec<(String, String)>,
}

impl Caller {
    /// Calls `address` (`host:port`), which must prove to be `name` under `authority` (PEM).
    pub(crate) fn new(address: &str, name: &str, authority: &str, identity: Option<&Identity>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(authority));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider);
        let tls = tls.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let mut tls = match identity {
            Some(identity) => tls.with_client_auth_cert(identity.chain(), identity.private_key()).unwrap(),
            None => tls.with_no_client_auth(),
        };
        // Clients for one server differ by their certificate only: no session may pass from one to another.
        tls.resumption = rustls::client::Resumption::disabled();
        Self { address: address.to_owned(), name: name.to_owned(), tls: Arc::new(tls), headers: Vec::new() }
    }

    /// The same, with one more header on each request.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, as an administrator whom the front proxy brings: what it says counts with its certificate only.
    pub(crate) fn brought_as_admin(self) -> Self {
        self.header("X-Remote-User", "admin").header("X-Remote-Group", "system:masters")
    }

    /// The same, by the authority of an administrator, as another user: kube-apiserver's impersonation.
    pub(crate) fn impersonating(self, user: &str) -> Self {
        self.header("Impersonate-User", user)
    }

    /// A connection, for what is not HTTP.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_for(&[]).await
    }

    /// A connection for one of these protocols (ALPN), in the order of preference.
    pub(super) async fn connect_for(&self, protocols: &[&str]) -> TlsStream<TcpStream> {
        self.try_connect(protocols).await.unwrap()
    }

    async fn try_connect(&self, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(&self.address).await?;
        let name = ServerName::try_from(self.name.clone()).unwrap();
        TlsConnector::from(Arc::new(tls)).connect(name, stream).await
    }

    /// A request with the headers of this caller.
    pub(super) fn request(&self, method: Method, uri: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(uri).header("Host", &self.name);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Full::new(body.into())).unwrap()
    }

    /// Sends one request. An error is that of the connection, where the server gave no answer.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let request = self.request(method, path, body);
        let text = |error: hyper::Error| format!("{error:?}");
        let exchange = async {
            let stream = self.try_connect(&[]).await.map_err(|error| format!("{error:?}"))?;
            let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
                .max_headers(256)
                .handshake(TokioIo::new(stream))
                .await
                .map_err(text)?;
            tokio::spawn(connection);
            let (parts, body) = sender.send_request(request).await.map_err(text)?.into_parts();
            let body = body.collect().await.map_err(text)?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        let unanswered = |_| Err(format!("no answer within {PATIENCE:?}"));
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(unanswered)
    }

    /// Sends one request, which must be answered.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        let shown = format!("{method} {path}");
        self.try_send(method, path, body).await.unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.clone()
            .header("Content-Type", "application/json")
            .send(Method::POST, path, body.to_string())
            .await
    }

    /// A JSON merge patch.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        let caller = self.clone().header("Content-Type", "application/merge-patch+json");
        caller.send(Method::PATCH, path, body.to_string()).await
    }
}
