use http::HeaderValue;
use serde_json::{Value, json};

use super::*;
use crate::testing::{ApiServer, FOREVER, IMPATIENT, Reply};

#[test]
fn tokens_are_taken_from_authorization() {
    let check = |value: &str, expected: Option<&str>| {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        assert_eq!(token(&headers), expected, "{value:?}");
    };
    check("Bearer abc", Some("abc"));
    check("bearer abc", Some("abc"));
    check("BEARER abc", Some("abc"));
    check("  Bearer abc  ", Some("abc"));
    check("Bearer abc def", Some("abc"));
    check("Bearer  abc", None);
    check("Bearer", None);
    check("Bearer ", None);
    check("Bearer\tabc", None);
    check("Basic abc", None);
    check("abc", None);
    check("", None);
    assert_eq!(token(&HeaderMap::new()), None);
}

fn accepted(username: &str) -> Value {
    let user = json!({"username": username, "uid": "7", "groups": ["dev"], "extra": {"k": ["v", "w"]}});
    json!({"kind": "TokenReview", "status": {"authenticated": true, "user": user}})
}

#[tokio::test]
async fn answers_become_users() {
    let check = async |answer: Value, expected: Result<Option<&str>, &str>| {
        let shown = answer.to_string();
        let client = ApiServer::default().client(move |_, _| Reply::ok(answer.clone()));
        let verdict = TokenReviewer::with_patience(client, IMPATIENT, FOREVER).review("t").await;
        let names = verdict.map(|user| user.map(|user| user.name.clone())).map_err(|error| error.to_string());
        assert_eq!(names, expected.map(|n| n.map(str::to_owned)).map_err(str::to_owned), "{shown}");
    };
    check(accepted("jane"), Ok(Some("jane"))).await;
    check(accepted(""), Ok(None)).await;
    check(json!({"status": {"authenticated": true}}), Ok(None)).await;
    check(json!({"status": {"authenticated": false, "error": "expired"}}), Ok(None)).await;
    check(json!({"status": {"user": {"username": "jane"}}}), Ok(None)).await;
    check(json!({"status": {}}), Ok(None)).await;
    check(json!({}), Err("unexpected answer: a review without status")).await;
    check(json!("token"), Err("unexpected answer: not the expected object")).await;
}

#[tokio::test]
async fn the_question_is_a_token_review_and_the_user_complete() {
    let server = ApiServer::default();
    let reviewer =
        TokenReviewer::with_patience(server.client(|_, _| Reply::ok(accepted("jane"))), IMPATIENT, FOREVER);
    let user = reviewer.review("secret").await.unwrap().unwrap();
    assert_eq!(
        (user.uid.as_str(), &user.groups[..]),
        ("7", &["dev".into(), "system:authenticated".to_string()][..])
    );
    assert_eq!(user.extra["k"], ["v", "w"]);
    let asked = server.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].uri.as_str()), ("POST", REVIEWS));
    assert_eq!(asked[0].body["kind"], "TokenReview");
    assert_eq!(asked[0].body["apiVersion"], "authentication.k8s.io/v1");
    assert_eq!(asked[0].body["spec"], json!({"token": "secret"}));
}

#[tokio::test]
async fn answers_are_kept_by_token_and_failures_are_not() {
    let server = ApiServer::default();
    let client = server.client(|_, asked| match asked.body["spec"]["token"].as_str() {
        Some("good") => Reply::ok(accepted("jane")),
        Some("bad") => Reply::ok(json!({"status": {"authenticated": false}})),
        _ => Reply::Answer(403, None, json!({"message": "no RBAC"})),
    });
    let reviewer = TokenReviewer::with_patience(client, IMPATIENT, FOREVER);
    for _ in 0..3 {
        assert!(reviewer.review("good").await.unwrap().is_some());
        assert!(reviewer.review("bad").await.unwrap().is_none());
    }
    assert_eq!(server.asked().len(), 2);
    for _ in 0..3 {
        assert_eq!(reviewer.review("other").await.unwrap_err().to_string(), "no RBAC");
    }
    assert_eq!(server.asked().len(), 5);
}
