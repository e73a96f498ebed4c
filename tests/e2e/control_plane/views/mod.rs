//! Views: objects of the cluster, joined and reshaped, and who may read them.

use serde_json::{Value, json};

use crate::harness::{QUICK, Served, until};

mod appearing;
mod callers;
mod churn;
mod joined;
mod redacted;
mod revisions;
mod visible;

/// ConfigMaps with the Events about them: what Pods with their Events are, where there is no node.
fn spec(read_as: &str) -> Value {
    json!({
        "resources": [{
            "name": "combinedmaps",
            "kind": "CombinedMap",
            "scope": "Namespaced",
            "versions": [{"name": "v1", "additionalPrinterColumns": [
                {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                {"name": "Reasons", "type": "string", "jsonPath": ".reasons"},
                {"name": "Last", "type": "string", "expression": "object.reasons.size() > 0 ? object.reasons[object.reasons.size() - 1] : ''"},
            ]}],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "configmaps"},
                "where": "!object.metadata.name.startsWith('kube-root-ca')",
                "join": [{
                    "name": "events",
                    "from": {"apiVersion": "v1", "resource": "events"},
                    "keys": {"object": "object.metadata.uid", "item": "item.involvedObject.uid"},
                }],
                "template": {
                    "spec": {"size": "${object.?data.orValue({}).size()}"},
                    "reasons": "${events.map(e, e.reason)}",
                    "title": "map ${object.metadata.name}",
                },
                "readAs": read_as,
            }},
        }],
        "gateway": {},
    })
}

fn event(namespace: &str, about: &Value, name: &str, reason: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": namespace}, "reason": reason,
        "involvedObject": {"kind": "ConfigMap", "namespace": namespace, "name": about["metadata"]["name"],
            "uid": about["metadata"]["uid"]}})
}

/// The objects that let `subject` read core resources, in the namespace or everywhere.
fn may_read(kind: &str, namespace: &str, name: &str, resources: &[&str], subject: Value) -> [Value; 2] {
    let rbac = "rbac.authorization.k8s.io";
    let mut metadata = json!({"name": name});
    if kind == "Role" {
        metadata["namespace"] = json!(namespace);
    }
    let rule = json!({"apiGroups": [""], "resources": resources, "verbs": ["get", "list", "watch"]});
    [
        json!({"apiVersion": format!("{rbac}/v1"), "kind": kind, "metadata": metadata, "rules": [rule]}),
        json!({"apiVersion": format!("{rbac}/v1"), "kind": format!("{kind}Binding"), "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": kind, "name": name}, "subjects": [subject]}),
    ]
}

/// As the operator does for the sources that are declared.
async fn let_gateway_read(served: &mut Served, resources: &[&str]) {
    let n = served.namespace.clone();
    let account = json!({"kind": "ServiceAccount", "name": "gateway", "namespace": n});
    let name = format!("{n}-sources");
    served.create(&may_read("ClusterRole", &n, &name, resources, account)).await;
}

/// Waits until the view is read as an administrator does.
async fn until_read(served: &Served, path: &str) {
    until("the view is read", QUICK, async || {
        let answer = served.cluster.admin.get(path).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

/// A user, as a subject of RBAC.
fn user(name: &str) -> Value {
    json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": name})
}
