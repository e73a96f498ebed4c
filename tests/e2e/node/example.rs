//! The example, as a user applies it, and what is left of it afterwards.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Declared, ROLLOUT, SYSTEM, Streams, operator, until, workspace};

/// From `kubectl apply` to the first successful `kubectl get`, with the images present.
const PROMISE: Duration = Duration::from_secs(10);
const GROUP: &str = "custom-api.example.com";

#[tokio::test]
async fn the_example() {
    let _operator = operator().await;
    let mut example = Declared::named(GROUP).await;
    let metadata = json!({"name": GROUP});
    example.note(
        &json!({"apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": metadata}),
    );
    let file = workspace().join("examples/custom-api.yaml");
    let says = async |arguments: &str| example.kubectl.says(arguments).await;
    // A run before may have been interrupted.
    says(&format!("delete aapi {GROUP} --ignore-not-found")).await;
    until_nothing_is_left(&example).await;

    let began = Instant::now();
    assert_eq!(
        says(&format!("apply -f {}", file.display())).await,
        format!("aggregatedapi.tributary.dev/{GROUP} created\n")
    );
    until("kubectl get customtasks", ROLLOUT, async || {
        let output = example.kubectl.run(&format!("get customtasks.{GROUP}")).await;
        if output.succeeded { Ok(()) } else { Err(output.stderr) }
    })
    .await;
    let took = began.elapsed();
    println!("from kubectl apply to the first successful kubectl get: {:.1} s", took.as_secs_f64());
    assert!(took < PROMISE, "{took:?}");

    example.until_ready().await;
    println!("Ready after {:.1} s", began.elapsed().as_secs_f64());
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let printed = says(&format!("get aapi {GROUP}")).await;
    let lines: Vec<_> = printed.lines().map(words).collect();
    assert_eq!(lines[0], ["NAME", "GROUP", "VERSIONS", "RESOURCES", "READY", "AGE"]);
    assert_eq!(lines[1][..5], [GROUP, GROUP, "v1", "3", "True"]);
    check_children(&example).await;
    check_pod(&example).await;
    check_combined(&example).await;

    let folder = workspace().join("examples");
    for file in ["customtask.yaml", "clustertask.yaml"] {
        let file = folder.join(file).display().to_string();
        let created = says(&format!("create -f {file} -o name")).await;
        assert_eq!(says(&format!("get -f {file} -o name")).await, created);
    }
    let printed = says(&format!("get customtasks.{GROUP} -n default")).await;
    assert_eq!(words(printed.lines().next().unwrap()), ["NAME", "TITLE", "TOTAL", "PHASE", "AGE"]);
    let path = format!("/apis/{GROUP}/v1/namespaces/default/customtasks/foo");
    says(&format!("create --raw {path} -f {}", folder.join("customtask.json").display())).await;
    says(&format!("delete customtasks.{GROUP} --all -n default")).await;
    assert_eq!(says(&format!("get --raw /apis/{GROUP}/v1/foo/bar")).await, "bar\n");

    let began = Instant::now();
    says(&format!("delete -f {}", file.display())).await;
    until_nothing_is_left(&example).await;
    println!("deleted without a trace after {:.1} s", began.elapsed().as_secs_f64());
    let printed = says(&format!("api-resources --api-group={GROUP} --no-headers")).await;
    assert_eq!(printed, "", "the group is still in discovery");
}

async fn until_nothing_is_left(example: &Declared) {
    until("nothing is left", ROLLOUT, async || {
        let (children, code) =
            (example.children().await, example.cluster.admin.get(&example.path()).await.code());
        if children.is_empty() && code == 404 { Ok(()) } else { Err(format!("{code} {children:?}")) }
    })
    .await;
}

/// Names, labels and owners, as the contract has them.
async fn check_children(example: &Declared) {
    let name = example.child();
    let found = example.children().await;
    let mut expected: Vec<_> = [
        "clusterrole.rbac.authorization.k8s.io",
        "clusterrolebinding.rbac.authorization.k8s.io",
        "deployment.apps",
        "role.rbac.authorization.k8s.io",
        "rolebinding.rbac.authorization.k8s.io",
        "service",
        "serviceaccount",
    ]
    .map(|kind| format!("{kind}/{name}"))
    .into();
    expected.extend([format!("secret/{name}-ca"), format!("secret/{name}-tls")]);
    expected.push(format!("configmap/{name}-last-good"));
    // What its view reads.
    expected.extend(
        ["clusterrole", "clusterrolebinding"]
            .map(|kind| format!("{kind}.rbac.authorization.k8s.io/{name}-sources")),
    );
    expected.push(format!("apiservice.apiregistration.k8s.io/v1.{GROUP}"));
    expected.sort();
    let found: Vec<_> = found.into_iter().filter(|child| !child.starts_with("pod/")).collect();
    assert_eq!(found, expected);
    let uid = example.get().await["metadata"]["uid"].as_str().unwrap().to_owned();
    for child in &found {
        let arguments = format!("get {child} -n {SYSTEM} -o jsonpath={{.metadata.ownerReferences}}");
        let owners: serde_json::Value =
            serde_json::from_str(&example.kubectl.says(&arguments).await).unwrap();
        assert_eq!(
            (&owners[0]["uid"], &owners[0]["controller"]),
            (&uid.as_str().into(), &true.into()),
            "{child}"
        );
        assert!(owners[0]["blockOwnerDeletion"].is_null(), "{child}");
    }
}

/// Pods that run, with their Events: here the gateway's own.
async fn check_combined(example: &Declared) {
    let pod = example.pod().await;
    let name = pod["metadata"]["name"].as_str().unwrap();
    let path = format!("/apis/{GROUP}/v1/namespaces/{SYSTEM}/combinedpods");
    let combined = until("the Pod is shown as it runs", ROLLOUT, async || {
        let combined = example.cluster.admin.get(&format!("{path}/{name}")).await.json();
        let reasons: Vec<_> = combined["events"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|event| event["reason"].as_str())
            .collect();
        let whole = combined["status"]["phase"] == "Running" && reasons.contains(&"Scheduled");
        if whole { Ok(combined) } else { Err(combined.to_string()) }
    })
    .await;
    assert_eq!(combined["spec"], pod["spec"]);
    let printed = example.kubectl.says(&format!("get combinedpods.{GROUP} {name} -n {SYSTEM}")).await;
    let lines: Vec<Vec<&str>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["NAME", "PHASE", "NODE", "EVENTS", "AGE"]);
    assert_eq!(lines[1][..2], [name, "Running"]);
    let listed = example.kubectl.says(&format!("get combinedpods.{GROUP} -A -o name")).await;
    assert!(listed.lines().any(|line| line == format!("combinedpod.{GROUP}/{name}")), "{listed}");

    // An Event arrives in the watch.
    let streams = Streams::open(&example.cluster.admin).await;
    let revision = combined["metadata"]["resourceVersion"].as_str().unwrap();
    let watched = format!("{path}?watch=1&fieldSelector=metadata.name%3D{name}&resourceVersion={revision}");
    let mut watch = streams.watch(&watched).await;
    let event = json!({"apiVersion": "v1", "kind": "Event", "type": "Normal", "reason": "Arrived", "message": "here",
        "metadata": {"name": format!("{name}.arrived"), "namespace": SYSTEM},
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": SYSTEM, "name": name, "uid": pod["metadata"]["uid"]}});
    example.cluster.admin.post(&format!("/api/v1/namespaces/{SYSTEM}/events"), &event).await.expect(201);
    let arrived = async {
        loop {
            let line = watch.line().await.expect("the watch goes on");
            if String::from_utf8_lossy(&line).contains("\"Arrived\"") {
                return;
            }
        }
    };
    tokio::time::timeout(ROLLOUT, arrived).await.expect("the Event arrives");
}

/// The Pod runs under Pod Security `restricted`, enforced.
async fn check_pod(example: &Declared) {
    let namespace = example.cluster.admin.get(&format!("/api/v1/namespaces/{SYSTEM}")).await.expect(200);
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    let pod = example.pod().await;
    let container = &pod["spec"]["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true, "{container}");
    for field in ["readinessProbe", "livenessProbe"] {
        assert!(container[field].is_object(), "{field}: {container}");
    }
    for field in ["requests", "limits"] {
        assert!(container["resources"][field]["memory"].is_string(), "{field}: {container}");
    }
}
