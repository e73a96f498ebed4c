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
