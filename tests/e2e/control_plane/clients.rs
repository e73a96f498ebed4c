//! What kubectl and the garbage collector do with objects that change.

use std::time::Duration;

use serde_json::json;

use super::parity;
use crate::harness::{OPENAPI, SPACE, Served, until};
use crate::tasks::{self, qualified};

/// The garbage collector looks for new resources every 30 s, and needs a while after.
const COLLECTED: Duration = Duration::from_secs(150);

#[tokio::test]
async fn kubectl_changes_objects() {
    let served = Served::start("changing", parity::spec()).await;
    let (g, n) = (&served.group, &served.namespace);
    let task = tasks::task(g, "a");
    let says = async |input: String, arguments: &str| {
        let arguments = format!("{} -n {n}", qualified(arguments, g));
        served.kubectl.run_with(&input, &arguments).await.success()
    };
    until("OpenAPI is published", OPENAPI, async || {
        let explained = served.kubectl.run(&format!("explain customtasks.spec --api-version={g}/v1")).await;
        if explained.succeeded { Ok(()) } else { Err(explained.stderr) }
    })
    .await;
    let mut changed = task.clone();
    changed["spec"]["total"] = json!(4);
    let (task, changed) = (task.to_string(), changed.to_string());
    let name = format!("customtask.{g}/a");
    for (input, arguments, expected) in [
        (&task, "apply -f -", format!("{name} created")),
        (&task, "apply -f -", format!("{name} unchanged")),
        (&changed, "apply -f -", format!("{name} configured")),
        (&task, "apply -f - --dry-run=server", format!("{name} configured (server dry run)")),
        (&String::new(), "label customtask a x=y", format!("{name} labeled")),
        (&String::new(), "annotate customtask a x=y", format!("{name} annotated")),
        (
            &String::new(),
            r#"patch customtask a --type=merge -p {"spec":{"color":"red"}}"#,
            format!("{name} patched"),
        ),
        (
            &String::new(),
            r#"patch customtask a --type=json -p [{"op":"replace","path":"/spec/color","value":"blue"}]"#,
            format!("{name} patched"),
        ),
        (
            &String::new(),
            r#"patch customtask a --subresource=status --type=merge -p {"status":{"phase":"Busy"}}"#,
            format!("{name} patched"),
        ),
        (
            &String::new(),
            "wait customtask/a --for=jsonpath={.status.phase}=Busy --timeout=10s",
            format!("{name} condition met"),
        ),
        (&String::new(), "scale customtask a --replicas=7", format!("{name} scaled")),
        (
            &String::new(),
            "get customtask a -o jsonpath={.spec.total}{.spec.color}{.metadata.labels.x}{.status.phase}",
            "7bluey".to_owned() + "Busy",
        ),
    ] {
        assert_eq!(says(input.clone(), arguments).await.trim(), expected, "{arguments}");
    }
    let edited = served.kubectl.says(&qualified(&format!("get customtask a -n {n} -o json"), g)).await;
    says(edited.replace("Task a", "Story"), "replace -f -").await;
    let stale =
        served.kubectl.run_with(&edited.replace("Task a", "Late"), &format!("replace -f - -n {n}")).await;
    assert!(stale.failure().contains("the object has been modified"));
    let arguments = format!("get customtasks.{g} -n {n} -w --request-timeout=3s -o name");
    let path = served.namespaced("/customtasks/a");
    let changing = async {
        for count in 0.. {
            let patch = json!({"metadata": {"labels": {"x": count.to_string()}}});
            served.cluster.admin.patch(&path, &patch).await.expect(200);
        }
    };
    let shown = tokio::select! {
        output = served.kubectl.run(&arguments) => output.stdout,
        () = changing => String::new(),
    };
    let lines: Vec<_> = shown.lines().collect();
    assert!(
        lines.len() > 10 && lines.iter().all(|line| *line == name),
        "a watch shows every change: {shown}"
    );
    let edit = "edit customtask a";
    let editor = format!("sed{SPACE}-i{SPACE}s/Story/Edited/");
    let output = served.kubectl.edit(&editor, &format!("{} -n {n}", qualified(edit, g))).await.success();
    assert_eq!(output.trim(), format!("{name} edited"));
    says(String::new(), "delete customtask a --cascade=background").await;
}

#[tokio::test]
async fn owners_and_dependents() {
    let served = Served::start("owners", tasks::spec()).await;
    let (g, n, admin) = (&served.group, &served.namespace, &served.cluster.admin);
    let maps = format!("/api/v1/namespaces/{n}/configmaps");
    let tasks_path = served.namespaced("/customtasks");
    let owner = |kind: &str, api: &str, object: &serde_json::Value| json!([{"apiVersion": api, "kind": kind, "name": object["metadata"]["name"], "uid": object["metadata"]["uid"]}]);
    let map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    let owning = admin.post(&tasks_path, &tasks::task(g, "owner")).await.expect(201);
    let mut owned = map("owned");
    owned["metadata"]["ownerReferences"] = owner("CustomTask", &format!("{g}/v1"), &owning);
    admin.post(&maps, &owned).await.expect(201);
    let owning = admin.post(&maps, &map("owner")).await.expect(201);
    let mut owned = tasks::task(g, "owned");
    owned["metadata"]["ownerReferences"] = owner("ConfigMap", "v1", &owning);
    admin.post(&tasks_path, &owned).await.expect(201);

    admin.delete(&format!("{maps}/owner")).await.expect(200);
    admin.delete(&format!("{tasks_path}/owner")).await.expect(200);
    for path in [format!("{maps}/owned"), format!("{tasks_path}/owned")] {
        until("the dependent is gone", COLLECTED, async || {
            let code = admin.get(&path).await.code();
            if code == 404 { Ok(()) } else { Err(format!("{path}: {code}")) }
        })
        .await;
    }
}
