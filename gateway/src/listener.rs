//! The one listening socket: TLS, HTTP/1.1 and HTTP/2, bounded in connections, time and header sizes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures::TryFutureExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};
use tributary_access::PeerCertificates;

use crate::connections::Connections;
use crate::first_bytes::FirstBytes;
use crate::gathered::Gathered;
use crate::held::hold;

/// For the TLS handshake, and for the header of a request (apiserver, `ReadHeaderTimeout`).
const HANDSHAKE: Duration = Duration::from_secs(10);
const HEADER: Duration = Duration::from_secs(32);
/// Bytes of a request's header. A user with a thousand groups fits.
const HEADER_BYTES: u32 = 256 << 10;
/// Header fields of HTTP/1.1: one for each group of the user.
const HEADER_FIELDS: usize = 2048;
/// For the first bytes after the handshake.
const BEGINNING: Duration = Duration::from_secs(10);
/// Streams of a connection (apiserver, `http2-max-streams-per-connection`): clients open another one beyond.
const STREAMS: u32 = 100;
/// How long a connection without a request is kept (apiserver, `IdleTimeout`).
const IDLE: Duration = Duration::from_secs(90);
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
    /// The name under which the client looks for the server (TLS, SNI).
    pub(crate) server_name: Option<String>,
    /// Cancelled, the connection takes no further request and is closed.
    pub(crate) drain: CancellationToken,
    /// Requests whose answers are not sent yet.
    requests: watch::Sender<usize>,
}

/// A request of a connection, until its answer is sent.
struct Counted(Arc<Connection>);

// === impl Connection ===

impl Connection {
    fn count(self: &Arc<Self>) -> Counted {
        self.requests.send_modify(|requests| *requests += 1);
        Counted(self.clone())
    }

    /// Returns when there has been no request for a while.
    async fn idle(&self) {
        let mut requests = self.requests.subscribe();
        loop {
            if *requests.borrow_and_update() > 0 {
                // The sender is a field of this: it is never gone.
                let _ = requests.changed().await;
            } else if tokio::time::timeout(IDLE, requests.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.requests.send_modify(|requests| *requests -= 1);
    }
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
        let connections = Arc::new(Connections::default());
        let tasks = TaskTracker::new();
        while let Some(accepted) = cancel.run_until_cancelled(self.socket.accept()).await {
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (tls, router, cancel) = (self.tls.clone(), router.clone(), cancel.clone());
            let connections = connections.clone();
            tasks.spawn(async move {
                // Beyond the limit a connection waits a while, and is closed: those that work go on.
                match cancel.run_until_cancelled(connections.wait(peer.ip())).await {
                    Some(Some(_place)) => serve(stream, tls, router, &cancel).await,
                    Some(None) => warn!(peer = %peer.ip(), "too many connections"),
                    None => {}
                }
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
    let server_name = stream.get_ref().1.server_name().map(str::to_owned);
    let drain = cancel.child_token();
    let shared = Arc::new(Connection {
        peer: PeerCertificates::new(chain),
        server_name,
        drain: drain.clone(),
        ..Connection::default()
    });
    let service = service_fn({
        let shared = shared.clone();
        move |mut request: http::Request<Incoming>| {
            let counted = shared.count();
            request.extensions_mut().insert(shared.clone());
            router.clone().oneshot(request).map_ok(|response| response.map(|body| hold(body, counted)))
        }
    });
    let builder = protocol();
    let stream = Gathered::new(FirstBytes::within(BEGINNING, stream));
    let connection = builder.serve_connection(TokioIo::new(stream.share()), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = stream.drive(connection.as_mut()) => ended,
        () = async { tokio::select! { () = drain.cancelled() => (), () = shared.idle() => () } } => {
            connection.as_mut().graceful_shutdown();
            // A peer that does not play along is not waited for.
            tokio::time::timeout(DRAIN, stream.drive(connection)).await.unwrap_or(Ok(()))
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
        // A client that gives up all its requests at once ends them, and not those of others on its connection.
        .max_pending_accept_reset_streams(STREAMS as usize)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}
