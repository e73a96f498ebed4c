//! client-go's informers, in a Go program (`tests/cluster/cmd/informers`): what they have is what is there, through
//! changes, cut connections and slow reads.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::harness::{Served, path};
use crate::tasks;

const CHANGES: usize = 5000;
/// For all of it, on a machine that does other things as well.
const DEADLINE: Duration = Duration::from_secs(240);

#[tokio::test]
async fn informers_are_equal_to_the_store() {
    let served = Served::start("informers", tasks::spec()).await;
    let mut command = Command::new(path("TRIBUTARY_TEST_INFORMERS"));
    command.args(["--group", &served.group, "--namespace", &served.namespace]);
    command.args(["--changes", &CHANGES.to_string()]);
    command.arg("--kubeconfig").arg(&served.kubectl.kubeconfig);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let began = Instant::now();
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("not done after {DEADLINE:?}")).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (told, complained) = (text(&output.stdout), text(&output.stderr));
    println!(
        "{told}{:.1} s in all, the gateway has {} MiB",
        began.elapsed().as_secs_f64(),
        served.gateway.memory() >> 20
    );
    assert!(output.status.success(), "{complained}");
}
