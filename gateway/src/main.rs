//! The extension API server: this file composes it, [`args`] is the only reader of flags.

mod args;
mod author;
mod backup;
mod certificate;
mod connections;
mod expiry;
mod first_bytes;
mod gathered;
mod held;
mod left_behind;
mod listener;
mod metrics;
mod namespaces;
mod run;
mod serving;
mod stand_in;
mod views;
mod wire;

use std::process::ExitCode;

use clap::Parser;
use tributary_process::{LogFormat, allow_open_files, init_logs, install_crypto_provider};

/// Static binaries, as they are in the images. With its own allocator glibc answers a tenth fewer lists of 10,000 objects a second, and
/// a durable write costs a fifth more CPU.
#[cfg(target_feature = "crt-static")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = args::Args::parse();
    install_crypto_provider();
    match args.command {
        args::Command::Run(flags) => {
            begin(&flags.process.log, flags.process.log_format)?;
            run::run(*flags).await?;
        }
        args::Command::StandIn(flags) => {
            begin(&flags.process.log, flags.process.log_format)?;
            stand_in::run(flags).await?;
        }
        args::Command::Serve(flags) => {
            begin(&flags.log, LogFormat::Text)?;
            author::serve(flags).await?;
        }
        args::Command::Backup(flags) => backup::backup(&flags)?,
        args::Command::Restore(flags) => backup::restore(&flags)?,
        args::Command::Check(flags) => return author::check(&flags.files),
    }
    Ok(ExitCode::SUCCESS)
}

/// What every process does that serves.
fn begin(log: &str, format: LogFormat) -> anyhow::Result<()> {
    init_logs(log, format)?;
    allow_open_files();
    Ok(())
}
