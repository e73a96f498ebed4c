//! What a test leaves to be removed.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::kubectl::Kubectl;

/// Objects of the cluster that go when this is dropped, whether the test passed or not.
pub(crate) struct Garbage {
    kubectl: Kubectl,
    objects: Vec<Value>,
}

impl Garbage {
    pub(crate) fn new(kubectl: Kubectl) -> Self {
        Self { kubectl, objects: Vec::new() }
    }

    /// Notes objects for removal; they need not exist yet. The first noted go first.
    pub(crate) fn note(&mut self, objects: &[Value]) {
        self.objects.extend_from_slice(objects);
    }
}

impl Drop for Garbage {
    fn drop(&mut self) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": self.objects});
        let mut child = Command::new(&self.kubectl.program)
            .args(["delete", "--filename=-", "--ignore-not-found", "--wait=false"])
            .env("KUBECONFIG", &self.kubectl.kubeconfig)
            .env("KUBECACHEDIR", &self.kubectl.cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // What kubectl could not read is in what it complains of.
        let _ = child.stdin.take().unwrap().write_all(list.to_string().as_bytes());
        let output = child.wait_with_output().unwrap();
        if !output.status.success() {
            println!("some objects may be left: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
