//! Those who come to the gateway's port itself, past kube-apiserver.

use http::Method;

use crate::harness::{Authority, Caller, Identity, Served, Subject};
use crate::tasks;

/// The identity that no stranger may have, as headers.
fn claiming(caller: Caller) -> Caller {
    let caller = caller.header("X-Remote-User", "admin").header("X-Remote-Uid", "1");
    caller.header("X-Remote-Group", "system:masters").header("X-Remote-Extra-Scopes", "everything")
}

fn named(common_name: &str) -> Subject<'_> {
    Subject { common_name, ..Subject::default() }
}

/// What comes of a request that claims to be an administrator's.
enum Outcome {
    /// 401.
    Unknown,
    /// 403 that names this user.
    Denied(&'static str),
    /// The claim counts.
    Believed,
}

#[tokio::test]
async fn nobody_is_who_they_claim_to_be() {
    let served = Served::start("strangers", tasks::spec()).await;
    let (clients, front) = (served.cluster.own_authority("ca"), served.cluster.own_authority("front-ca"));
    let foreign = Authority::foreign("front-proxy-ca");
    let proxy = "front-proxy-client";
    let expired = |common_name| Subject { expired: true, ..named(common_name) };
    let master = Subject { organization: "system:masters", ..named("root") };
    let certificates: Vec<(&str, Option<Identity>, Outcome)> = vec![
        ("no certificate", None, Outcome::Denied("system:anonymous")),
        ("a foreign CA of the same name", Some(foreign.issue(named(proxy))), Outcome::Unknown),
        ("the front proxy's CA, another name", Some(front.issue(named("admin"))), Outcome::Unknown),
        ("the front proxy's CA, no name", Some(front.issue(named(""))), Outcome::Unknown),
        ("the front proxy's CA, expired", Some(front.issue(expired(proxy))), Outcome::Unknown),
        ("the clients' CA, the proxy's name", Some(clients.issue(named(proxy))), Outcome::Denied(proxy)),
        ("the clients' CA", Some(clients.issue(named("jane"))), Outcome::Denied("jane")),
        (
            "the clients' CA, expired",
            Some(clients.issue(Subject { expired: true, ..master })),
            Outcome::Unknown,
        ),
        ("the clients' CA, an administrator", Some(clients.issue(master)), Outcome::Believed),
        ("the front proxy's own", Some(served.cluster.identity(proxy)), Outcome::Believed),
        ("the front proxy's CA, its name", Some(front.issue(named(proxy))), Outcome::Believed),
    ];
    let requests = [
        (Method::GET, served.path("/customtasks")),
        (Method::DELETE, served.namespaced("/customtasks/a")),
        (Method::GET, served.path("/foo")),
        (Method::GET, "/metrics".to_owned()),
    ];
    for (case, certificate, outcome) in &certificates {
        let caller = claiming(served.gateway.caller(certificate.as_ref()));
        for (method, path) in &requests {
            let answer = caller.send(method.clone(), path, "").await;
            check(&format!("{case}: {method} {path}"), answer.code(), &answer.message(), outcome);
        }
    }
}

#[tokio::test]
async fn tokens() {
    let served = Served::start("tokens", tasks::spec()).await;
    let account = served.token_of("default").await;
    let user = format!("system:serviceaccount:{}:default", served.namespace);
    let list = served.path("/customtasks");
    let foreign = Authority::foreign("any").issue(named("front-proxy-client"));
    let bearer =
        |caller: Caller, token: &str| claiming(caller).header("Authorization", &format!("Bearer {token}"));
    for token in ["bogus", "a.b.c", &format!("{account}x"), &account[..account.len() - 8]] {
        let answer = bearer(served.gateway.caller(None), token).get(&list).await;
        assert_eq!((answer.code(), answer.message().as_str()), (401, "Unauthorized"), "{token}");
    }
    for certificate in [None, Some(&foreign)] {
        let answer = bearer(served.gateway.caller(certificate), &account).get(&list).await;
        let expected = format!("User \"{user}\" cannot list resource");
        assert_eq!(answer.code(), 403, "{}", answer.text());
        assert!(answer.message().contains(&expected), "{}", answer.text());
    }
    let discovery = bearer(served.gateway.caller(None), &account).get(&served.path("")).await;
    assert_eq!(discovery.code(), 200, "any user may discover: {}", discovery.text());
    let anonymous = served.gateway.caller(None).get(&served.path("")).await;
    assert_eq!(anonymous.code(), 403, "nobody may not: {}", anonymous.text());
    for path in ["/livez", "/readyz", "/healthz", "/version"] {
        assert_eq!(served.gateway.caller(None).get(path).await.code(), 200, "{path}");
    }
}

fn check(case: &str, code: u16, message: &str, outcome: &Outcome) {
    let fits = match outcome {
        Outcome::Unknown => code == 401 && message == "Unauthorized",
        Outcome::Denied(user) => code == 403 && message.contains(&format!("User \"{user}\" cannot ")),
        // Deleting what is not there answers 404.
        Outcome::Believed => code == 200 || code == 404,
    };
    assert!(fits, "{case}: {code} {message}");
}
