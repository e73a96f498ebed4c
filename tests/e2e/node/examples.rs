//! The examples of views, as a user applies them, and what their readers see.

use serde_json::{Value, json};

use crate::harness::{Declared, ROLLOUT, SYSTEM, operator, unique, until, words, workspace};

/// An example that was applied and is Ready. Dropped, it is deleted with all that is in its file.
async fn applied(file: &str, group: &str) -> Declared {
    let mut example = Declared::named(group).await;
    let file = workspace().join("examples").join(file).display().to_string();
    let objects = example.kubectl.says(&format!("create --dry-run=client -o json -f {file}")).await;
    for object in serde_json::Deserializer::from_str(&objects).into_iter::<Value>() {
        let object = object.unwrap();
        let items = object["items"].as_array().cloned().unwrap_or_else(|| vec![object]);
        items.iter().for_each(|item| example.note(item));
    }
    example.kubectl.says(&format!("delete aapi {group} --ignore-not-found --timeout=60s")).await;
    example.kubectl.says(&format!("apply -f {file}")).await;
    example.until_ready().await;
    example
}

/// A namespace in which `jane` has the role `view`.
async fn namespace_of_jane(example: &mut Declared) -> String {
    let n = unique("jane");
    let rbac = "rbac.authorization.k8s.io";
    example.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}})).await;
    let binding = json!({
        "apiVersion": format!("{rbac}/v1"), "kind": "RoleBinding", "metadata": {"name": "jane", "namespace": n},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "jane"}],
    });
    example.create(&binding).await;
    n
}

/// Creates a Pod that no node runs.
async fn create_pod(example: &mut Declared, namespace: &str) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": namespace},
        "spec": {"nodeName": "none", "containers": [{"name": "c", "image": "none.example.com/none"}]}});
    example.note(&pod);
    // A new namespace has no ServiceAccount yet.
    until("the Pod is created", ROLLOUT, async || {
        let output = example.kubectl.run_with(&pod.to_string(), "create -f -").await;
        if output.succeeded { Ok(()) } else { Err(output.stderr) }
    })
    .await;
}

/// The lines that kubectl prints, once they are as they should be.
async fn printed(example: &Declared, arguments: &str, wanted: &[&str]) {
    until(&format!("kubectl {arguments} prints {wanted:?}"), ROLLOUT, async || {
        let output = example.kubectl.run(arguments).await;
        let lines: Vec<_> = output.stdout.lines().map(words).collect();
        let fits = lines.len() == wanted.len()
            && lines.iter().zip(wanted).all(|(line, wanted)| line.starts_with(wanted));
        if output.succeeded && fits { Ok(()) } else { Err(format!("{lines:?} {}", output.stderr)) }
    })
    .await;
}

#[tokio::test]
async fn tenants_see_the_names_of_secrets() {
    let _operator = operator().await;
    let mut example = applied("secret-names.yaml", "inventory.example.com").await;
    let n = namespace_of_jane(&mut example).await;
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": n},
        "stringData": {"b": "hidden", "a": "hidden"}});
    example.create(&secret).await;
    let list = format!("get secretnames.inventory.example.com --as=jane -n {n}");
    printed(&example, &list, &["NAME TYPE KEYS AGE", "s Opaque a,b"]).await;
    let shown = example.kubectl.says(&format!("{list} -o yaml")).await;
    assert!(!shown.contains("hidden") && !shown.contains("aGlkZGVu"), "{shown}");
    let refused = example.kubectl.fails(&format!("get secrets --as=jane -n {n}")).await;
    assert!(refused.contains("Forbidden"), "{refused}");
    let refused = example.kubectl.fails("get secretnames.inventory.example.com --as=jane -A").await;
    assert!(refused.contains("Forbidden"), "{refused}");
}

#[tokio::test]
async fn namespaces_with_what_is_in_them() {
    let _operator = operator().await;
    let mut example = applied("namespace-summary.yaml", "dashboard.example.com").await;
    let n = unique("counted");
    example.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}})).await;
    let list = format!("get namespacesummaries.dashboard.example.com {n}");
    let header = "NAME PHASE PODS NOT READY DEPLOYMENTS AGE";
    printed(&example, &list, &[header, &format!("{n} Active 0 0")]).await;
    create_pod(&mut example, &n).await;
    printed(&example, &list, &[header, &format!("{n} Active 1 1")]).await;
    let operator =
        example.kubectl.says(&format!("get namespacesummaries.dashboard.example.com {SYSTEM}")).await;
    assert!(operator.contains("tributary-operator"), "{operator}");
}

#[tokio::test]
async fn everybody_sees_their_pods() {
    let _operator = operator().await;
    let mut example = applied("my-pods.yaml", "mine.example.com").await;
    let n = namespace_of_jane(&mut example).await;
    let other = unique("other");
    example.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": other}})).await;
    for namespace in [&n, &other] {
        create_pod(&mut example, namespace).await;
    }
    let list = "get mypods.mine.example.com -A";
    printed(
        &example,
        &format!("{list} --as=jane"),
        &["NAMESPACE NAME PHASE NODE AGE", &format!("{n} p Pending none")],
    )
    .await;
    let all = example.kubectl.says(list).await;
    assert!(all.contains(&other) && all.contains(SYSTEM), "{all}");
    let refused = example.kubectl.fails("get pods --as=jane -A").await;
    assert!(refused.contains("Forbidden"), "{refused}");
}
