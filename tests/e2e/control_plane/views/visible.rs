//! `visibleIf`: every caller sees what kube-apiserver would let that caller see.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::rights::grant;
use super::{let_gateway_read, until_read, user};
use crate::harness::{QUICK, Served, Watching, until};

/// How long a right that is lost may still be seen: 10 s of cache, as for requests, and as long again for
/// kube-apiserver's authorizer to know.
const LOST_WITHIN: Duration = Duration::from_secs(15);

fn spec() -> Value {
    json!({
        "resources": [{
            "name": "mymaps", "kind": "MyMap", "scope": "Namespaced", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "configmaps"},
                "where": "!object.metadata.name.startsWith('kube-root-ca')",
                "template": {"keys": "${object.?data.orValue({}).size()}"},
                "readAs": "Gateway",
                "visibleIf": {"verb": "get", "resource": "configmaps",
                    "namespace": "${object.metadata.namespace}", "name": "${object.metadata.name}"},
            }},
        }],
        "gateway": {},
    })
}

/// The right to get these ConfigMaps.
fn may_get(served: &Served, names: &[&str]) -> [Value; 2] {
    let (rbac, n) = ("rbac.authorization.k8s.io", &served.namespace);
    let metadata = json!({"name": "get-some", "namespace": n});
    let rule =
        json!({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": names, "verbs": ["get"]});
    [
        json!({"apiVersion": format!("{rbac}/v1"), "kind": "Role", "metadata": metadata, "rules": [rule]}),
        json!({"apiVersion": format!("{rbac}/v1"), "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "get-some"}, "subjects": [user("jane")]}),
    ]
}

/// Type and name of the next event.
async fn next(watching: &mut Watching) -> (String, String) {
    let line =
        tokio::time::timeout(QUICK, watching.line()).await.expect("an event").expect("the watch goes on");
    let event: Value = serde_json::from_slice(&line).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&event["type"]), text(&event["object"]["metadata"]["name"]))
}

#[tokio::test]
async fn callers_see_what_they_may() {
    let mut served = Served::start("visible", spec()).await;
    let_gateway_read(&mut served, &["configmaps"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/mymaps");
    until_read(&served, &view).await;
    for name in ["a", "b", "c"] {
        let map =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "v"}});
        admin.post(&format!("/api/v1/namespaces/{n}/configmaps"), &map).await.expect(201);
    }
    let rule = json!({"resources": ["mymaps"], "verbs": ["get", "list", "watch"]});
    let rights = grant(&served, "jane", false, rule);
    served.create(&rights).await;
    let some = may_get(&served, &["a", "b"]);
    served.create(&some).await;
    let jane = admin.clone().impersonating("jane");
    let names = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let list = until("jane sees two", QUICK, async || {
        let list = jane.get(&view).await.json();
        if names(&list) == ["a", "b"] { Ok(list) } else { Err(list.to_string()) }
    })
    .await;
    assert_eq!(names(&admin.get(&view).await.json()), ["a", "b", "c"]);
    assert_eq!(jane.get(&format!("{view}/a")).await.code(), 200);
    let hidden = jane.get(&format!("{view}/c")).await;
    let missing = jane.get(&format!("{view}/x")).await;
    assert_eq!((hidden.code(), hidden.message()), (404, missing.message().replace("\"x\"", "\"c\"")));
    let page = jane.get(&format!("{view}?limit=2")).await.json();
    assert_eq!((names(&page).len(), &page["metadata"]["continue"]), (2, &json!("")), "{page}");
    let table = served.kubectl.says(&format!("get mymaps.{} -n {n} --as=jane", served.group)).await;
    assert_eq!(table.lines().count(), 3, "{table}");

    let revision = list["metadata"]["resourceVersion"].as_str().unwrap();
    let mut watching = Watching::alone(&jane, &format!("{view}?watch=true&resourceVersion={revision}")).await;
    let map = |name: &str| format!("/api/v1/namespaces/{n}/configmaps/{name}");
    for name in ["c", "a"] {
        admin.patch(&map(name), &json!({"data": {"l": "w"}})).await.expect(200);
    }
    assert_eq!(next(&mut watching).await, ("MODIFIED".to_owned(), "a".to_owned()), "c is not hers to see");
    let role = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{n}/roles/get-some");
    let only = |names: &[&str]| json!({"rules": [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": names, "verbs": ["get"]}]});
    let began = Instant::now();
    admin.patch(&role, &only(&["b", "c"])).await.expect(200);
    let mut told = [next(&mut watching).await, next(&mut watching).await];
    told.sort();
    let expected =
        [("ADDED", "c"), ("DELETED", "a")].map(|(event, name)| (event.to_owned(), name.to_owned()));
    assert_eq!(told, expected);
    assert!(began.elapsed() < LOST_WITHIN, "{:?}", began.elapsed());
    assert_eq!(names(&jane.get(&view).await.json()), ["b", "c"]);
    let late =
        jane.get(&format!("{view}?watch=true&timeoutSeconds=1&resourceVersion={revision}")).await.json();
    assert_eq!((&late["type"], &late["object"]["code"]), (&json!("ERROR"), &json!(410)));
}
