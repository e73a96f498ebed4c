//! Flags and environment: nothing else reads them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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
    Run(Box<Run>),
    /// Answer discovery for groups of which no gateway is ready, so that they hurt nobody else.
    StandIn(StandIn),
    /// Serve the definitions of a folder to this machine, for their author: no cluster, nothing to install.
    Serve(Serve),
    /// Write a backup of all stored objects of the gateway that runs here, without stopping it.
    Backup(Backup),
    /// Have the gateway that runs here put a backup in the place of all that it keeps. Whoever watches begins anew.
    Restore(Backup),
    /// Say everything that is wrong with definitions, with file, line and field; exit code 1 if anything is.
    Check(Check),
}

/// What `run` and `stand-in` have in common: a process in a cluster.
#[derive(Debug, Arguments)]
pub(crate) struct Process {
    /// Where to listen.
    #[arg(long, env = "TRIBUTARY_LISTEN", value_name = "ADDRESS", default_value = "0.0.0.0:10250")]
    pub(crate) listen: SocketAddr,
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

/// Flags of `stand-in`.
#[derive(Debug, Arguments)]
pub(crate) struct StandIn {
    /// The namespace of the gateways, with their last accepted definitions and certificates.
    #[arg(long, env = "POD_NAMESPACE", default_value = "tributary-system", value_name = "NAMESPACE")]
    pub(crate) namespace: String,
    #[command(flatten)]
    pub(crate) process: Process,
}

/// Flags of `serve`.
#[derive(Debug, Arguments)]
pub(crate) struct Serve {
    /// A folder of AggregatedAPIs, as .yaml, .yml or .json; other objects in it are left alone. What is saved there is
    /// served at once; a file with an error stays in force as it was before.
    #[arg(long, value_name = "DIR")]
    pub(crate) definitions: PathBuf,
    /// A folder of objects that views read in the place of a cluster's, such as Pods; what is saved there changes the
    /// views.
    #[arg(long, value_name = "DIR")]
    pub(crate) objects: Option<PathBuf>,
    /// Where to listen, on this machine only; port 0 is any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Where to write the kubeconfig that kubectl needs. It goes when this ends.
    #[arg(long, value_name = "FILE", default_value = "tributary.kubeconfig")]
    pub(crate) kubeconfig: PathBuf,
    /// What to log, such as `info` or `tributary_gateway=debug,warn`.
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub(crate) log: String,
}

/// Flags of `backup` and `restore`.
#[derive(Debug, Arguments)]
pub(crate) struct Backup {
    /// The backup; `-` is standard output or input.
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// The gateway's database file.
    #[arg(long, env = "TRIBUTARY_DATA", value_name = "FILE", default_value = "/var/lib/tributary/data.redb")]
    pub(crate) data: PathBuf,
}

impl Backup {
    /// Where the backup is; none: standard output or input.
    pub(crate) fn path(&self) -> Option<&Path> {
        (self.file.as_os_str() != "-").then_some(&self.file)
    }
}

/// What to check.
#[derive(Debug, Arguments)]
pub(crate) struct Check {
    /// Files of AggregatedAPIs, YAML or JSON; folders of them; `-` is standard input. Other objects are skipped.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// Flags of `run`.
#[derive(Debug, Arguments)]
pub(crate) struct Run {
    /// The API group: the name of the AggregatedAPI to serve.
    #[arg(long, env = "TRIBUTARY_GROUP", value_name = "GROUP")]
    pub(crate) group: String,
    /// The serving certificate with its chain, PEM; read again when it changes.
    #[arg(long, env = "TRIBUTARY_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: PathBuf,
    /// The key of the serving certificate, PEM.
    #[arg(long, env = "TRIBUTARY_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: PathBuf,
    /// The Secret that both files are mounted from: watched, since kubelet takes a minute or two.
    #[arg(long, env = "TRIBUTARY_TLS_SECRET", value_name = "NAMESPACE/NAME", value_parser = object_name)]
    pub(crate) tls_secret: Option<ObjectName>,
    /// The CA of the group, PEM, in the same Secret: a client certificate of it that names the operator may read this
    /// gateway's state, and nothing else may.
    #[arg(long, env = "TRIBUTARY_TLS_CA", value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// The ConfigMap in which the operator notes what namespaces there were while no gateway of the group was ready: stored
    /// objects of those that went meanwhile are deleted.
    #[arg(long, env = "TRIBUTARY_ABSENCE", value_name = "NAMESPACE/NAME", value_parser = object_name)]
    pub(crate) absence: Option<ObjectName>,
    /// A definition, JSON, to serve when the live one cannot be served at start: the last accepted one.
    #[arg(long, env = "TRIBUTARY_LAST_GOOD", value_name = "FILE")]
    pub(crate) last_good: Option<PathBuf>,
    /// The database file, where the definition has its stored objects in one; its folder is there, and the file need not be.
    #[arg(long, env = "TRIBUTARY_DATA", value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) process: Process,
}

/// An object in a namespace.
#[derive(Clone, Debug)]
pub(crate) struct ObjectName {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

fn object_name(text: &str) -> Result<ObjectName, String> {
    let (namespace, name) = text.split_once('/').ok_or("must be NAMESPACE/NAME")?;
    Ok(ObjectName { namespace: namespace.to_owned(), name: name.to_owned() })
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|error| format!("{error}"))
}
