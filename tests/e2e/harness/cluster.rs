//! The cluster that the environment names.

use std::path::{Path, PathBuf};

use rand::Rng;

use super::authority::{Authority, Identity};
use super::caller::Caller;
use super::kubectl::Kubectl;
use super::wait::{QUICK, until};

const CRD: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/aggregatedapis.tributary.dev";

/// A cluster, and an administrator's ways to it.
pub(crate) struct Cluster {
    /// kube-apiserver's URL.
    pub(crate) server: String,
    /// The CA of kube-apiserver's certificate and of its clients, PEM.
    pub(crate) authority: String,
    /// As administrator, through kubectl.
    pub(crate) kubectl: Kubectl,
    /// As administrator, without.
    pub(crate) admin: Caller,
    pki: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    /// The cluster of `TRIBUTARY_TEST_KUBECONFIG`, `TRIBUTARY_TEST_KUBECTL` and `TRIBUTARY_TEST_PKI` (a folder with
    /// the CAs `ca` and `front-ca`, and the certificate `admin`, as .crt and .key).
    pub(crate) async fn connect() -> Self {
        let folder = std::env::temp_dir().join(unique("tributary-e2e"));
        let kubectl = Kubectl {
            program: path("TRIBUTARY_TEST_KUBECTL"),
            kubeconfig: path("TRIBUTARY_TEST_KUBECONFIG"),
            cache: folder.join("kube-cache"),
        };
        let pki = path("TRIBUTARY_TEST_PKI");
        std::fs::create_dir_all(&folder).unwrap();
        let server = kubectl.says("config view --minify -o jsonpath={.clusters[0].cluster.server}").await;
        let address = server.trim_start_matches("https://").trim_end_matches('/');
        let host = address.rsplit_once(':').unwrap().0;
        let Identity { certificate: authority, .. } = Identity::read(&pki, "ca");
        let admin = Caller::new(address, host, &authority, Some(&Identity::read(&pki, "admin")));
        Self { server, authority, kubectl, admin, pki, folder }
    }

    /// The same with the CustomResourceDefinition installed.
    pub(crate) async fn with_definitions() -> Self {
        let cluster = Self::connect().await;
        let file = workspace().join("crds/aggregatedapis.yaml");
        cluster.kubectl.says(&format!("apply --server-side --force-conflicts -f {}", file.display())).await;
        until("AggregatedAPI is served", QUICK, async || {
            let crd = cluster.admin.get(CRD).await.json();
            let conditions = crd["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let established = |condition: &&serde_json::Value| {
                condition["type"] == "Established" && condition["status"] == "True"
            };
            conditions.iter().find(established).map(|_| ()).ok_or(crd["status"].to_string())
        })
        .await;
        cluster
    }

    /// A CA of the cluster: `ca` or `front-ca`.
    pub(crate) fn own_authority(&self, name: &str) -> Authority {
        Authority::read(&self.pki, name)
    }

    /// A certificate of the cluster, such as `front-proxy-client`.
    pub(crate) fn identity(&self, name: &str) -> Identity {
        Identity::read(&self.pki, name)
    }

    /// A folder that goes with this value.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // In the worst case a folder stays behind in the place for folders that stay behind.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The root of the sources.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The program `name` that the tests are about: from `TRIBUTARY_TEST_BIN`, by default what cargo built last.
pub(crate) fn program(name: &str) -> PathBuf {
    let folder =
        std::env::var_os("TRIBUTARY_TEST_BIN").map_or(workspace().join("target/debug"), PathBuf::from);
    let program = folder.join(name);
    assert!(program.is_file(), "{} is missing: cargo build -p {name}", program.display());
    program
}

/// `prefix` made unique with six random letters.
pub(crate) fn unique(prefix: &str) -> String {
    let mut random = rand::rng();
    let letters: String = (0..6).map(|_| char::from(random.random_range(b'a'..=b'z'))).collect();
    format!("{prefix}-{letters}")
}

/// The path that an environment variable has.
pub(crate) fn path(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(value) if !value.is_empty() => PathBuf::from(value),
        _ => panic!(
            "{variable} is not set: these tests need a cluster, run `make test-control-plane` or `make test-node`"
        ),
    }
}
