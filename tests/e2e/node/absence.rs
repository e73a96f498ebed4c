//! No gateway of a group is ready: nobody else notices, and what namespaces leave meanwhile is not there when it is back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Declared, SYSTEM, operator, unique, until};
use crate::tasks;

/// Within which namespaces go though the group cannot be asked.
const SOON: Duration = Duration::from_secs(180);
/// For a namespace that waits for nobody, on a machine that is busy with other tests.
const AT_ONCE: Duration = Duration::from_secs(60);

/// A group with a database file.
async fn declared(label: &str) -> Declared {
    let mut declared = Declared::prepare(label).await;
    let mut spec = tasks::spec();
    spec["gateway"] = json!({"storage": {"embedded": {"size": "1Gi"}, "deletionPolicy": "Delete"}});
    declared.declare(spec).await;
    declared.until_ready().await;
    declared
}

/// Ends the gateway's Pod, and lets no other begin, or lets it.
async fn block(declared: &Declared, blocked: bool) {
    let nowhere = if blocked { json!("true") } else { Value::Null };
    let selector = json!({"gateway": {"nodeSelector": {"tributary.dev/nowhere": nowhere}}});
    declared.patch(&selector).await.expect(200);
}

async fn create_namespace(declared: &mut Declared, name: &str) {
    declared.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
}

/// Creates a task, once the gateway is who is asked.
async fn create_task(declared: &Declared, namespace: &str, name: &str) {
    let path = format!("/apis/{}/v1/namespaces/{namespace}/customtasks", declared.group);
    until("a task is created", AT_ONCE, async || {
        let answer = declared.cluster.admin.post(&path, &tasks::task(&declared.group, name)).await;
        if answer.code() == 201 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

/// The names of the tasks in a namespace.
async fn tasks_in(declared: &Declared, namespace: &str) -> Vec<String> {
    let list = until("tasks are listed", AT_ONCE, async || {
        let answer = declared.served(&format!("/namespaces/{namespace}/customtasks")).await;
        if answer.code() == 200 { Ok(answer.json()) } else { Err(answer.text()) }
    })
    .await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

async fn delete_namespace(declared: &Declared, name: &str, within: Duration) {
    let began = Instant::now();
    declared.cluster.admin.delete(&format!("/api/v1/namespaces/{name}")).await.expect(200);
    until("the namespace is gone", within, async || {
        let answer = declared.cluster.admin.get(&format!("/api/v1/namespaces/{name}")).await;
        if answer.code() == 404 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    println!("a namespace went after {:.1} s", began.elapsed().as_secs_f64());
}

/// The verbs of the tasks, as kube-apiserver tells them without a cache of kubectl's.
async fn verbs(declared: &Declared) -> Vec<String> {
    let found = declared.served("").await.expect(200);
    let resources = found["resources"].as_array().unwrap();
    let tasks = resources.iter().find(|resource| resource["name"] == "customtasks").unwrap();
    tasks["verbs"].as_array().unwrap().iter().map(|verb| verb.as_str().unwrap().to_owned()).collect()
}

/// Waits until callers are sent to the gateway alone.
async fn until_settled(declared: &Declared) {
    until("nothing is left of the absence", AT_ONCE, async || {
        let children =
            [("/api", "configmaps", "absence"), ("/apis/discovery.k8s.io", "endpointslices", "stand-in")];
        for (api, resource, suffix) in children {
            let path = format!("{api}/v1/namespaces/{SYSTEM}/{resource}/{}-{suffix}", declared.child());
            let answer = declared.cluster.admin.get(&path).await;
            if answer.code() != 404 {
                return Err(answer.text());
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_group_without_a_gateway_hurts_nobody() {
    let _operator = operator().await;
    let mut declared = declared("absent").await;
    let [recreated, kept, other] = ["recreated", "kept", "other"].map(unique);
    for namespace in [&recreated, &kept] {
        create_namespace(&mut declared, namespace).await;
        create_task(&declared, namespace, "old").await;
    }

    block(&declared, true).await;
    let began = Instant::now();
    until("the stand-in answers", AT_ONCE, async || {
        let data = declared.served(&format!("/namespaces/{kept}/customtasks")).await;
        let told = data.text();
        if data.code() == 503 && told.contains("no gateway of") { Ok(()) } else { Err(told) }
    })
    .await;
    println!("the stand-in answers after {:.1} s", began.elapsed().as_secs_f64());
    let data = declared.served(&format!("/namespaces/{kept}/customtasks")).await;
    assert_eq!(data.header("Retry-After"), "1", "{}", data.text());
    until("the APIService is available", AT_ONCE, async || {
        let found = declared.kubectl.run("api-resources --cached=false -o name").await;
        let name = format!("customtasks.{}", declared.group);
        let quiet = found.succeeded && found.stderr.is_empty() && found.stdout.contains(&name);
        if quiet { Ok(()) } else { Err(format!("{}{}", found.stdout, found.stderr)) }
    })
    .await;
    let explained = declared.kubectl.says(&format!("explain customtasks.{}.spec", declared.group)).await;
    assert!(explained.contains("title"), "{explained}");
    assert!(verbs(&declared).await.contains(&"delete".to_owned()), "namespaces wait for a while");
    let available = declared.until("GatewayAvailable", "False", "").await;
    assert!(available["message"].as_str().unwrap().contains("the stand-in answers"), "{available}");

    create_namespace(&mut declared, &other).await;
    delete_namespace(&declared, &other, SOON).await;
    assert!(!verbs(&declared).await.contains(&"delete".to_owned()));
    delete_namespace(&declared, &recreated, AT_ONCE).await;
    create_namespace(&mut declared, &recreated).await;

    block(&declared, false).await;
    declared.until_ready().await;
    // Nodes take a moment to send callers to it.
    until("the gateway answers", AT_ONCE, async || {
        let answer = declared.served("/customtasks").await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    until_settled(&declared).await;
    assert_eq!(tasks_in(&declared, &recreated).await, [] as [&str; 0]);
    assert_eq!(tasks_in(&declared, &kept).await, ["old"]);
    until("things can be deleted again", AT_ONCE, async || {
        let verbs = verbs(&declared).await;
        if verbs.contains(&"delete".to_owned()) { Ok(()) } else { Err(verbs.join(",")) }
    })
    .await;
    // What is made in the namespace of now outlives the next Pod.
    create_task(&declared, &recreated, "new").await;
    let pod = declared.pod().await["metadata"]["name"].take();
    let path = format!("/api/v1/namespaces/{SYSTEM}/pods/{}", pod.as_str().unwrap());
    declared.cluster.admin.delete(&path).await.expect(200);
    until("the next Pod answers", AT_ONCE, async || {
        let found = declared.served(&format!("/namespaces/{recreated}/customtasks/new")).await;
        if found.code() == 200 { Ok(()) } else { Err(found.text()) }
    })
    .await;
    // And goes with it, as ever.
    delete_namespace(&declared, &recreated, AT_ONCE).await;
}

/// A gateway that hangs is as good as none, until kubelet starts it anew.
#[tokio::test]
async fn a_gateway_that_hangs_hurts_nobody() {
    let _operator = operator().await;
    let declared = declared("hung").await;
    create_task(&declared, SYSTEM, "kept").await;
    let pod = declared.pod().await;
    let restarts = |pod: &Value| pod["status"]["containerStatuses"][0]["restartCount"].as_u64();
    let container = pod["status"]["containerStatuses"][0]["containerID"].as_str().unwrap().to_owned();
    stop_process(container.rsplit('/').next().unwrap());
    let path = format!("/namespaces/{SYSTEM}/customtasks/kept");
    until("the stand-in answers", AT_ONCE, async || {
        let began = Instant::now();
        let answer = declared.served(&path).await;
        let told = format!("{} after {:?}: {}", answer.code(), began.elapsed(), answer.text());
        if answer.code() == 503 && told.contains("no gateway of") { Ok(()) } else { Err(told) }
    })
    .await;
    let found = declared.kubectl.run("api-resources --cached=false -o name").await;
    assert!(found.succeeded && found.stderr.is_empty(), "{}{}", found.stdout, found.stderr);
    until("kubelet has started it anew", SOON, async || {
        let answer = declared.served(&path).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let after = declared.pod().await;
    assert_eq!(after["metadata"]["name"], pod["metadata"]["name"]);
    assert!(restarts(&after) > restarts(&pod), "{}", after["status"]);
}

/// Stops the first process of a container, as the node's administrator can (SIGSTOP).
fn stop_process(container: &str) {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let of_container = |pid: &u32| {
        let cgroup = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        cgroup.contains(container) && name.starts_with("tributary-gatew")
    };
    let pid = pids.into_iter().find(of_container).expect("the container's process");
    let stopped = std::process::Command::new("kill").args(["-STOP", &pid.to_string()]).status().unwrap();
    assert!(stopped.success());
}
