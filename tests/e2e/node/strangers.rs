//! Those who come to the Pod's port itself: in short what `control_plane::strangers` has in full.

use crate::harness::{Authority, Declared, Subject, operator};
use crate::tasks;

#[tokio::test]
async fn nobody_is_who_they_claim_to_be() {
    let _operator = operator().await;
    let declared = Declared::apply("strangers", tasks::spec()).await;
    declared.until_ready().await;
    let proxy = "front-proxy-client";
    let named = |common_name| Subject { common_name, ..Subject::default() };
    let front = declared.cluster.own_authority("front-ca");
    let own = declared.cluster.identity(proxy);
    let list = format!("/apis/{}/v1/customtasks", declared.group);
    for (case, identity, token, code) in [
        ("no certificate", None, "", 403),
        ("a foreign certificate", Some(Authority::foreign("front-proxy-ca").issue(named(proxy))), "", 401),
        ("a name that is not allowed", Some(front.issue(named("admin"))), "", 401),
        ("a bogus token", None, "bogus", 401),
        ("the front proxy", Some(own), "", 200),
    ] {
        let caller = declared.caller(identity.as_ref()).await;
        let caller = caller.brought_as_admin();
        let caller = if token.is_empty() {
            caller
        } else {
            caller.header("Authorization", &format!("Bearer {token}"))
        };
        let answer = caller.get(&list).await;
        assert_eq!(answer.code(), code, "{case}: {}", answer.text());
        if code == 403 {
            assert!(answer.message().contains("User \"system:anonymous\""), "{case}: {}", answer.text());
        }
    }
}
