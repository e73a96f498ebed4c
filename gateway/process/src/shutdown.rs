//! SIGTERM and SIGINT, as a cancellation.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first SIGTERM (what kubelet sends) or SIGINT (what a terminal sends).
///
/// The handlers are in place when this returns. A second signal has no further effect: what ends the process is its
/// owner, within its grace period.
///
/// # Errors
/// The system's, when a handler cannot be installed.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn shutdown_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    // This task needs no owner: it ends with the first signal, or with the runtime.
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "shutting down");
        cancelled.cancel();
    });
    Ok(token)
}
