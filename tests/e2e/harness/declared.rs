//! A group that the operator serves.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::authority::Identity;
use super::caller::Caller;
use super::cluster::{Cluster, unique};
use super::garbage::Garbage;
use super::kubectl::Kubectl;
use super::wait::until;

/// The operator's namespace.
pub(crate) const SYSTEM: &str = "tributary-system";
/// For a gateway's Pod to start and to be found, on a machine that is busy with other tests.
pub(crate) const ROLLOUT: Duration = Duration::from_secs(90);
/// The kinds of children, as kubectl names them.
pub(crate) const KINDS: &str = "apiservices,deployments,services,secrets,configmaps,serviceaccounts,roles,rolebindings,\
                                clusterroles,clusterrolebindings,pods";
/// The port of gateways in Pods.
const PORT: u16 = 10250;

/// Tests that need the operator share it; one that stops it has it alone.
static OPERATOR: RwLock<()> = RwLock::const_new(());

/// The operator, for one test among others.
pub(crate) async fn operator() -> RwLockReadGuard<'static, ()> {
    OPERATOR.read().await
}

/// The operator, for a test that stops it.
pub(crate) async fn operator_alone() -> RwLockWriteGuard<'static, ()> {
    OPERATOR.write().await
}

/// An AggregatedAPI in a cluster where the operator runs. Dropped, it is deleted.
pub(crate) struct Declared {
    garbage: Garbage,
    pub(crate) kubectl: Kubectl,
    pub(crate) cluster: Cluster,
    pub(crate) group: String,
}

/// Shows what operators logged of the group, where its test fails.
impl Drop for Declared {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut command = std::process::Command::new(&self.kubectl.program);
        command.env("KUBECONFIG", &self.kubectl.kubeconfig);
        command.args(["logs", "--namespace", SYSTEM, "--tail=-1", "--prefix"]);
        command.args(["--selector", "app.kubernetes.io/component=operator"]);
        let Ok(output) = command.output() else { return };
        let log = String::from_utf8_lossy(&output.stdout);
        let lines = log.lines().filter(|line| line.contains(&self.group) || line.contains("Lease"));
        println!("operators logged of {}:\n{}", self.group, lines.collect::<Vec<_>>().join("\n"));
    }
}

impl Declared {
    /// Declares `spec`, an AggregatedAPI's without its group, for a group of its own, and waits for nothing.
    pub(crate) async fn apply(label: &str, spec: Value) -> Self {
        let mut declared = Self::prepare(label).await;
        declared.declare(spec).await;
        declared
    }

    /// A group that nobody has declared yet.
    pub(crate) async fn prepare(label: &str) -> Self {
        Self::named(&format!("{}.example.com", unique(label))).await
    }

    /// The group `group`.
    pub(crate) async fn named(group: &str) -> Self {
        let cluster = Cluster::connect().await;
        let kubectl = cluster.kubectl.clone();
        Self { garbage: Garbage::new(kubectl.clone()), kubectl, cluster, group: group.to_owned() }
    }

    /// Creates the AggregatedAPI.
    pub(crate) async fn declare(&mut self, mut spec: Value) {
        spec["group"] = json!(self.group);
        let api = json!({"apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI",
            "metadata": {"name": self.group}, "spec": spec});
        self.create(&api).await;
    }

    /// Creates an object that goes with this value.
    pub(crate) async fn create(&mut self, object: &Value) {
        self.note(object);
        self.kubectl.run_with(&object.to_string(), "create -f -").await.success();
    }

    /// Notes an object that goes with this value.
    pub(crate) fn note(&mut self, object: &Value) {
        self.garbage.note(std::slice::from_ref(object));
    }

    /// Applies a merge patch to the spec; the answer may be a refusal.
    pub(crate) async fn patch(&self, spec: &Value) -> super::Answer {
        self.cluster.admin.patch(&self.path(), &json!({"spec": spec})).await
    }

    /// Waits for a condition, which speaks of the current generation, and returns it.
    pub(crate) async fn until(&self, condition: &str, status: &str, reason: &str) -> Value {
        until(&format!("{} is {condition}={status} {reason}", self.group), ROLLOUT, async || {
            let api = self.get().await;
            let conditions = api["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let found = conditions.into_iter().find(|found| found["type"] == condition);
            let fits = |found: &Value| {
                found["status"] == status
                    && (reason.is_empty() || found["reason"] == reason)
                    && found["observedGeneration"] == api["metadata"]["generation"]
            };
            found.filter(fits).ok_or_else(|| api["status"].to_string())
        })
        .await
    }

    /// Waits until all of it works.
    pub(crate) async fn until_ready(&self) {
        self.until("Ready", "True", "").await;
    }

    /// The AggregatedAPI as it is.
    pub(crate) async fn get(&self) -> Value {
        self.cluster.admin.get(&self.path()).await.json()
    }

    pub(crate) fn path(&self) -> String {
        format!("/apis/tributary.dev/v1alpha1/aggregatedapis/{}", self.group)
    }

    /// `/apis/<group>/v1` and `rest`, as kube-apiserver answers it.
    pub(crate) async fn served(&self, rest: &str) -> super::Answer {
        self.cluster.admin.get(&format!("/apis/{}/v1{rest}", self.group)).await
    }

    /// The name of the children, by the rule of the contract.
    pub(crate) fn child(&self) -> String {
        let prefix: String = self.group.chars().take(40).collect();
        let digest: String =
            Sha256::digest(&self.group).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        format!("g-{}-{digest}", prefix.replace('.', "-"))
    }

    /// The children that there are, as kubectl prints names, in order.
    pub(crate) async fn children(&self) -> Vec<String> {
        let arguments = format!("get {KINDS} -A -l tributary.dev/group={} -o name", self.group);
        let mut names: Vec<_> = self.kubectl.says(&arguments).await.lines().map(str::to_owned).collect();
        names.sort();
        names
    }

    /// The gateway's ready Pod.
    pub(crate) async fn pod(&self) -> Value {
        self.pods(1).await.swap_remove(0)
    }

    /// The gateway's ready Pods, when there are so many.
    async fn pods(&self, least: usize) -> Vec<Value> {
        until("the gateway's Pods are ready", ROLLOUT, async || {
            let path =
                format!("/api/v1/namespaces/{SYSTEM}/pods?labelSelector=tributary.dev/group={}", self.group);
            let pods = self.cluster.admin.get(&path).await.json();
            let ready = |pod: &Value| {
                let conditions = pod["status"]["conditions"].as_array();
                let ready = |found: &Value| found["type"] == "Ready" && found["status"] == "True";
                pod["metadata"]["deletionTimestamp"].is_null()
                    && conditions.is_some_and(|all| all.iter().any(ready))
            };
            let mut pods = pods["items"].as_array().cloned().unwrap_or_default();
            let all = pods.len();
            pods.retain(ready);
            if pods.len() >= least { Ok(pods) } else { Err(format!("{} of {all}", pods.len())) }
        })
        .await
    }

    /// Somebody who calls the port of the gateway's Pod.
    pub(crate) async fn caller(&self, identity: Option<&Identity>) -> Caller {
        self.callers_of(&[self.pod().await], identity).await.swap_remove(0)
    }

    /// Somebody who calls the port of each of the gateway's Pods.
    pub(crate) async fn callers(&self, identity: Option<&Identity>) -> Vec<Caller> {
        let wanted = self.get().await["spec"]["gateway"]["replicas"].as_u64().unwrap_or(1);
        self.callers_of(&self.pods(wanted as usize).await, identity).await
    }

    async fn callers_of(&self, pods: &[Value], identity: Option<&Identity>) -> Vec<Caller> {
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/v1.{}", self.group);
        let bundle = self.cluster.admin.get(&path).await.expect(200)["spec"]["caBundle"].take();
        let bundle = String::from_utf8(STANDARD.decode(bundle.as_str().unwrap()).unwrap()).unwrap();
        let server = format!("{}.{SYSTEM}.svc", self.child());
        let caller = |pod: &Value| {
            let address = format!("{}:{PORT}", pod["status"]["podIP"].as_str().unwrap());
            Caller::new(&address, &server, &bundle, identity)
        };
        pods.iter().map(caller).collect()
    }
}
