//! What children look like as the API server receives them.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};
use tributary_crds::NamespaceUids;

use super::*;
use crate::fixture;

fn body<K: Resource<DynamicType = ()> + Serialize>(object: &K) -> Value {
    Child::new(object).expect("JSON").body
}

fn deployment_of(spec: Value) -> Value {
    body(&deployment(&fixture::group(), &fixture::api(spec).spec, &fixture::site(), "account-uid"))
}

/// What a spec makes of the Deployment, at a JSON pointer.
fn check(spec: Value, pointer: &str, want: Value) {
    let deployment = deployment_of(spec.clone());
    assert_eq!(deployment.pointer(pointer).unwrap_or(&Value::Null), &want, "{spec} {pointer}");
}

const POD: &str = "/spec/template/spec";
const CONTAINER: &str = "/spec/template/spec/containers/0";

fn at(base: &str, rest: &str) -> String {
    format!("{base}{rest}")
}

#[test]
fn pods_obey_the_restricted_profile() {
    let spec = json!({});
    check(spec.clone(), &at(POD, "/securityContext/runAsNonRoot"), json!(true));
    check(spec.clone(), &at(POD, "/securityContext/runAsUser"), json!(65532));
    check(spec.clone(), &at(POD, "/securityContext/seccompProfile/type"), json!("RuntimeDefault"));
    check(spec.clone(), &at(CONTAINER, "/securityContext/allowPrivilegeEscalation"), json!(false));
    check(spec.clone(), &at(CONTAINER, "/securityContext/capabilities"), json!({"drop": ["ALL"]}));
    check(spec.clone(), &at(CONTAINER, "/securityContext/readOnlyRootFilesystem"), json!(true));
    for absent in ["/hostNetwork", "/hostPID", "/hostIPC", "/initContainers"] {
        check(spec.clone(), &at(POD, absent), Value::Null);
    }
    let volumes = deployment_of(spec)["spec"]["template"]["spec"]["volumes"].clone();
    let kinds = volumes[0].as_object().map(|volume| volume.keys().cloned().collect::<Vec<_>>());
    assert_eq!(kinds, Some(vec!["name".to_owned(), "secret".to_owned()]));
}

#[test]
fn the_gateway_is_told_its_group_and_probed() {
    let args = json!([
        "run",
        "--group=tasks.example.com",
        "--listen=0.0.0.0:9443",
        "--tls-cert=/etc/tributary/tls/tls.crt",
        "--tls-key=/etc/tributary/tls/tls.key",
        "--tls-ca=/etc/tributary/tls/ca.crt",
        "--tls-secret=tributary-system/g-tasks-example-com-76445ce3a9-tls",
        "--last-good=/etc/tributary/last-good/definition.json",
        "--absence=tributary-system/g-tasks-example-com-76445ce3a9-absence",
    ]);
    let spec = json!({"gateway": {"port": 9443}});
    check(spec.clone(), &at(CONTAINER, "/args"), args);
    check(spec.clone(), &at(CONTAINER, "/ports/0/containerPort"), json!(9443));
    check(spec.clone(), &at(CONTAINER, "/ports/0/name"), json!("https"));
    let get = |path: &str| json!({"path": path, "port": "https", "scheme": "HTTPS"});
    for (probe, path) in [("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")] {
        check(spec.clone(), &format!("{CONTAINER}/{probe}Probe/httpGet"), get(path));
    }
}

#[test]
fn specs_shape_the_deployment() {
    check(json!({}), "/spec/strategy/type", json!("Recreate"));
    let nothing_stored = json!({"resources": [], "gateway": {"storage": null}});
    check(nothing_stored.clone(), "/spec/strategy/type", json!("RollingUpdate"));
    check(nothing_stored, "/spec/strategy/rollingUpdate/maxUnavailable", json!(0));
    check(json!({}), &at(CONTAINER, "/resources/limits"), json!({"memory": "512Mi"}));
    check(json!({}), &at(CONTAINER, "/resources/requests"), json!({"cpu": "50m", "memory": "64Mi"}));
    let resources = json!({"limits": {"memory": "1Gi"}});
    check(json!({"gateway": {"resources": resources}}), &at(CONTAINER, "/resources"), resources.clone());
    check(json!({}), &at(CONTAINER, "/image"), json!("tributary.dev/gateway:dev"));
    check(json!({"gateway": {"image": ""}}), &at(CONTAINER, "/image"), json!("tributary.dev/gateway:dev"));
    check(json!({"gateway": {"image": "a:1"}}), &at(CONTAINER, "/image"), json!("a:1"));
    check(
        json!({"gateway": {"hostNetwork": true}}),
        &at(POD, "/dnsPolicy"),
        json!("ClusterFirstWithHostNet"),
    );
    check(json!({"gateway": {"nodeSelector": {"a": "b"}}}), &at(POD, "/nodeSelector"), json!({"a": "b"}));
    let secrets = json!([{"name": "pull"}]);
    check(json!({"gateway": {"imagePullSecrets": secrets}}), &at(POD, "/imagePullSecrets"), secrets.clone());
    let tolerations = json!([{"key": "k", "operator": "Exists"}]);
    check(json!({"gateway": {"tolerations": tolerations}}), &at(POD, "/tolerations"), tolerations.clone());
    let labels = json!({"gateway": {"podLabels": {"team": "a", "app.kubernetes.io/name": "mine"}}});
    check(labels.clone(), "/spec/template/metadata/labels/team", json!("a"));
    check(labels, "/spec/template/metadata/labels/app.kubernetes.io~1name", json!("tributary-gateway"));
}

#[test]
fn a_database_file_has_a_volume() {
    let embedded = || json!({"gateway": {"storage": {"memory": null, "embedded": {"size": "1Gi"}}}});
    check(embedded(), "/spec/strategy/type", json!("Recreate"));
    let volume =
        json!({"name": "data", "persistentVolumeClaim": {"claimName": "g-tasks-example-com-76445ce3a9"}});
    check(embedded(), &at(POD, "/volumes/2"), volume);
    let mount = json!({"name": "data", "mountPath": "/var/lib/tributary"});
    check(embedded(), &at(CONTAINER, "/volumeMounts/2"), mount);
    check(embedded(), &at(CONTAINER, "/args/9"), json!("--data=/var/lib/tributary/data.redb"));
    check(embedded(), &at(POD, "/securityContext/fsGroup"), json!(65532));
    check(embedded(), &at(POD, "/securityContext/fsGroupChangePolicy"), json!("OnRootMismatch"));
    check(embedded(), &at(CONTAINER, "/securityContext/readOnlyRootFilesystem"), json!(true));
    for absent in [
        "/securityContext/fsGroupChangePolicy",
        "/volumes/2",
        "/containers/0/volumeMounts/2",
        "/containers/0/args/9",
    ] {
        check(json!({}), &at(POD, absent), Value::Null);
    }
}

#[test]
fn the_claim_outlives_the_group() {
    let group = fixture::group();
    let wish = Wish {
        size: serde_json::from_value(json!("1Gi")).expect("a Quantity"),
        class: None,
        access_modes: vec!["ReadWriteOncePod".to_owned()],
    };
    let child = Child::new(&claim(&group, &wish)).expect("JSON");
    assert!(
        child.reference.is_claim() && references(&group).contains(&child.reference),
        "{}",
        child.reference
    );
    assert_eq!(child.body["metadata"]["ownerReferences"], Value::Null);
    assert_eq!(child.body["metadata"]["labels"]["tributary.dev/group"], "tasks.example.com");
    assert_eq!(child.body["metadata"]["annotations"][ADOPTED_BY], "uid-1");
    let spec = json!({"accessModes": ["ReadWriteOncePod"], "resources": {"requests": {"storage": "1Gi"}}});
    assert_eq!(child.body["spec"], spec);
    assert_eq!(child.body["status"], Value::Null);
    let fast = Wish { class: Some("fast".to_owned()), ..wish };
    assert_eq!(body(&claim(&group, &fast))["spec"]["storageClassName"], "fast");
}

#[test]
fn a_new_account_replaces_the_pods_and_nothing_else_does() {
    let template = |uid: &str| {
        let (group, site) = (fixture::group(), fixture::site());
        let deployment = body(&deployment(&group, &fixture::api(json!({})).spec, &site, uid));
        deployment["spec"]["template"].clone()
    };
    assert_eq!(template("a"), template("a"));
    assert_ne!(template("a"), template("b"));
}

#[test]
fn the_selector_selects_the_pods() {
    let deployment = deployment_of(json!({}));
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    let service = body(&service(&fixture::group()));
    for selector in [&deployment["spec"]["selector"]["matchLabels"], &service["spec"]["selector"]] {
        let selector = selector.as_object().expect("a selector");
        assert!(!selector.is_empty());
        for (key, value) in selector {
            assert_eq!(&labels[key], value, "{key}");
        }
    }
}

fn stand_in_pod(ip: &str, other: Value) -> Pod {
    let mut pod = json!({
        "metadata": {"name": ip, "namespace": "tributary-system", "uid": format!("uid-{ip}")},
        "spec": {"nodeName": "n", "containers": [{"name": "stand-in", "ports": [{"name": "https", "containerPort": 10250}]}]},
        "status": {"podIP": ip, "conditions": [{"type": "Ready", "status": "True"}]},
    });
    fixture::merge(&mut pod, other);
    serde_json::from_value(pod).expect("a Pod")
}

#[test]
fn the_stand_in_is_an_endpoint_of_the_service() {
    let group = fixture::group();
    let unready = json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}});
    let going = json!({"metadata": {"deletionTimestamp": "2026-01-02T03:04:05Z"}});
    let pods = [
        stand_in_pod("10.0.0.1", unready),
        stand_in_pod("10.0.0.2", json!({})),
        stand_in_pod("fd00::1", json!({})),
        stand_in_pod("10.0.0.3", going),
        stand_in_pod("10.0.0.4", json!({})),
    ];
    let slice = body(&stand_in(&group, &pods).expect("two are ready"));
    assert_eq!(slice["metadata"]["labels"]["kubernetes.io/service-name"], group.child.as_str());
    assert_eq!(slice["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"], "tributary-operator");
    assert_eq!(slice["addressType"], "IPv4");
    let service = body(&service(&group));
    assert_eq!(slice["ports"][0]["name"], service["spec"]["ports"][0]["name"]);
    assert_eq!(slice["ports"][0]["port"], 10250);
    let addresses: Vec<&Value> =
        slice["endpoints"].as_array().expect("endpoints").iter().map(|one| &one["addresses"]).collect();
    assert_eq!(addresses, [&json!(["10.0.0.2"]), &json!(["10.0.0.4"])]);
    assert_eq!(stand_in(&group, &pods[..1]), None);
}

#[test]
fn every_child_is_owned_labelled_and_known_to_deletion() {
    let (group, api) = (fixture::group(), fixture::api(json!({})));
    let children = [
        Child::new(&service_account(&group)),
        Child::new(&cluster_role(&group)),
        Child::new(&cluster_role_binding(&group)),
        Child::new(&role(&group)),
        Child::new(&role_binding(&group)),
        Child::new(&service(&group)),
        Child::new(&stand_in(&group, &[stand_in_pod("10.0.0.1", json!({}))]).expect("a Pod is ready")),
        Child::new(&absence(&group, &NamespaceUids::new())),
        Child::new(&deployment(&group, &api.spec, &fixture::site(), "account-uid")),
        Child::new(&api_service(&group, "v1", 0, "PEM", Serving::default())),
    ];
    let owner = json!([{
        "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "name": "tasks.example.com",
        "uid": "uid-1", "controller": true,
    }]);
    for child in children.map(|child| child.expect("JSON")) {
        let metadata = &child.body["metadata"];
        assert_eq!(metadata["ownerReferences"], owner, "{}", child.reference);
        assert_eq!(metadata["labels"]["tributary.dev/group"], "tasks.example.com", "{}", child.reference);
        let known = references(&group).contains(&child.reference);
        assert!(
            known || child.reference.resource.kind == "APIService",
            "{} is never deleted",
            child.reference
        );
    }
}

#[test]
fn gateways_read_what_is_their_own_only() {
    let group = fixture::group();
    let read = json!(["get", "list", "watch"]);
    assert_eq!(
        body(&cluster_role(&group))["rules"],
        json!([
            {"apiGroups": ["tributary.dev"], "resources": ["aggregatedapis"],
             "resourceNames": ["tasks.example.com"], "verbs": read},
            {"apiGroups": [""], "resources": ["namespaces"], "verbs": read},
        ])
    );
    assert_eq!(
        body(&role(&group))["rules"],
        json!([
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [group.tls_secret()], "verbs": read},
            {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [group.absence()], "verbs": read},
        ])
    );
    let subjects = [&group.child, "tributary-stand-in"]
        .map(|name| json!({"kind": "ServiceAccount", "name": name, "namespace": "tributary-system"}));
    assert_eq!(body(&role_binding(&group))["subjects"], json!(subjects), "the stand-in serves in its name");
}

#[test]
fn gateways_read_the_sources_that_are_declared_and_no_others() {
    let view = |from: Value, joins: &[Value]| {
        let join: Vec<_> = joins
            .iter()
            .enumerate()
            .map(|(index, from)| json!({"name": format!("j{index}"), "from": from, "keys": {"object": "1", "item": "1"}}))
            .collect();
        json!({"name": "shown", "kind": "Shown", "scope": "Namespaced", "versions": [{"name": "v1"}],
            "source": {"view": {"from": from, "join": join, "template": {}}}})
    };
    let source = |version: &str, resource: &str| json!({"apiVersion": version, "resource": resource});
    let read = json!(["get", "list", "watch"]);
    let rule =
        |group: &str, resource: &str| json!({"apiGroups": [group], "resources": [resource], "verbs": read});
    for (resources, expected) in [
        (json!([]), json!([])),
        (json!([view(source("v1", "pods"), &[])]), json!([rule("", "pods")])),
        (
            json!([view(source("v1", "pods"), &[source("v1", "events"), source("apps/v1", "deployments")])]),
            json!([rule("", "events"), rule("", "pods"), rule("apps", "deployments")]),
        ),
        (
            json!([view(source("v1", "pods"), &[source("v1", "pods")]), view(source("v1", "pods"), &[])]),
            json!([rule("", "pods")]),
        ),
    ] {
        let spec = fixture::api(json!({"resources": resources})).spec;
        let found = body(&sources_role(&fixture::group(), &spec))["rules"].take();
        assert_eq!(found, expected, "{resources}");
    }
}
