//! Flags and environment: nothing else reads them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Arguments, Parser, Subcommand};
use tributary_process::LogFormat;

/// The extension API server of Tributary.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve one API group to a cluster: the definition is the AggregatedAPI of the group's name.
    Run(Run),
}

/// Flags of `run`.
#[derive(Debug, Arguments)]
pub(crate) struct Run {
    /// The API group: the name of the AggregatedAPI to serve.
    #[arg(long, env = "TRIBUTARY_GROUP", value_name = "GROUP")]
    pub(crate) group: String,
    /// Where to listen.
    #[arg(long, env = "TRIBUTARY_LISTEN", value_name = "ADDRESS", default_value = "0.0.0.0:10250")]
    pub(crate) listen: SocketAddr,
    /// The serving certificate with its chain, PEM; read again when it changes.
    #[arg(long, env = "TRIBUTARY_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: PathBuf,
    /// The key of the serving certificate, PEM.
    #[arg(long, env = "TRIBUTARY_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: PathBuf,
    /// The Secret that both files are mounted from: watched, since kubelet takes a minute or two.
    #[arg(long, env = "TRIBUTARY_TLS_SECRET", value_name = "NAMESPACE/NAME", value_parser = secret)]
    pub(crate) tls_secret: Option<SecretName>,
    /// A definition, JSON, to serve when the live one cannot be served at start: the last accepted one.
    #[arg(long, env = "TRIBUTARY_LAST_GOOD", value_name = "FILE")]
    pub(crate) last_good: Option<PathBuf>,
    /// The cluster; default: the Pod's own, or what KUBECONFIG names.
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Seconds to go on serving after SIGTERM, until no client is sent here any more.
    #[arg(long, env = "TRIBUTARY_SHUTDOWN_DELAY", value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    pub(crate) shutdown_delay: Duration,
    /// What to log, such as `info` or `tributary_gateway=debug,warn`.
    #[arg(long, env = "TRIBUTARY_LOG", value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,
    /// How to log it.
    #[arg(long, env = "TRIBUTARY_LOG_FORMAT", value_name = "FORMAT", default_value = "json")]
    pub(crate) log_format: LogFormat,
}

/// A Secret in a namespace.
#[derive(Clone, Debug)]
pub(crate) struct SecretName {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

fn secret(text: &str) -> Result<SecretName, String> {
    let (namespace, name) = text.split_once('/').ok_or("must be NAMESPACE/NAME")?;
    Ok(SecretName { namespace: namespace.to_owned(), name: name.to_owned() })
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|error| format!("{error}"))
}
