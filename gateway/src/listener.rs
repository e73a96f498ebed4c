//! The one listening socket: TLS, HTTP/1.1 and HTTP/2, bounded in connections, time and header sizes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};
use tributary_access::PeerCertificates;

/// Connections at once. kube-apiserver needs a handful; the rest is for those who come to the port itself.
const CONNECTIONS: usize = 2048;
/// For the TLS handshake, and for the header of a request (apiserver, `ReadHeaderTimeout`).
const HANDSHAKE: Duration = Duration::from_secs(10);
const HEADER: Duration = Duration::from_secs(32);
/// Bytes of a request's header. A user with a thousand groups fits.
const HEADER_BYTES: u32 = 256 << 10;
/// Header fields of HTTP/1.1: one for each group of the user.
const HEADER_FIELDS: usize = 2048;
/// Streams of a connection (apiserver, recommended options).
const STREAMS: u32 = 1000;
/// HTTP/2 pings find peers that are gone.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
/// How long requests under way may take once the process is to end.
const DRAIN: Duration = Duration::from_secs(15);
/// Rest after a failed accept, when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the requests of one connection share; in the extensions of each.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    /// The certificates that its client presented.
    pub(crate) peer: PeerCertificates,
    /// Cancelled, the connection takes no further request and is closed.
    pub(crate) drain: CancellationToken,
}

/// A bound socket.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: TlsAcceptor,
}

impl Listener {
    /// Binds `address`.
    pub(crate) async fn bind(address: SocketAddr, tls: ServerConfig) -> io::Result<Self> {
        Ok(Self { socket: TcpListener::bind(address).await?, tls: TlsAcceptor::from(Arc::new(tls)) })
    }

    /// The bound address.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts until cancelled; then requests under way are finished.
    pub(crate) async fn run(self, router: Router, cancel: CancellationToken) {
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        let tasks = TaskTracker::new();
        while let Some(accepted) = cancel.run_until_cancelled(self.socket.accept()).await {
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Beyond the limit the newest connection is closed: those that work go on.
            let Ok(permit) = connections.clone().try_acquire_owned() else {
                warn!(limit = CONNECTIONS, "too many connections");
                continue;
            };
            let (tls, router, cancel) = (self.tls.clone(), router.clone(), cancel.clone());
            tasks.spawn(async move {
                serve(stream, tls, router, &cancel).await;
                drop(permit);
            });
        }
        tasks.close();
        if tokio::time::timeout(DRAIN, tasks.wait()).await.is_err() {
            warn!(connections = tasks.len(), "some requests did not end in time");
        }
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, router: Router, cancel: &CancellationToken) {
    // Small answers are to leave at once.
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return debug!(%error, "TLS handshake failed"),
        Err(_) => return debug!("TLS handshake timed out"),
    };
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let chain = chain.iter().map(|certificate| certificate.clone().into_owned()).collect();
    let drain = cancel.child_token();
    let shared = Arc::new(Connection { peer: PeerCertificates::new(chain), drain: drain.clone() });
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(shared.clone());
        router.clone().oneshot(request)
    });
    let builder = protocol();
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended");
    }
}

fn protocol() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER)
        .max_headers(HEADER_FIELDS)
        .max_buf_size(HEADER_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}
