//! A gateway, as a process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::authority::{Authority, Identity, Subject};
use super::caller::Caller;
use super::cluster::{Cluster, program};
use super::wait::{QUICK, until};

/// To listen at a port that is free.
const ANY_PORT: &str = "127.0.0.1:0";
/// The end of a log that a failing test shows, in lines.
const LOG_SHOWN: usize = 30;

/// A gateway that serves one group on a port of loopback. Dropped, it ends.
pub(crate) struct Gateway {
    process: Child,
    /// What it was started by.
    command: Command,
    log: PathBuf,
    name: String,
    authority: Authority,
    /// `127.0.0.1:<port>`.
    pub(crate) address: String,
}

impl Gateway {
    /// Runs a gateway for `group` whose certificate is for `name`. It speaks to the cluster with the ServiceAccount
    /// `token`, and keeps its files in `folder`.
    pub(crate) async fn start(
        cluster: &Cluster,
        folder: &Path,
        group: &str,
        name: &str,
        token: &str,
    ) -> Self {
        let authority = Authority::foreign("serving CA");
        let leaf = authority.issue(Subject { common_name: "gateway", dns_name: name, ..Subject::default() });
        let file = |file: &str, content: &str| {
            let path = folder.join(file);
            std::fs::write(&path, content).unwrap();
            path
        };
        let log = folder.join("gateway.log");
        let mut command = Command::new(program("tributary-gateway"));
        command.args(["run", "--group", group, "--listen", ANY_PORT, "--shutdown-delay", "0"]);
        command.arg("--log").arg("tributary_gateway=debug,tributary_access=debug,info");
        command.arg("--tls-cert").arg(file("tls.crt", &leaf.certificate));
        command.arg("--tls-key").arg(file("tls.key", &leaf.key));
        // By the environment, which gateways of another version do not mind.
        command.env("TRIBUTARY_TLS_CA", file("ca.crt", &authority.certificate));
        command.env("TRIBUTARY_DATA", folder.join("data.redb"));
        command.arg("--kubeconfig").arg(file("kubeconfig", &kubeconfig(cluster, token).to_string()));
        let output = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let process = command.spawn().unwrap();
        let mut gateway =
            Self { process, command, log, name: name.to_owned(), authority, address: String::new() };
        gateway.address = until("the gateway listens", QUICK, async || {
            let log = gateway.log();
            log.lines().find_map(listening).ok_or(log)
        })
        .await;
        gateway.until_ready().await;
        gateway
    }

    /// Kills the process and starts another one at the same address.
    pub(crate) async fn restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut command = Command::new(self.command.get_program());
        for argument in self.command.get_args() {
            command.arg(if argument == ANY_PORT { self.address.as_ref() } else { argument });
        }
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = File::options().append(true).open(&self.log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        self.process = command.spawn().unwrap();
        self.until_ready().await;
    }

    async fn until_ready(&self) {
        until("the gateway is ready", QUICK, async || {
            let answer = self.caller(None).try_send(Method::GET, "/readyz", "").await?;
            if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
    }

    /// Runs `tributary-gateway` with this gateway's database file: its standard output, or its standard error.
    pub(crate) async fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        let mut command = tokio::process::Command::new(self.command.get_program());
        command.args(arguments).env("TRIBUTARY_DATA", self.log.with_file_name("data.redb"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut stdin = process.stdin.take().unwrap();
        let feed = async {
            // It may have refused before it has read all.
            let _ = stdin.write_all(input).await;
            drop(stdin);
        };
        let ((), output) = tokio::join!(feed, process.wait_with_output());
        let output = output.unwrap();
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    /// Somebody who calls the port itself.
    pub(crate) fn caller(&self, identity: Option<&Identity>) -> Caller {
        Caller::new(&self.address, &self.name, &self.authority.certificate, identity)
    }

    /// A certificate of the CA that its own is from.
    pub(crate) fn issue(&self, subject: Subject<'_>) -> Identity {
        self.authority.issue(subject)
    }

    /// The CA of its certificate, PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.authority.certificate
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(LOG_SHOWN)..];
            println!("the gateway of the failed test logged:\n{}", shown.join("\n"));
        }
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address in the log line that says that it listens.
fn listening(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields").unwrap_or(&line);
    (fields["message"] == "listening").then(|| fields["address"].as_str().unwrap().to_owned())
}

/// JSON is YAML, and kubeconfigs are read as YAML.
fn kubeconfig(cluster: &Cluster, token: &str) -> Value {
    use base64::Engine;
    let authority = base64::engine::general_purpose::STANDARD.encode(&cluster.authority);
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": cluster.server, "certificate-authority-data": authority}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    })
}
