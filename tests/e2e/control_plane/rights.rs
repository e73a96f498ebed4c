//! RBAC: every request is authorized as the caller's.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{QUICK, Served, until};
use crate::tasks;

/// The objects that give `user` the `rule` in the test's namespace, or everywhere.
pub(super) fn grant(served: &Served, user: &str, everywhere: bool, mut rule: Value) -> [Value; 2] {
    rule["apiGroups"] = json!([served.group]);
    let kind = if everywhere { "ClusterRole" } else { "Role" };
    let name = format!("{}-{user}", served.namespace);
    let api = "rbac.authorization.k8s.io";
    let mut metadata = json!({"name": name});
    if !everywhere {
        metadata["namespace"] = json!(served.namespace);
    }
    [
        json!({"apiVersion": format!("{api}/v1"), "kind": kind, "metadata": metadata, "rules": [rule]}),
        json!({"apiVersion": format!("{api}/v1"), "kind": format!("{kind}Binding"), "metadata": metadata,
            "roleRef": {"apiGroup": api, "kind": kind, "name": name},
            "subjects": [{"apiGroup": api, "kind": "User", "name": user}]}),
    ]
}

#[tokio::test]
async fn rights() {
    let mut served = Served::start("rights", tasks::spec()).await;
    let (g, n) = (served.group.clone(), served.namespace.clone());
    for name in ["a", "b"] {
        served
            .cluster
            .admin
            .post(&served.namespaced("/customtasks"), &tasks::task(&g, name))
            .await
            .expect(201);
    }
    let grants = [
        ("getter", false, json!({"resources": ["customtasks"], "verbs": ["get"]})),
        (
            "one",
            false,
            json!({"resources": ["customtasks"], "resourceNames": ["a"], "verbs": ["get", "delete"]}),
        ),
        ("lister", true, json!({"resources": ["customtasks", "foo"], "verbs": ["list"]})),
        ("writer", false, json!({"resources": ["customtasks"], "verbs": ["create"]})),
    ];
    for (user, everywhere, rule) in grants {
        let objects = grant(&served, user, everywhere, rule);
        served.create(&objects).await;
    }
    let (list, everywhere) = (served.namespaced("/customtasks"), served.path("/customtasks"));
    let (a, b, foo, bar) =
        (format!("{list}/a"), format!("{list}/b"), served.path("/foo"), served.path("/foo/bar"));
    let posted = served.namespaced("/customtasks/posted");
    let task = json!({"apiVersion": format!("{g}/v1"), "kind": "CustomTask", "spec": {"title": "Posted"}})
        .to_string();
    let none = String::new();
    let proxy = served.cluster.identity("front-proxy-client");
    for (user, method, path, body, code) in [
        ("nobody", Method::GET, &list, &none, 403),
        ("nobody", Method::GET, &a, &none, 403),
        ("nobody", Method::GET, &foo, &none, 403),
        ("nobody", Method::GET, &served.path(""), &none, 200),
        ("nobody", Method::GET, &"/openapi/v3".to_owned(), &none, 200),
        ("getter", Method::GET, &a, &none, 200),
        ("getter", Method::GET, &list, &none, 403),
        ("getter", Method::DELETE, &a, &none, 403),
        ("one", Method::GET, &a, &none, 200),
        ("one", Method::GET, &b, &none, 403),
        ("lister", Method::GET, &list, &none, 200),
        ("lister", Method::GET, &everywhere, &none, 200),
        ("lister", Method::GET, &a, &none, 403),
        ("lister", Method::GET, &foo, &none, 200),
        ("lister", Method::GET, &bar, &none, 403),
        ("writer", Method::POST, &posted, &task, 201),
        ("writer", Method::GET, &posted, &none, 403),
        ("lister", Method::POST, &posted, &task, 403),
        ("one", Method::DELETE, &b, &none, 403),
        ("one", Method::DELETE, &a, &none, 200),
    ] {
        let through = served.cluster.admin.clone().impersonating(user);
        // kube-apiserver asks RBAC itself: only past it is the gateway's own question seen.
        let straight = served.gateway.caller(Some(&proxy)).header("X-Remote-User", user);
        let repeatable = code == 403 || method == Method::GET;
        for caller in [Some(through), Some(straight).filter(|_| repeatable)].into_iter().flatten() {
            let caller = caller.header("Content-Type", "application/json");
            // RBAC objects take a moment to be known to kube-apiserver's authorizer, and denials are remembered.
            until(&format!("{user}: {method} {path} answers {code}"), QUICK, async || {
                let answer = caller.send(method.clone(), path, body.clone()).await;
                if answer.code() == code { Ok(()) } else { Err(answer.text()) }
            })
            .await;
        }
    }
    // The texts are Kubernetes'.
    let denied = |user: &str, verb: &str| {
        format!("is forbidden: User \"{user}\" cannot {verb} resource \"customtasks\" in API group \"{g}\"")
    };
    let here = format!("in the namespace \"{n}\"");
    for (arguments, expected) in [
        (format!("-n {n} --as=nobody"), format!("{} {here}", denied("nobody", "list"))),
        ("-A --as=getter".to_owned(), format!("{} at the cluster scope", denied("getter", "list"))),
        (format!("x -n {n} --as=nobody"), format!("\"x\" {} {here}", denied("nobody", "get"))),
    ] {
        let said = served.kubectl.fails(&format!("get customtasks.{g} {arguments}")).await;
        assert_eq!(said, format!("Error from server (Forbidden): customtasks.{g} {expected}\n"));
    }
}
