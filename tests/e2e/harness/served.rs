//! A group that a gateway process serves through the cluster's aggregator.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::caller::Caller;
use super::cluster::{Cluster, unique};
use super::garbage::Garbage;
use super::gateway::Gateway;
use super::kubectl::Kubectl;
use super::wait::{QUICK, until};
use super::way::Way;

/// The name of the Service and of the gateway's ServiceAccount.
const NAME: &str = "gateway";
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// A group with everything that it takes. What it is made of goes in the order of the fields.
pub(crate) struct Served {
    garbage: Garbage,
    pub(crate) gateway: Gateway,
    /// With a discovery cache of its own.
    pub(crate) kubectl: Kubectl,
    pub(crate) cluster: Cluster,
    pub(crate) group: String,
    /// A namespace of this test.
    pub(crate) namespace: String,
}

impl Served {
    /// Serves `spec`, an AggregatedAPI's without its group, as group `<label>-<random>.example.com` in version v1.
    pub(crate) async fn start(label: &str, spec: Value) -> Self {
        let cluster = Cluster::with_definitions().await;
        let namespace = unique(label);
        let group = format!("{namespace}.example.com");
        let kubectl = cluster.kubectl.clone();
        let mut garbage = Garbage::new(kubectl.clone());
        // Without a group whose gateway is gone, namespaces can go.
        garbage.note(&[api_service(&group, &namespace, "", "")]);
        let objects = objects(&group, &namespace, spec);
        garbage.note(&objects);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
        kubectl.run_with(&list, "create -f -").await.success();
        let token = token(&cluster.admin, &namespace, NAME).await;
        let name = format!("{NAME}.{namespace}.svc");
        let gateway = Gateway::start(&cluster, cluster.folder(), &group, &name, &token).await;
        let port = gateway.address.rsplit_once(':').unwrap().1;
        let registration = api_service(&group, &namespace, port, gateway.authority());
        cluster.admin.post("/apis/apiregistration.k8s.io/v1/apiservices", &registration).await.expect(201);
        let served = Self { garbage, gateway, kubectl, cluster, group, namespace };
        served.until_available().await;
        served.until_discovered(|_| true).await;
        served
    }

    /// `/apis/<group>/v1` and `rest`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/apis/{}/v1{rest}", self.group)
    }

    /// `/apis/<group>/v1/namespaces/<namespace>` and `rest`.
    pub(crate) fn namespaced(&self, rest: &str) -> String {
        self.path(&format!("/namespaces/{}{rest}", self.namespace))
    }

    /// An administrator who comes to the gateway's port as kube-apiserver would bring them.
    pub(crate) fn straight(&self) -> Caller {
        let proxy = self.cluster.identity("front-proxy-client");
        self.gateway.caller(Some(&proxy)).brought_as_admin()
    }

    /// Starts the gateway anew, behind a way to kube-apiserver that can be cut.
    pub(crate) async fn behind_a_way(&mut self) -> Way {
        let way = Way::to(self.cluster.server.trim_start_matches("https://")).await;
        let kubeconfig = self.cluster.folder().join("kubeconfig");
        let direct = std::fs::read_to_string(&kubeconfig).unwrap();
        let led = direct.replace(&self.cluster.server, &format!("https://{}", way.address));
        assert_ne!(led, direct);
        std::fs::write(&kubeconfig, led).unwrap();
        self.gateway.restart().await;
        way
    }

    /// The path of the definition.
    pub(crate) fn definition(&self) -> String {
        format!("/apis/tributary.dev/v1alpha1/aggregatedapis/{}", self.group)
    }

    /// Creates objects that go with this value.
    pub(crate) async fn create(&mut self, objects: &[Value]) {
        self.garbage.note(objects);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
        self.kubectl.run_with(&list, "create -f -").await.success();
    }

    /// Somebody else's token.
    pub(crate) async fn token_of(&self, account: &str) -> String {
        token(&self.cluster.admin, &self.namespace, account).await
    }

    /// Waits until kube-apiserver reaches the gateway.
    pub(crate) async fn until_available(&self) {
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/v1.{}", self.group);
        until("the APIService is available", QUICK, async || {
            let status = self.cluster.admin.get(&path).await.json()["status"].take();
            let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
            let available = conditions.iter().any(|condition| condition["status"] == "True");
            if available { Ok(()) } else { Err(status.to_string()) }
        })
        .await;
    }

    /// Waits until kube-apiserver's aggregated discovery has the version as `wanted`, and returns it.
    pub(crate) async fn until_discovered(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        until("the group is in discovery", QUICK, async || {
            let found = self.discovered().await.ok_or("not there")?;
            if found["freshness"] == "Current" && wanted(&found) { Ok(found) } else { Err(found.to_string()) }
        })
        .await
    }

    /// The version in kube-apiserver's aggregated discovery.
    pub(crate) async fn discovered(&self) -> Option<Value> {
        let document = self.cluster.admin.clone().header("Accept", AGGREGATED).get("/apis").await.json();
        let groups = document["items"].as_array()?;
        let group = groups.iter().find(|group| group["metadata"]["name"] == self.group.as_str())?;
        Some(group["versions"][0].clone())
    }
}

/// Everything that is there before the gateway starts, with the rights that the operator gives a gateway and no more.
fn objects(group: &str, namespace: &str, mut spec: Value) -> Vec<Value> {
    spec["group"] = group.into();
    let rbac = "rbac.authorization.k8s.io/v1";
    let role =
        |kind: &str, name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
    let account = json!([{"kind": "ServiceAccount", "name": NAME, "namespace": namespace}]);
    let read = json!(["get", "list", "watch"]);
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": namespace}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME, "namespace": namespace},
            "spec": {"type": "ExternalName", "externalName": "localhost"}}),
        json!({"apiVersion": rbac, "kind": "ClusterRole", "metadata": {"name": namespace}, "rules": [
            {"apiGroups": ["tributary.dev"], "resources": ["aggregatedapis"], "resourceNames": [group], "verbs": read},
            {"apiGroups": [""], "resources": ["namespaces"], "verbs": read}]}),
        json!({"apiVersion": rbac, "kind": "ClusterRoleBinding", "metadata": {"name": namespace},
            "roleRef": role("ClusterRole", namespace), "subjects": account}),
        json!({"apiVersion": rbac, "kind": "ClusterRoleBinding", "metadata": {"name": format!("{namespace}-delegator")},
            "roleRef": role("ClusterRole", "system:auth-delegator"), "subjects": account}),
        json!({"apiVersion": rbac, "kind": "RoleBinding", "metadata": {"name": namespace, "namespace": "kube-system"},
            "roleRef": role("Role", "extension-apiserver-authentication-reader"), "subjects": account}),
        json!({"apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": group},
            "spec": spec}),
    ]
}

fn api_service(group: &str, namespace: &str, port: &str, authority: &str) -> Value {
    json!({
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": format!("v1.{group}")},
        "spec": {
            "group": group,
            "version": "v1",
            "groupPriorityMinimum": 1000,
            "versionPriority": 100,
            "caBundle": STANDARD.encode(authority),
            "service": {"name": NAME, "namespace": namespace, "port": port.parse().unwrap_or(443)},
        },
    })
}

async fn token(admin: &Caller, namespace: &str, account: &str) -> String {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let token = admin.post(&path, &request).await.expect(201);
    token["status"]["token"].as_str().unwrap().to_owned()
}
