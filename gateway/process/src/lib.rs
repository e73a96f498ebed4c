//! What both binaries need of a process: the crypto provider, logs, open files, and an orderly end.

mod crypto;
mod files;
mod logs;
mod shutdown;

pub use crypto::install_crypto_provider;
pub use files::allow_open_files;
pub use logs::{LogFormat, LogsError, init_logs};
pub use shutdown::shutdown_signal;
