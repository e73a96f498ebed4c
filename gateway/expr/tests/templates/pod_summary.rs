//! The template of examples/pod-summary on a Pod as a cluster has them, some 4 KB, and what that takes
//! (`cargo test --release -p tributary-expr --test templates -- --nocapture pod_summary`).

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tributary_expr::{Bindings, Environment, Expression, Fuel, Input, Template};

fn container(name: &str) -> Value {
    json!({
        "name": name, "image": format!("registry.example.com/shop/{name}:1.24.3"), "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/server", "--listen=:8080", "--config=/etc/server/config.yaml"],
        "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}, {"name": "LOG", "value": "info"}],
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}, {"containerPort": 9090, "name": "metrics", "protocol": "TCP"}],
        "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "livenessProbe": {"httpGet": {"path": "/livez", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10, "failureThreshold": 3},
        "volumeMounts": [{"mountPath": "/etc/server", "name": "config", "readOnly": true}, {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access-x7k2p", "readOnly": true}],
        "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}
    })
}

fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "checkout-7d9c5b6f8-x2lqp", "namespace": "shop", "uid": "5f0f6f0e-7b0c-4a52-9d0e-1a2b3c4d5e6f", "resourceVersion": "184467", "generation": 1,
            "creationTimestamp": "2026-11-23T01:02:03Z", "generateName": "checkout-7d9c5b6f8-",
            "labels": {"app.kubernetes.io/name": "checkout", "app.kubernetes.io/part-of": "shop", "pod-template-hash": "7d9c5b6f8"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9090", "checksum/config": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "checkout-7d9c5b6f8", "uid": "c0ffee00-1111-2222-3333-444455556666", "controller": true, "blockOwnerDeletion": true}]
        },
        "spec": {
            "nodeName": "worker-3", "serviceAccountName": "checkout", "restartPolicy": "Always", "schedulerName": "default-scheduler", "priority": 0,
            "containers": [container("app"), container("proxy"), container("agent")],
            "volumes": [{"name": "config", "configMap": {"name": "checkout", "defaultMode": 420}}],
            "tolerations": [{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}]
        },
        "status": {
            "phase": "Running", "hostIP": "10.0.0.3", "podIP": "10.244.3.17", "qosClass": "Burstable", "startTime": "2026-11-23T01:02:03Z",
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T01:02:09Z"}, {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-23T01:02:03Z"}]
        }
    })
}

fn template() -> Value {
    json!({
        "metadata": {"labels": "${object.metadata.?labels}"},
        "name": "${object.metadata.name}",
        "phase": "${object.status.?phase.orValue('Unknown')}",
        "node": "${object.spec.?nodeName}",
        "containers": "${object.spec.containers.map(c, c.name)}",
        "events": "${events.map(e, {'reason': e.reason, 'message': e.message})}",
        "summary": "${object.metadata.name} is ${object.status.phase}"
    })
}

/// The least time of one of many runs.
fn fastest(runs: usize, mut run: impl FnMut()) -> Duration {
    (0..runs).fold(Duration::MAX, |best, _| {
        let start = Instant::now();
        run();
        best.min(start.elapsed())
    })
}

#[test]
fn pod_summary() {
    let environment = Environment::new(["object", "events"]);
    let (pod, template) = (pod(), template());
    let size = pod.to_string().len();
    assert!((3_500..6_000).contains(&size), "{size} bytes");
    let events: Vec<Value> = ["Scheduled", "Pulled", "Created", "Started", "Unhealthy"]
        .map(|reason| json!({"reason": reason, "message": format!("{reason} the container of the Pod"), "count": 1}))
        .into();
    let events: Vec<&Value> = events.iter().collect();
    let compiled = Template::compile(&template, &environment, "spec.template").expect("a sound template");
    let condition = Expression::compile("object.status.phase == 'Running'", &environment).expect("sound");
    let mut bindings = Bindings::new(&environment);
    bindings.set(&environment, "object", Input::Json(&pod)).set(&environment, "events", Input::List(&events));

    let mut fuel = Fuel::default();
    let before = fuel.left();
    let rendered = compiled.render(&bindings, &mut fuel);
    assert_eq!(rendered.failures, []);
    let value = rendered.value.expect("an object");
    assert_eq!(value["containers"], json!(["app", "proxy", "agent"]));
    assert_eq!(value["events"][4]["reason"], "Unhealthy");
    assert_eq!(value["summary"], "checkout-7d9c5b6f8-x2lqp is Running");
    assert!(condition.evaluate_bool(&bindings, &mut Fuel::default()).expect("a verdict"));

    let slim = compiled.reads().variable("object").map(|shape| shape.keep(&pod.to_string()).expect("JSON"));
    let slim: Value = serde_json::from_slice(&slim.expect("reads")).expect("JSON");
    let runs = if cfg!(debug_assertions) { 20 } else { 5_000 };
    let render = fastest(runs, || drop(compiled.render(&bindings, &mut Fuel::default())));
    let verdict = fastest(runs, || assert!(condition.evaluate_bool(&bindings, &mut Fuel::default()).is_ok()));
    let compile = fastest(20, || drop(Template::compile(&template, &environment, "t")));
    println!(
        "Pod of {size} bytes, slim {}; template: {:.1} us and {} fuel, where: {:.2} us, compiling the template: {:.0} us",
        slim.to_string().len(),
        render.as_secs_f64() * 1e6,
        before - fuel.left(),
        verdict.as_secs_f64() * 1e6,
        compile.as_secs_f64() * 1e6,
    );
}
