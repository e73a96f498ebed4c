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

/// What `kubectl delete --cascade` does with an owner and what it owns, of either kind.
#[tokio::test]
async fn cascades() {
    let served = Served::start("cascades", tasks::spec()).await;
    let (g, n) = (served.group.clone(), served.namespace.clone());
    let admin = served.cluster.admin.clone();
    let api = format!("{g}/v1");
    let kinds = [
        ("CustomTask", api.as_str(), served.namespaced("/customtasks")),
        ("ConfigMap", "v1", format!("/api/v1/namespaces/{n}/configmaps")),
    ];
    let object = |kind: &str, name: &str| match kind {
        "CustomTask" => tasks::task(&g, name),
        _ => json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}),
    };
    let mut made = Vec::new();
    for (owner_kind, owner_api, owners) in &kinds {
        for (owned_kind, _, owned) in &kinds {
            for cascade in ["foreground", "background", "orphan"] {
                let name = format!("{cascade}-{owner_kind}-{owned_kind}").to_lowercase();
                let owner =
                    admin.post(owners, &object(owner_kind, &format!("{name}-owner"))).await.expect(201);
                let mut dependent = object(owned_kind, &name);
                dependent["metadata"]["ownerReferences"] = json!([{"apiVersion": owner_api, "kind": owner_kind,
                    "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "blockOwnerDeletion": true}]);
                // Held, so that it can be seen who waits for whom.
                dependent["metadata"]["finalizers"] = json!(["example.com/hold"]);
                admin.post(owned, &dependent).await.expect(201);
                made.push((cascade, format!("{owners}/{name}-owner"), format!("{owned}/{name}")));
            }
        }
    }
    let gone = async |path: &str, what: &str| {
        until(what, COLLECTED, async || {
            let answer = admin.get(path).await;
            if answer.code() == 404 { Ok(()) } else { Err(format!("{path}: {}", answer.text())) }
        })
        .await;
    };
    // The collector watches a new kind after a while; before, it knows of no dependents of it.
    let sentinel = admin.post(&kinds[1].2, &object("ConfigMap", "sentinel")).await.expect(201);
    let mut watched = object("CustomTask", "watched");
    watched["metadata"]["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "ConfigMap",
        "name": "sentinel", "uid": sentinel["metadata"]["uid"]}]);
    admin.post(&kinds[0].2, &watched).await.expect(201);
    admin.delete(&format!("{}/sentinel", kinds[1].2)).await.expect(200);
    gone(&format!("{}/watched", kinds[0].2), "the collector watches the kind").await;

    for (cascade, owner, _) in &made {
        let policy = match *cascade {
            "foreground" => "Foreground",
            "background" => "Background",
            _ => "Orphan",
        };
        let body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy});
        admin.send(http::Method::DELETE, owner, body.to_string()).await.expect(200);
    }
    let release = json!({"metadata": {"finalizers": null}});
    for (cascade, owner, dependent) in &made {
        let marked = async || {
            until("the dependent is deleted, and held", COLLECTED, async || {
                let found = admin.get(dependent).await.json();
                if found["metadata"]["deletionTimestamp"].is_string() {
                    Ok(())
                } else {
                    Err(found.to_string())
                }
            })
            .await;
        };
        match *cascade {
            "foreground" => {
                marked().await;
                let waiting = admin.get(owner).await.expect(200);
                assert_eq!(waiting["metadata"]["finalizers"], json!(["foregroundDeletion"]), "{owner} waits");
                admin.patch(dependent, &release).await.expect(200);
                gone(dependent, "the dependent is gone").await;
                gone(owner, "the owner is gone after it").await;
            }
            "background" => {
                gone(owner, "the owner is gone at once").await;
                marked().await;
                admin.patch(dependent, &release).await.expect(200);
                gone(dependent, "the dependent is gone").await;
            }
            _ => {
                gone(owner, "the owner is gone").await;
                let left = admin.get(dependent).await.expect(200);
                assert!(left["metadata"]["ownerReferences"].is_null(), "{left}");
                assert!(left["metadata"]["deletionTimestamp"].is_null(), "{left}");
            }
        }
    }
}
