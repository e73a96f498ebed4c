use std::time::Duration;

use futures::future::join_all;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::attributes::{Requirement, RequirementOperator};
use crate::testing::{ApiServer, FOREVER, IMPATIENT, Reply, no_client};

fn jane() -> User {
    User { name: "jane".into(), groups: vec!["dev".into()], ..User::default() }
}

fn read(path: &str) -> Attributes {
    Attributes::NonResource { verb: "get".into(), path: path.into() }
}

fn list() -> Attributes {
    Attributes::Resource {
        verb: "list".into(),
        group: "example.com".into(),
        version: "v1".into(),
        resource: "tasks".into(),
        subresource: String::new(),
        namespace: "default".into(),
        name: String::new(),
        field_selector: Vec::new(),
        label_selector: Vec::new(),
    }
}

fn requirement(key: &str, operator: RequirementOperator, values: &[&str]) -> Requirement {
    Requirement { key: key.into(), operator, values: values.iter().map(ToString::to_string).collect() }
}

fn authorizer(client: kube::Client) -> Authorizer {
    Authorizer::with_patience(client, IMPATIENT, FOREVER)
}

fn allowed() -> Reply {
    Reply::ok(json!({"status": {"allowed": true}}))
}

#[tokio::test]
async fn without_an_api_server_only_masters_may() {
    let authorizer = Authorizer::of_masters();
    let admin = User { groups: vec![MASTERS.into()], ..jane() };
    assert_eq!(authorizer.authorize(&admin, &list()).await.unwrap(), Decision::Allowed);
    let denied = Decision::Denied { reason: String::new() };
    assert_eq!(authorizer.authorize(&jane(), &list()).await.unwrap(), denied);
}

#[tokio::test]
async fn masters_and_health_paths_need_no_review() {
    let authorizer = authorizer(no_client());
    let admin = User { groups: vec!["dev".into(), MASTERS.into()], ..jane() };
    assert_eq!(authorizer.authorize(&admin, &list()).await.unwrap(), Decision::Allowed);
    for path in ["/healthz", "/readyz", "/livez"] {
        assert_eq!(authorizer.authorize(&jane(), &read(path)).await.unwrap(), Decision::Allowed, "{path}");
    }
}

#[tokio::test]
async fn other_paths_are_reviewed() {
    for path in ["/livez/ping", "/healthz/", "/metrics", "/", "/readyz/etcd", "/Healthz", "/apis"] {
        let server = ApiServer::default();
        let client = server.client(|_, _| Reply::ok(json!({"status": {"allowed": false, "reason": "no"}})));
        let decision = authorizer(client).authorize(&jane(), &read(path)).await.unwrap();
        assert_eq!(decision, Decision::Denied { reason: "no".into() }, "{path}");
        let attributes = json!({"path": path, "verb": "get"});
        assert_eq!(server.asked()[0].body["spec"]["nonResourceAttributes"], attributes);
    }
}

#[tokio::test]
async fn the_question_holds_user_and_attributes() {
    let check = async |user: User, attributes: Attributes, expected: Value| {
        let server = ApiServer::default();
        authorizer(server.client(|_, _| allowed())).authorize(&user, &attributes).await.unwrap();
        let asked = server.asked();
        assert_eq!((asked[0].method.as_str(), asked[0].uri.as_str()), ("POST", REVIEWS));
        assert_eq!(asked[0].body["apiVersion"], "authorization.k8s.io/v1");
        assert_eq!(asked[0].body["kind"], "SubjectAccessReview");
        assert_eq!(asked[0].body["spec"], expected);
    };
    let resource = json!({"verb": "list", "group": "example.com", "version": "v1", "resource": "tasks", "namespace": "default"});
    let expected = json!({"user": "jane", "groups": ["dev"], "resourceAttributes": resource});
    check(jane(), list(), expected).await;

    let mut full = list();
    if let Attributes::Resource { subresource, name, field_selector, label_selector, .. } = &mut full {
        *subresource = "status".into();
        *name = "one".into();
        *field_selector = vec![requirement("spec.color", RequirementOperator::NotIn, &["red"])];
        *label_selector = vec![
            requirement("a", RequirementOperator::In, &["1", "2"]),
            requirement("b", RequirementOperator::Exists, &[]),
            requirement("c", RequirementOperator::DoesNotExist, &[]),
        ];
    }
    let user = User {
        name: "jane".into(),
        uid: "7".into(),
        groups: vec!["a".into(), "b".into()],
        extra: [("k".to_string(), vec!["v".to_string()])].into(),
    };
    let resource = json!({
        "verb": "list", "group": "example.com", "version": "v1", "resource": "tasks", "namespace": "default",
        "subresource": "status", "name": "one",
        "fieldSelector": {"requirements": [{"key": "spec.color", "operator": "NotIn", "values": ["red"]}]},
        "labelSelector": {"requirements": [
            {"key": "a", "operator": "In", "values": ["1", "2"]},
            {"key": "b", "operator": "Exists"},
            {"key": "c", "operator": "DoesNotExist"},
        ]},
    });
    let expected = json!({"user": "jane", "uid": "7", "groups": ["a", "b"], "extra": {"k": ["v"]}, "resourceAttributes": resource});
    check(user, full, expected).await;
}

#[tokio::test]
async fn answers_become_decisions() {
    let check = async |answer: Value, expected: Result<Decision, &str>| {
        let shown = answer.to_string();
        let client = ApiServer::default().client(move |_, _| Reply::ok(answer.clone()));
        let decision = authorizer(client).authorize(&jane(), &list()).await;
        assert_eq!(decision.map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{shown}");
    };
    let denied = |reason: &str| Ok(Decision::Denied { reason: reason.into() });
    check(json!({"status": {"allowed": true}}), Ok(Decision::Allowed)).await;
    check(json!({"status": {"allowed": true, "evaluationError": "x"}}), Ok(Decision::Allowed)).await;
    check(json!({"status": {"allowed": false}}), denied("")).await;
    check(json!({"status": {"allowed": false, "denied": true, "reason": "RBAC"}}), denied("RBAC")).await;
    let both = "webhook subject access review returned both allow and deny response";
    check(json!({"status": {"allowed": true, "denied": true}}), Err(both)).await;
    check(json!({"kind": "SubjectAccessReview"}), Err("unexpected answer: a review without status")).await;
}

#[tokio::test]
async fn failures_are_retried_within_the_deadline() {
    let check =
        async |replies: fn(usize) -> Reply, patience: Patience, tries: usize, expected: Result<(), &str>| {
            let server = ApiServer::default();
            let client = server.client(move |number, _| replies(number));
            let decision =
                Authorizer::with_patience(client, patience, FOREVER).authorize(&jane(), &list()).await;
            let outcome = decision.map(drop).map_err(|error| error.to_string());
            assert_eq!(outcome, expected.map_err(str::to_owned));
            assert_eq!(server.asked().len(), tries, "{expected:?}");
        };
    fn status(code: u16, retry_after: Option<&'static str>) -> Reply {
        Reply::Answer(code, retry_after, json!({"message": format!("status {code}")}))
    }
    check(|n| if n < 2 { status(429, None) } else { allowed() }, IMPATIENT, 3, Ok(())).await;
    check(|n| if n < 4 { status(500, Some("0")) } else { allowed() }, IMPATIENT, 5, Ok(())).await;
    check(|n| if n < 1 { Reply::Lost } else { allowed() }, IMPATIENT, 2, Ok(())).await;
    check(|_| status(503, None), IMPATIENT, 5, Err("status 503")).await;
    check(|_| status(403, None), IMPATIENT, 1, Err("status 403")).await;
    check(|_| status(429, Some("60")), IMPATIENT, 1, Err("status 429")).await;
    let slow = Patience { first_delay: Duration::from_secs(60), ..IMPATIENT };
    check(|_| status(500, None), slow, 1, Err("status 500")).await;
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let service = tower::service_fn(|_request: http::Request<kube::client::Body>| {
        std::future::pending::<Result<http::Response<kube::client::Body>, std::io::Error>>()
    });
    let patience = Patience { deadline: Duration::from_millis(20), ..IMPATIENT };
    let client = kube::Client::new(service, "default");
    let error = Authorizer::with_patience(client, patience, FOREVER).authorize(&jane(), &list()).await;
    assert_eq!(error.unwrap_err().to_string(), "context deadline exceeded");
}

#[tokio::test]
async fn decisions_are_kept_by_the_whole_question() {
    let server = ApiServer::default();
    let client = server.client(|_, asked| {
        let allowed = asked.body["spec"]["user"] == "jane";
        Reply::ok(json!({"status": {"allowed": allowed, "reason": "r"}}))
    });
    let authorizer = authorizer(client);
    let joe = User { name: "joe".into(), ..jane() };
    let variants = [
        (jane(), list()),
        (joe.clone(), list()),
        (User { uid: "1".into(), ..jane() }, list()),
        (User { groups: vec![], ..jane() }, list()),
        (User { groups: vec!["de".into(), "v".into()], ..jane() }, list()),
        (User { extra: [("k".to_string(), vec![])].into(), ..jane() }, list()),
        (jane(), read("/apis")),
        (jane(), read("/api")),
    ];
    for round in 0..3 {
        for (user, attributes) in &variants {
            let decision = authorizer.authorize(user, attributes).await.unwrap();
            let expected =
                if *user == joe { Decision::Denied { reason: "r".into() } } else { Decision::Allowed };
            assert_eq!(decision, expected, "round {round}, {user:?}");
        }
        assert_eq!(server.asked().len(), variants.len(), "round {round}");
    }
}

#[tokio::test]
async fn decisions_expire() {
    let server = ApiServer::default();
    let client = server.client(|number, _| Reply::ok(json!({"status": {"allowed": number == 0}})));
    let authorizer = Authorizer::with_patience(client, IMPATIENT, Duration::from_millis(5));
    assert_eq!(authorizer.authorize(&jane(), &list()).await.unwrap(), Decision::Allowed);
    let revoked = async {
        while authorizer.authorize(&jane(), &list()).await.unwrap() == Decision::Allowed {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), revoked).await.unwrap();
}

#[tokio::test]
async fn equal_questions_at_once_share_a_review() {
    let server = ApiServer::default();
    let authorizer = authorizer(server.client(|_, _| allowed()));
    let (user, attributes) = (jane(), list());
    let decisions = join_all((0..50).map(|_| authorizer.authorize(&user, &attributes))).await;
    assert!(decisions.into_iter().all(|decision| decision.unwrap() == Decision::Allowed));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn errors_and_long_questions_are_not_kept() {
    let check = async |attributes: Attributes, reply: fn() -> Reply, reviews: usize| {
        let server = ApiServer::default();
        let authorizer = authorizer(server.client(move |_, _| reply()));
        for _ in 0..2 {
            let _ = authorizer.authorize(&jane(), &attributes).await;
        }
        assert_eq!(server.asked().len(), reviews);
    };
    check(read(&"x".repeat(9_996)), allowed, 1).await;
    check(read(&"x".repeat(9_997)), allowed, 2).await;
    check(list(), || Reply::Answer(403, None, json!({})), 2).await;
}

proptest! {
    /// A borrowed question finds what the owned one stored: same hash, and equal exactly when all parts are.
    #[test]
    fn borrowed_and_owned_questions_agree(names in proptest::collection::vec("[ab]{0,2}", 4), other in "[ab]{0,2}") {
        use std::hash::{BuildHasher, RandomState};
        let user = User { name: names[0].clone(), groups: vec![names[1].clone(), names[2].clone()], ..User::default() };
        let attributes = read(&names[3]);
        let owned = Question { user: user.clone(), attributes: attributes.clone() };
        let borrowed = QuestionRef { user: &user, attributes: &attributes };
        let state = RandomState::new();
        prop_assert_eq!(state.hash_one(&owned), state.hash_one(&borrowed));
        prop_assert!(borrowed.equivalent(&owned));
        let changed = User { groups: vec![names[1].clone(), other.clone()], ..user.clone() };
        let changed = QuestionRef { user: &changed, attributes: &attributes };
        prop_assert_eq!(changed.equivalent(&owned), other == names[2]);
    }
}
