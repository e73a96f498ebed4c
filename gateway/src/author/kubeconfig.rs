//! The kubeconfig that leads to this process: whoever can read it can do everything here.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// Only its owner may read it.
const MODE: u32 = 0o600;
/// How a file begins that may be replaced.
const OURS: &str = "# Written by tributary-gateway serve: it leads to that process, and ends with it.\n";

/// A kubeconfig on disk. Dropped, it goes.
#[derive(Debug)]
pub(super) struct Kubeconfig {
    path: PathBuf,
    content: String,
}

// === impl Kubeconfig ===

impl Kubeconfig {
    /// Writes the way to `address` to `path`: the CA to trust, PEM, and the token that is let in.
    ///
    /// # Errors
    /// It cannot be written, or another program's file is there.
    pub(super) fn write(
        path: &Path,
        address: SocketAddr,
        authority: &str,
        token: &str,
    ) -> anyhow::Result<Self> {
        match fs::read(path) {
            Ok(there) if !there.starts_with(OURS.as_bytes()) => {
                bail!("{} is there already, and not from this command", path.display())
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{}", path.display()));
            }
            _ => {}
        }
        let name = "tributary";
        let authority = STANDARD.encode(authority);
        // JSON is YAML, which kubeconfigs are.
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {
                "server": format!("https://{address}"), "certificate-authority-data": authority}}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        });
        let content = format!("{OURS}{config:#}\n");
        replace(path, &content).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), content })
    }
}

impl Drop for Kubeconfig {
    fn drop(&mut self) {
        // Another process may have written its own by now.
        if fs::read(&self.path).is_ok_and(|content| content == self.content.as_bytes()) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// As a whole, and never readable by others: not even while it is being written.
fn replace(path: &Path, content: &str) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}", std::process::id()));
    let partial = PathBuf::from(partial);
    let _ = fs::remove_file(&partial);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&partial)?;
    let written = file.write_all(content.as_bytes()).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn written_replaced_and_gone() {
        let path = std::env::temp_dir().join(format!("tributary-kubeconfig-{}", std::process::id()));
        let write = |port| Kubeconfig::write(&path, SocketAddr::from(([127, 0, 0, 1], port)), "CA", "secret");
        let first = write(1).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = write(2).unwrap();
        drop(first);
        let read = kube::config::Kubeconfig::read_from(&path).unwrap();
        let cluster = read.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(cluster.server.as_deref(), Some("https://127.0.0.1:2"));
        drop(second);
        assert!(!path.exists());
        fs::write(&path, "apiVersion: v1\n").unwrap();
        let refused = write(3).unwrap_err().to_string();
        assert!(refused.ends_with("is there already, and not from this command"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "apiVersion: v1\n");
        fs::remove_file(&path).unwrap();
        let nowhere = Kubeconfig::write(&path.join("x"), SocketAddr::from(([127, 0, 0, 1], 4)), "", "");
        assert!(nowhere.is_err());
    }
}
