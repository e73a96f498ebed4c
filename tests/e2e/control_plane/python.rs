//! PyPI's kubernetes client (`tests/clients/python`): creates, reads, patches, watches and deletes.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::parity;
use crate::harness::{Served, path, workspace};

/// For all of it, on a machine that does other things as well.
const DEADLINE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn python_client() {
    let served = Served::start("python", parity::spec()).await;
    let mut command = Command::new(path("TRIBUTARY_TEST_PYTHON"));
    command.arg(workspace().join("tests/clients/python/objects.py"));
    command.args([&served.group, &served.namespace]);
    // The client keeps what it discovers in the folder for temporary files.
    command.env("KUBECONFIG", &served.kubectl.kubeconfig).env("TMPDIR", served.cluster.folder());
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("not done after {DEADLINE:?}")).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    print!("{}", text(&output.stdout));
    assert!(output.status.success(), "{}", text(&output.stderr));
}
