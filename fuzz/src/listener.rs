//! What the gateway's listener tells of a connection: here nobody presented anything.

use tokio_util::sync::CancellationToken;
use tributary_access::PeerCertificates;

/// As in the gateway's `listener.rs`.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    pub(crate) peer: PeerCertificates,
    pub(crate) drain: CancellationToken,
}
