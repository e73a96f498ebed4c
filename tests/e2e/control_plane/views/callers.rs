//! Who reads a view as its caller needs rights on its sources.

use serde_json::json;

use super::super::rights::grant;
use super::{let_gateway_read, may_read, spec, until_read, user};
use crate::harness::{QUICK, Served, until};

#[tokio::test]
async fn callers_need_the_sources_too() {
    let mut served = Served::start("callers", spec("Caller")).await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let n = served.namespace.clone();
    let view = served.namespaced("/combinedmaps");
    until_read(&served, &view).await;
    let jane = served.cluster.admin.clone().header("Impersonate-User", "jane");
    let rule = json!({"resources": ["combinedmaps"], "verbs": ["get", "list", "watch"]});
    let rights = grant(&served, "jane", false, rule);
    served.create(&rights).await;
    for (resource, told) in [("configmaps", "configmaps"), ("events", "events")] {
        let answer = until("the right counts", QUICK, async || {
            let answer = jane.get(&view).await;
            let about = format!("cannot list resource \"{told}\"");
            if answer.code() == 403 && answer.text().contains(&about.replace('"', "\\\"")) {
                Ok(answer)
            } else {
                Err(answer.text())
            }
        })
        .await;
        assert!(answer.message().contains("it is read as its caller"), "{}", answer.text());
        served.create(&may_read("Role", &n, &format!("{n}-{resource}"), &[resource], user("jane"))).await;
    }
    until("jane may read", QUICK, async || {
        let answer = jane.get(&view).await;
        if answer.code() == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let everywhere = jane.get(&served.path("/combinedmaps")).await;
    assert_eq!(everywhere.code(), 403, "{}", everywhere.text());
}

/// Each verb needs the same one on the primary's source; those who watch watch what is joined, too.
#[tokio::test]
async fn each_verb_needs_its_own_right() {
    let mut served = Served::start("verbs", spec("Caller")).await;
    let_gateway_read(&mut served, &["configmaps", "events"]).await;
    let n = served.namespace.clone();
    let view = served.namespaced("/combinedmaps");
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    served.cluster.admin.post(&format!("/api/v1/namespaces/{n}/configmaps"), &map).await.expect(201);
    until_read(&served, &view).await;
    let one = format!("{view}/a");
    let watch = format!("{view}?watch=true&timeoutSeconds=1&resourceVersion=0");
    for (name, rules, answers) in [
        ("nobody", json!([]), [403, 403, 403]),
        ("getter", json!([["configmaps", "get"], ["events", "list"]]), [200, 403, 403]),
        ("lister", json!([["configmaps", "list"], ["events", "list"]]), [403, 200, 403]),
        ("watcher", json!([["configmaps", "watch"], ["events", "watch"]]), [403, 403, 200]),
        ("half", json!([["configmaps", "watch"], ["events", "list"]]), [403, 403, 403]),
    ] {
        let user = served.cluster.admin.clone().header("Impersonate-User", name);
        let rule = json!({"resources": ["combinedmaps"], "verbs": ["get", "list", "watch"]});
        let rights = grant(&served, name, false, rule);
        served.create(&rights).await;
        let mut rights = may_read("Role", &n, &format!("{n}-{name}-sources"), &[], super::user(name));
        let rules = rules.as_array().unwrap().iter();
        rights[0]["rules"] = rules
            .map(|rule| json!({"apiGroups": [""], "resources": [rule[0]], "verbs": [rule[1]]}))
            .collect();
        served.create(&rights).await;
        until(&format!("{name} is answered as the rights say"), QUICK, async || {
            let mut codes = Vec::new();
            for path in [&one, &view, &watch] {
                let answer = user.get(path).await;
                let refused_for_a_source = answer.text().contains("it is read as its caller");
                if answer.code() == 403 && !refused_for_a_source {
                    return Err(answer.text());
                }
                codes.push(answer.code());
            }
            if codes == answers { Ok(()) } else { Err(format!("{codes:?}")) }
        })
        .await;
    }
    let watched = served.cluster.admin.clone().header("Impersonate-User", "watcher").get(&watch).await.text();
    assert!(watched.starts_with(r#"{"type":"ADDED","object":"#), "{watched}");
}
