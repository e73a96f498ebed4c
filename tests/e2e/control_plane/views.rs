//! Views: objects of the cluster, joined and reshaped, and who may read them.

use serde_json::{Value, json};

use super::rights::grant;
use crate::harness::{QUICK, Served, until};

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
async fn let_gateway_read(served: &mut Served) {
    let n = served.namespace.clone();
    let account = json!({"kind": "ServiceAccount", "name": "gateway", "namespace": n});
    let name = format!("{n}-sources");
    served.create(&may_read("ClusterRole", &n, &name, &["configmaps", "events"], account)).await;
}

#[tokio::test]
async fn objects_are_joined_and_follow_their_sources() {
    let mut served = Served::start("joined", spec("Gateway")).await;
    let_gateway_read(&mut served).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/combinedmaps");
    let maps = format!("/api/v1/namespaces/{n}/configmaps");
    until("the view is read", QUICK, async || {
        let answer = admin.get(&view).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"l": "x"}}, "data": {"k": "v", "w": "v"}});
    let map = admin.post(&maps, &map).await.expect(201);
    let events = format!("/api/v1/namespaces/{n}/events");
    for (name, reason) in [("b", "Second"), ("a", "First")] {
        admin.post(&events, &event(&n, &map, name, reason)).await.expect(201);
    }
    let shown = async |reasons: Value| {
        until(&format!("{reasons} are joined"), QUICK, async || {
            let object = admin.get(&format!("{view}/a")).await.json();
            if object["reasons"] == reasons { Ok(object) } else { Err(object.to_string()) }
        })
        .await
    };
    let object = shown(json!(["First", "Second"])).await;
    assert_eq!(object["spec"], json!({"size": 2}));
    assert_eq!(object["title"], "map a");
    assert_eq!(object["metadata"]["labels"], json!({"l": "x"}));
    assert_ne!(object["metadata"]["uid"], map["metadata"]["uid"]);
    assert_eq!(admin.get(&format!("{view}?labelSelector=l%3Dx")).await.json()["items"][0]["title"], "map a");
    let table = served.kubectl.says(&format!("get combinedmaps -n {n}")).await;
    assert!(table.contains("SIZE") && table.contains("[\"First\",\"Second\"]"), "{table}");

    let watched = format!(
        "{view}?watch=true&timeoutSeconds=3&resourceVersion={}",
        object["metadata"]["resourceVersion"].as_str().unwrap()
    );
    admin.delete(&format!("{events}/a")).await.expect(200);
    shown(json!(["Second"])).await;
    admin.delete(&format!("{maps}/a")).await.expect(200);
    let told = admin.get(&watched).await.text();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> =
        told.iter().map(|event| (event["type"].as_str().unwrap(), &event["object"]["reasons"])).collect();
    assert_eq!(kinds, [("MODIFIED", &json!(["Second"])), ("DELETED", &json!(["Second"]))]);
    assert_eq!(admin.get(&format!("{view}/a")).await.code(), 404);
    for (path, code) in [(view.clone(), 405), (format!("{view}/a"), 405)] {
        let answer = admin.delete(&path).await;
        assert_eq!(answer.code(), code, "{}", answer.text());
    }
}

#[tokio::test]
async fn callers_need_the_sources_too() {
    let mut served = Served::start("callers", spec("Caller")).await;
    let_gateway_read(&mut served).await;
    let n = served.namespace.clone();
    let view = served.namespaced("/combinedmaps");
    until("the view is read", QUICK, async || {
        let answer = served.cluster.admin.get(&view).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let jane = served.cluster.admin.clone().header("Impersonate-User", "jane");
    let rule = json!({"resources": ["combinedmaps"], "verbs": ["get", "list", "watch"]});
    let rights = grant(&served, "jane", false, rule);
    served.create(&rights).await;
    for (resource, told) in [("configmaps", "configmaps"), ("events", "events")] {
        let answer = until("the right counts", QUICK, async || {
            let answer = jane.get(&view).await;
            let about = format!("cannot list resource \"{told}\"");
            if answer.code() == 403 && answer.text().contains(&about.replace('"', "\\\"")) {
                Ok(answer)
            } else {
                Err(answer.text())
            }
        })
        .await;
        assert!(answer.message().contains("it is read as its caller"), "{}", answer.text());
        let subject = json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "jane"});
        served.create(&may_read("Role", &n, &format!("{n}-{resource}"), &[resource], subject)).await;
    }
    until("jane may read", QUICK, async || {
        let answer = jane.get(&view).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let everywhere = jane.get(&served.path("/combinedmaps")).await;
    assert_eq!(everywhere.code(), 403, "{}", everywhere.text());
}
