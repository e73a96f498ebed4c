//! `serve` and `check`: what authors of definitions have without a cluster. Of this tier they need kubectl alone, but for
//! what [`judged`] compares.

mod judged;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::{Author, Caller, QUICK, gateway, until, words, workspace};

const SUMMARIES: &str = include_str!("../../../../examples/pod-summary.yaml");

const TASKS: &str = r#"# Stored objects, and a path.
apiVersion: tributary.dev/v1alpha1
kind: AggregatedAPI
metadata:
  name: tasks.example.com
spec:
  group: tasks.example.com
  resources:
  - name: tasks
    kind: Task
    shortNames: [tk]
    scope: Namespaced
    versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                title: {type: string, description: The task in one line.}
                color: {type: string, enum: [red, green]}
    source: {stored: {}}
  endpoints:
  - {version: v1, path: foo, static: {body: "foo\n"}}
  gateway:
    storage: {memory: {}}
"#;

const TASK: &str = r#"
apiVersion: tasks.example.com/v1
kind: Task
metadata: {name: bar}
spec: {title: Read, color: green}
"#;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, uid: u1}
spec: {nodeName: node1, containers: [{name: c}]}
status: {phase: Pending}
";

/// As `kubectl get events -o yaml` writes them.
const EVENTS: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Event
  metadata: {name: web.1, namespace: default}
  involvedObject: {uid: u1}
  reason: Scheduled
- apiVersion: v1
  kind: Event
  metadata: {name: web.2, namespace: default}
  involvedObject: {uid: other}
  reason: Killed
";

#[tokio::test]
async fn objects_of_a_folder_make_a_view() {
    let author = Author::start(&[("a.yaml", SUMMARIES)], &[("pod.yaml", POD), ("events.yaml", EVENTS)]).await;
    let rows = author.kubectl.says("get podsummaries -A").await;
    let row = words(rows.lines().nth(1).unwrap());
    assert!(row.starts_with("default web Pending node1 "), "{rows}");
    assert_eq!(author.kubectl.says("get psum web -o jsonpath={.events}").await, r#"["Scheduled"]"#);
    let view = author.kubectl.says("get psum web -o jsonpath={.spec.containers[0]}").await;
    assert_eq!(view, "c");

    let watched = author.watch("get podsummaries -A -w --no-headers");
    watched.until_shown("default web Pending").await;
    author.write("objects/pod.yaml", &POD.replace("Pending", "Running"));
    watched.until_shown("default web Running").await;
    author.write(
        "objects/more.json",
        r#"{"apiVersion": "v1", "kind": "Event", "reason": "Started",
        "metadata": {"name": "web.3", "namespace": "default"}, "involvedObject": {"uid": "u1"}}"#,
    );
    watched.until_shown("Started").await;
    assert_eq!(author.kubectl.says("get psum web -o jsonpath={.events}").await, r#"["Scheduled","Started"]"#);
    author.write("objects/pod.yaml", "kind: Pod\napiVersion: v1\nmetadata:\n  nam: web\n");
    author.until_said("objects/pod.yaml:3: metadata.name: Required value").await;
    assert!(author.kubectl.says("get podsummaries web --no-headers").await.contains("Running"));
    author.remove("objects/pod.yaml");
    until("the object is gone", QUICK, async || {
        let left = author.kubectl.says("get podsummaries -A -o name").await;
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
}

#[tokio::test]
async fn replicas_are_for_a_cluster() {
    let shown = "\
apiVersion: tributary.dev/v1alpha1
kind: AggregatedAPI
metadata: {name: shown.example.com}
spec:
  group: shown.example.com
  gateway: {replicas: 2}
  resources:
  - name: shown
    kind: Shown
    scope: Namespaced
    versions: [{name: v1}]
    source: {view: {from: {apiVersion: v1, resource: pods}, template: {phase: '${object.status.phase}'}}}
";
    let author = Author::start(&[("a.yaml", shown)], &[("pod.yaml", POD)]).await;
    assert_eq!(author.kubectl.says("get shown web -o jsonpath={.phase}").await, "Pending");
}

#[tokio::test]
async fn definitions_are_served_as_they_are_saved() {
    let author = Author::start(&[("a.yaml", SUMMARIES)], &[("pod.yaml", POD)]).await;
    author.until_said("serving summaries.example.com\n").await;

    // A bad edit is told, and changes nothing.
    let bad = SUMMARIES.replace("object.spec.?nodeName", "object.spec.?(nodeName");
    let line = bad.lines().position(|line| line.contains("?(nodeName")).unwrap() + 1;
    author.write("definitions/a.yaml", &bad);
    let path = "spec.resources[0].source.view.template.spec.nodeName";
    author.until_said(&format!("definitions/a.yaml:{line}: {path}: Invalid value: ")).await;
    author.until_said("serving summaries.example.com; files with errors are as they were before\n").await;
    let (code, problems, _) = gateway(&author.path(""), "check definitions", "");
    assert_eq!(code, Some(1));
    assert!(author.said().contains(&problems), "serve says what check says: {problems}");
    assert!(author.kubectl.says("get podsummaries -A").await.contains("node1"));

    // A good one is served, and so is another group.
    author.write("definitions/a.yaml", &SUMMARIES.replace("name: Node", "name: Machine"));
    author.write("definitions/b.yaml", TASKS);
    author.until_said("serving summaries.example.com, tasks.example.com\n").await;
    let (table, groups) = tokio::join!(
        author.kubectl.says("get podsummaries -A"),
        author.kubectl.says("api-resources -o name")
    );
    assert!(table.contains("MACHINE"), "{table}");
    for resource in ["podsummaries.summaries.example.com", "tasks.tasks.example.com"] {
        assert!(groups.contains(resource), "{groups}");
    }
    assert!(author.kubectl.says("explain podsummaries").await.contains("KIND:       PodSummary"));

    // A group has one owner: the second waits until the first goes.
    author.write("definitions/c.yaml", TASKS);
    let group = TASKS.lines().position(|line| line.trim_start().starts_with("group:")).unwrap() + 1;
    author.until_said(&format!("definitions/c.yaml:{group}: spec.group: Duplicate value: ")).await;
    author.remove("definitions/b.yaml");
    author.remove("definitions/a.yaml");
    author.until_said("serving tasks.example.com\n").await;
    assert_eq!(author.kubectl.says("get --raw /apis/tasks.example.com/v1/foo").await, "foo\n");
    let gone = author.kubectl.fails("get --raw /apis/summaries.example.com/v1/podsummaries").await;
    assert!(gone.contains("could not find the requested resource"), "{gone}");
}

#[tokio::test]
async fn stored_objects_are_kept() {
    let author = Author::start(&[("a.yaml", TASKS)], &[]).await;
    let kubectl = &author.kubectl;
    kubectl.run_with(TASK, "create -n somewhere -f -").await.success();
    // One that is there is told to be there, and one of another kind that there is none such.
    let twice = kubectl.run_with(TASK, "create -n somewhere -f -").await.failure();
    assert!(twice.contains("\"bar\" already exists"), "{twice}");
    let other = kubectl.run_with(&TASK.replace("kind: Task", "kind: Chore"), "create -f -").await.failure();
    assert!(other.contains("no matches for kind \"Chore\""), "{other}");
    let patch = r#"patch tk bar -n somewhere --type=merge -p {"spec":{"color":"red"}}"#;
    kubectl.says(patch).await;
    assert_eq!(kubectl.says("get tk bar -n somewhere -o jsonpath={.spec.color}").await, "red");
    let invalid = r#"patch tk bar -n somewhere --type=merge -p {"spec":{"color":"pink"}}"#;
    assert!(kubectl.fails(invalid).await.contains("Unsupported value: \"pink\""));
    assert!(kubectl.says("explain tk.spec.title").await.contains("The task in one line."));
    assert!(kubectl.says("version").await.contains("Server Version: v0."));
    kubectl.says("delete tk bar -n somewhere").await;
    assert_eq!(kubectl.says("get tk -A -o name").await, "");
    assert_eq!(kubectl.says("get --raw /readyz").await, "ok");
}

#[tokio::test]
async fn only_who_has_the_token_gets_in() {
    let mut author = Author::start(&[("a.yaml", TASKS)], &[]).await;
    let file = author.path("kubeconfig");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let server = author.server().await;
    let address = server.trim_start_matches("https://");
    assert!(address.starts_with("127.0.0.1:"), "{server}");
    let config = author.kubectl.says("config view --raw -o json").await;
    let config: Value = serde_json::from_str(&config).unwrap();
    let authority = &config["clusters"][0]["cluster"]["certificate-authority-data"];
    let authority = String::from_utf8(STANDARD.decode(authority.as_str().unwrap()).unwrap()).unwrap();
    let token = config["users"][0]["user"]["token"].as_str().unwrap();
    for (name, header, value, code) in [
        ("127.0.0.1", "Accept", "*/*", 401),
        ("127.0.0.1", "Authorization", "Bearer x", 401),
        ("127.0.0.1", "X-Remote-User", "admin", 401),
        ("127.0.0.1", "Authorization", &format!("Bearer {token}"), 200),
        ("localhost", "Authorization", &format!("Bearer {token}"), 200),
    ] {
        let caller = Caller::new(address, name, &authority, None).header(header, value);
        for path in ["/apis", "/version", "/readyz", "/openapi/v3", "/apis/tasks.example.com/v1/tasks"] {
            let answer = caller.get(path).await;
            assert_eq!(answer.code(), code, "{name} {header} {path}: {}", answer.text());
        }
        assert_eq!(caller.get("/apis/none.example.com/v1").await.code(), if code == 200 { 404 } else { 401 });
    }

    // Whoever watches does not keep it.
    let watched = author.watch("get tasks -A -w");
    author.kubectl.run_with(TASK, "create -f -").await.success();
    watched.until_shown("default bar").await;
    assert!(author.stop().await, "{}", author.said());
    assert!(!file.exists(), "the kubeconfig leads nowhere now");
    let folder = author.path("");
    let (code, _, why) = gateway(&folder, "serve --definitions definitions --listen 0.0.0.0:0", "");
    assert!(code == Some(1) && why.contains("not a loopback address"), "{code:?} {why}");
    let (code, _, why) = gateway(&folder, "serve --definitions missing", "");
    assert!(code == Some(1) && why.contains("--definitions missing"), "{code:?} {why}");
}

#[test]
fn check_answers_scripts() {
    let check = |arguments: &str, input: &str| gateway(&workspace(), &format!("check {arguments}"), input);
    let (code, problems, notes) = check("examples", "");
    assert_eq!((code, problems.as_str()), (Some(0), ""), "{notes}");
    assert!(notes.contains("examples/customtask.yaml:2: note: skipped, CustomTask of "), "{notes}");
    assert!(notes.ends_with(" definitions checked, 0 errors\n"), "{notes}");

    assert_eq!(check("-", TASKS).0, Some(0));
    let bad = format!("{TASK}---\n{}", TASKS.replace("scope: Namespaced", "scope: Everywhere"));
    let line = bad.lines().position(|line| line.contains("Everywhere")).unwrap() + 1;
    let (code, problems, _) = check("examples -", &bad);
    let message = r#"Unsupported value: "Everywhere": supported values: "Namespaced", "Cluster""#;
    assert_eq!((code, problems), (Some(1), format!("-:{line}: spec.resources[0].scope: {message}\n")));

    let (code, problems, _) = check("missing.yaml", "");
    assert_eq!(
        (code, problems.as_str()),
        (Some(1), "missing.yaml:1: No such file or directory (os error 2)\n")
    );
    assert_eq!(gateway(&workspace(), "check", "").0, Some(2), "no file named");
}
