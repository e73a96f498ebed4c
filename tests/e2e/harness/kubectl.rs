//! kubectl, of the cluster's version, as a process.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Stands for a space inside of an argument.
pub(crate) const SPACE: char = '\u{a0}';

/// kubectl with a kubeconfig, and a discovery cache that no other test fills.
#[derive(Clone, Debug)]
pub(crate) struct Kubectl {
    pub(crate) program: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) cache: PathBuf,
}

/// What kubectl left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) succeeded: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    arguments: String,
}

// === impl Kubectl ===

impl Kubectl {
    /// Runs it to its end, with `input` on its standard input. Arguments are divided by spaces; a [`SPACE`] is part of one.
    pub(crate) async fn run_with(&self, input: &str, arguments: &str) -> Output {
        self.run_in(&[], input, arguments).await
    }

    /// Runs it with `editor` as the editor.
    pub(crate) async fn edit(&self, editor: &str, arguments: &str) -> Output {
        self.run_in(&[("KUBE_EDITOR", &editor.replace(SPACE, " "))], "", arguments).await
    }

    async fn run_in(&self, environment: &[(&str, &str)], input: &str, arguments: &str) -> Output {
        let mut child = Command::new(&self.program)
            .envs(environment.iter().copied())
            .args(arguments.split(" ").map(|argument| argument.replace(SPACE, " ")))
            .env("KUBECONFIG", &self.kubeconfig)
            .env("KUBECACHEDIR", &self.cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        Output {
            succeeded: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            arguments: arguments.to_owned(),
        }
    }

    pub(crate) async fn run(&self, arguments: &str) -> Output {
        self.run_with("", arguments).await
    }

    /// What it prints; it must succeed.
    pub(crate) async fn says(&self, arguments: &str) -> String {
        self.run(arguments).await.success()
    }

    /// What it complains of; it must fail.
    pub(crate) async fn fails(&self, arguments: &str) -> String {
        self.run(arguments).await.failure()
    }
}

// === impl Output ===

impl Output {
    pub(crate) fn success(self) -> String {
        assert!(self.succeeded, "kubectl {}: {}{}", self.arguments, self.stdout, self.stderr);
        self.stdout
    }

    pub(crate) fn failure(self) -> String {
        assert!(!self.succeeded, "kubectl {} succeeded: {}", self.arguments, self.stdout);
        self.stderr
    }
}

/// A line with its runs of spaces made one.
pub(crate) fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
