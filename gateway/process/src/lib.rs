//! What both binaries need of a process: the crypto provider, logs, and an orderly end.

mod crypto;
mod logs;
mod shutdown;

pub use crypto::install_crypto_provider;
pub use logs::{LogFormat, LogsError, init_logs};
pub use shutdown::shutdown_signal;
