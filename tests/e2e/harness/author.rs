//! `tributary-gateway serve` and `check`, as their users run them: without a cluster.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::cluster::{path, program, unique};
use super::kubectl::{Kubectl, words};
use super::wait::{QUICK, until};

/// A `serve` over two folders of its own. Dropped, it ends, and the folders go.
pub(crate) struct Author {
    process: Child,
    folder: PathBuf,
    /// With the kubeconfig that it wrote.
    pub(crate) kubectl: Kubectl,
}

impl Author {
    /// Serves these definitions and objects, files by name.
    pub(crate) async fn start(definitions: &[(&str, &str)], objects: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(unique("tributary-author"));
        for (below, files) in [("definitions", definitions), ("objects", objects)] {
            fs::create_dir_all(folder.join(below)).unwrap();
            for (name, content) in files {
                fs::write(folder.join(below).join(name), content).unwrap();
            }
        }
        let kubectl = Kubectl {
            program: path("TRIBUTARY_TEST_KUBECTL"),
            kubeconfig: folder.join("kubeconfig"),
            cache: folder.join("kube-cache"),
        };
        let log = File::create(folder.join("log")).unwrap();
        let process = Command::new(program("tributary-gateway"))
            .current_dir(&folder)
            .args([
                "serve",
                "--definitions",
                "definitions",
                "--objects",
                "objects",
                "--kubeconfig",
                "kubeconfig",
            ])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let author = Self { process, folder, kubectl };
        author.until_said("kubectl --kubeconfig kubeconfig api-resources").await;
        author
    }

    /// Writes a file, such as `definitions/a.yaml`.
    pub(crate) fn write(&self, file: &str, content: &str) {
        fs::write(self.folder.join(file), content).unwrap();
    }

    /// Removes a file.
    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.folder.join(file)).unwrap();
    }

    /// A path in its folder.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// All that it said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// Waits until it has said this.
    pub(crate) async fn until_said(&self, text: &str) {
        until(&format!("serve says {text:?}"), QUICK, async || {
            let said = self.said();
            if said.contains(text) { Ok(()) } else { Err(said) }
        })
        .await;
    }

    /// Its URL, by the kubeconfig.
    pub(crate) async fn server(&self) -> String {
        self.kubectl.says("config view --minify -o jsonpath={.clusters[0].cluster.server}").await
    }

    /// Starts kubectl, which goes on until this value is gone; what it prints is in the file `watched` of the folder.
    pub(crate) fn watch(&self, arguments: &str) -> Watched {
        let output = File::create(self.path("watched")).unwrap();
        let process = Command::new(&self.kubectl.program)
            .args(arguments.split(' '))
            .env("KUBECONFIG", &self.kubectl.kubeconfig)
            .env("KUBECACHEDIR", &self.kubectl.cache)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        Watched { process, output: self.path("watched") }
    }

    /// Asks it to end, as Ctrl-C or an editor's task does; whether it ended well.
    pub(crate) async fn stop(&mut self) -> bool {
        let ended = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(ended.success());
        until("serve ends", QUICK, async || {
            self.process.try_wait().unwrap().map(|status| status.success()).ok_or(String::new())
        })
        .await
    }
}

impl Drop for Author {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("serve of the failed test said:\n{}", self.said());
        }
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A kubectl that goes on.
pub(crate) struct Watched {
    process: Child,
    output: PathBuf,
}

impl Watched {
    /// Waits until it has printed this, with the spaces of columns made one.
    pub(crate) async fn until_shown(&self, text: &str) {
        until(&format!("kubectl shows {text:?}"), QUICK, async || {
            let shown: Vec<_> = fs::read_to_string(&self.output).unwrap().lines().map(words).collect();
            if shown.iter().any(|line| line.contains(text)) { Ok(()) } else { Err(shown.join("\n")) }
        })
        .await;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `tributary-gateway` answers to these arguments and this input, in `folder`: its code, standard output and standard
/// error.
pub(crate) fn gateway(folder: &Path, arguments: &str, input: &str) -> (Option<i32>, String, String) {
    let mut process = Command::new(program("tributary-gateway"))
        .current_dir(folder)
        .args(arguments.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read it has ended by now.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    let output = process.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
