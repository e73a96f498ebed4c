//! What a gateway tells of itself, and that it tells nobody but the operator.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Authority, Caller, Identity, QUICK, Served, Subject, until};

const STATE: &str = "/tributary/state";
const OPERATOR: &str = "tributary-operator";

fn named(common_name: &str) -> Subject<'_> {
    Subject { common_name, ..Subject::default() }
}

/// Stored things; views of what is there, of what is not there, of what may not be read, and of what has one name.
fn spec() -> Value {
    let view = |name: &str, kind: &str, api_version: &str, resource: &str| {
        json!({
            "name": name, "kind": kind, "scope": "Namespaced", "versions": [{"name": "v1"}],
            "source": {"view": {
                "from": {"apiVersion": api_version, "resource": resource},
                "template": {"size": "${object.data.size()}", "word": "${object.data.word}"},
                "readAs": "Gateway",
            }},
        })
    };
    let mut together = view("together", "Together", "v1", "configmaps");
    together["source"]["view"]["template"] = json!({"metadata": {"name": "same"}});
    json!({
        "resources": [
            together,
            {"name": "things", "kind": "Thing", "scope": "Namespaced", "versions": [{"name": "v1", "storage": true}, {"name": "v2", "storage": false}],
                "source": {"stored": {}}},
            view("shown", "Shown", "v1", "configmaps"),
            view("missing", "Missing", "nowhere.example.com/v1", "widgets"),
            view("refused", "Refused", "v1", "secrets"),
        ],
        "gateway": {"storage": {"memory": {}}},
    })
}

async fn serve(label: &str) -> Served {
    let mut served = Served::start(label, spec()).await;
    let rbac = "rbac.authorization.k8s.io";
    let name = format!("{}-sources", served.namespace);
    let rules = json!([
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["nowhere.example.com"], "resources": ["widgets"], "verbs": ["get", "list", "watch"]},
    ]);
    let account = json!({"kind": "ServiceAccount", "name": "gateway", "namespace": served.namespace});
    let rights = [
        json!({"apiVersion": format!("{rbac}/v1"), "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}),
        json!({"apiVersion": format!("{rbac}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": name}, "subjects": [account]}),
    ];
    served.create(&rights).await;
    served
}

/// The operator, as far as the gateway can tell.
fn operator(served: &Served) -> Caller {
    served.gateway.caller(Some(&served.gateway.issue(named(OPERATOR))))
}

#[tokio::test]
async fn nobody_else_is_told() {
    let served = serve("untold").await;
    let (clients, front) = (served.cluster.own_authority("ca"), served.cluster.own_authority("front-ca"));
    let master = Subject { organization: "system:masters", ..named(OPERATOR) };
    let expired = Subject { expired: true, ..named(OPERATOR) };
    let serving = Subject { dns_name: "gateway.svc", ..named("gateway") };
    let front_proxy = served.cluster.identity("front-proxy-client");
    let certificates: Vec<(&str, Option<Identity>, u16)> = vec![
        ("no certificate", None, 403),
        ("an administrator", Some(served.cluster.identity("admin")), 403),
        ("the clients' CA, the operator's name", Some(clients.issue(master)), 403),
        ("the front proxy, for an administrator", Some(front_proxy.clone()), 403),
        ("the front proxy's CA, the operator's name", Some(front.issue(named(OPERATOR))), 401),
        ("the group's CA, another name", Some(served.gateway.issue(serving)), 401),
        ("the group's CA, expired", Some(served.gateway.issue(expired)), 401),
        ("a foreign CA", Some(Authority::foreign("serving CA").issue(named(OPERATOR))), 401),
    ];
    for (case, certificate, code) in &certificates {
        for user in ["admin", OPERATOR] {
            let caller = served.gateway.caller(certificate.as_ref()).header("X-Remote-User", user);
            let caller = caller.header("X-Remote-Group", "system:masters");
            for method in [Method::GET, Method::POST, Method::HEAD] {
                let answer = caller.send(method.clone(), STATE, "").await;
                assert_eq!(answer.code(), *code, "{case}: {method}: {}", answer.text());
            }
            let told = caller.get(STATE).await.message();
            let expected = if *code == 401 { "Unauthorized" } else { "forbidden: User " };
            assert!(told.starts_with(expected) && !told.contains("things"), "{case}: {told}");
        }
    }
    // The refusal is that of any path.
    let nobody = served.gateway.caller(None);
    let other = nobody.get("/tributary/other").await.message();
    assert_eq!(nobody.get(STATE).await.message(), other.replace("/tributary/other", STATE));
    let token = served.token_of("gateway").await;
    let bearer = nobody.header("Authorization", &format!("Bearer {token}"));
    assert_eq!(bearer.get(STATE).await.code(), 403, "the gateway's own token");
    // A right on every path is none on this one.
    let everything = served.straight();
    for path in ["/tributary/state/", "/tributary/%73tate", "//tributary/state", "/tributary/other"] {
        let answer = everything.get(path).await;
        assert!([403, 404].contains(&answer.code()), "{path}: {}", answer.text());
        assert!(!answer.text().contains("hash"), "{path}: {}", answer.text());
    }
    for path in [served.path("/../../../tributary/state"), served.path("/tributary/state"), STATE.to_owned()]
    {
        let through = served.cluster.admin.get(&path).await;
        assert!(through.code() >= 400 && !through.text().contains("hash"), "{path}: {}", through.text());
    }
}

#[tokio::test]
async fn the_operator_is_told_and_may_nothing_else() {
    let served = serve("told").await;
    let operator = operator(&served);
    let (n, admin) = (&served.namespace, &served.cluster.admin);
    let thing =
        json!({"apiVersion": format!("{}/v1", served.group), "kind": "Thing", "metadata": {"name": "a"}});
    admin.post(&served.namespaced("/things"), &thing).await.expect(201);
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"secretive": "confidential"}});
    admin.post(&format!("/api/v1/namespaces/{n}/configmaps"), &map).await.expect(201);
    let state = until("everything is told", QUICK, async || {
        let state = operator.get(STATE).await.expect(200);
        // The rights that the test gives come a moment after the gateway has begun to ask.
        let missing = state["resources"][0]["sources"][0]["reason"] == "NotFound";
        let (shown, together) = (&state["resources"][2], &state["resources"][4]);
        let hidden = together["hidden"].as_u64() > Some(0);
        if missing && hidden && shown["synced"] == true && shown["errors"].as_u64() > Some(0) {
            Ok(state)
        } else {
            Err(state.to_string())
        }
    })
    .await;
    let definition = admin.get(&served.definition()).await.json();
    assert_eq!(state["generation"], definition["metadata"]["generation"]);
    assert_eq!(state["hash"].as_str().map(str::len), Some(64));
    assert_eq!(state["leaf"].as_str().map(str::len), Some(64));
    let names: Vec<_> = state["resources"].as_array().unwrap().iter().map(|r| r["name"].clone()).collect();
    assert_eq!(
        names,
        ["missing", "refused", "shown", "things", "together"],
        "each once, whatever its versions"
    );
    let [missing, refused, shown, things, together] =
        [0, 1, 2, 3, 4].map(|place| state["resources"][place].clone());
    // Of the ConfigMaps in a namespace, which are at least two here, one can have the name.
    assert!(together["objects"].as_u64() > Some(0), "{together}");
    assert_eq!(things, json!({"name": "things", "synced": true, "objects": 1, "errors": 0, "hidden": 0}));
    for (resource, reason, prefix) in
        [(&missing, "NotFound", "not found: "), (&refused, "Forbidden", "forbidden: ")]
    {
        assert_eq!(resource["synced"], false);
        assert_eq!(resource["sources"][0]["reason"], reason);
        assert!(resource["sources"][0]["message"].as_str().unwrap().starts_with(prefix), "{resource}");
    }
    assert_eq!(missing["sources"][0]["apiVersion"], "nowhere.example.com/v1");
    assert_eq!(missing["sources"][0]["resource"], "widgets");
    assert_eq!(shown["lastError"]["path"], "template.word");
    assert!(shown["objects"].as_u64() > Some(0), "{shown}");
    let text = state.to_string();
    assert!(!text.contains("secretive") && !text.contains("confidential"), "{text}");

    assert_eq!(operator.send(Method::POST, STATE, "").await.code(), 405);
    assert_eq!(operator.send(Method::HEAD, STATE, "").await.code(), 405);
    for path in ["/metrics", "/apis", &served.path("/things"), "/tributary/state/", "/tributary"] {
        let answer = operator.get(path).await;
        assert_eq!(answer.code(), 401, "{path}: {}", answer.text());
    }
}
