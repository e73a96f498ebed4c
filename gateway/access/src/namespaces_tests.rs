use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::PartialObjectMetaExt;
use serde_json::json;

use super::*;
use crate::testing::{ApiServer, IMPATIENT, Reply, no_client};

fn namespace(name: &str, deleted: bool) -> PartialObjectMeta<Namespace> {
    let timestamp = deleted.then(|| serde_json::from_value(json!("2026-11-01T00:00:00Z")).unwrap());
    let metadata =
        ObjectMeta { name: Some(name.into()), deletion_timestamp: timestamp, ..ObjectMeta::default() };
    metadata.into_response_partial()
}

#[tokio::test]
async fn the_watch_answers_for_what_it_knows() {
    let namespaces = Namespaces::new(no_client());
    let mut listed = HashMap::new();
    let mut observe = |event| namespaces.observe(event, &mut listed, |_| {});
    observe(Event::Init);
    observe(Event::InitApply(namespace("one", false)));
    observe(Event::InitApply(namespace("two", true)));
    assert_eq!(namespaces.known("one"), None, "a list is seen when it is complete");
    assert!(!namespaces.synced());
    observe(Event::InitDone);
    assert!(namespaces.synced());
    assert_eq!(namespaces.state("one").await.unwrap(), NamespaceState::Active);
    assert_eq!(namespaces.state("two").await.unwrap(), NamespaceState::Terminating);
    observe(Event::Apply(namespace("one", true)));
    assert_eq!(namespaces.state("one").await.unwrap(), NamespaceState::Terminating);
    observe(Event::Delete(namespace("one", true)));
    assert_eq!(namespaces.known("one"), None);
    observe(Event::Init);
    assert_eq!(
        namespaces.state("two").await.unwrap(),
        NamespaceState::Terminating,
        "the old list stands meanwhile"
    );
    observe(Event::InitApply(namespace("three", false)));
    observe(Event::InitDone);
    assert_eq!(namespaces.known("two"), None);
    assert_eq!(namespaces.state("three").await.unwrap(), NamespaceState::Active);
}

#[tokio::test]
async fn who_is_no_more_is_told() {
    use std::cell::RefCell;

    let of = |name: &str, uid: &str| {
        let mut namespace = namespace(name, false);
        namespace.metadata.uid = Some(uid.to_owned());
        namespace
    };
    let namespaces = Namespaces::new(no_client());
    let mut listed = HashMap::new();
    let told = RefCell::new(Vec::new());
    let mut check = |events: Vec<Event<PartialObjectMeta<Namespace>>>, want: &[&str]| {
        for event in events {
            namespaces.observe(event, &mut listed, |name| {
                assert_eq!(namespaces.known(name), Some(NamespaceState::Active), "its name is not free yet");
                told.borrow_mut().push(name.to_owned());
            });
        }
        let mut told = std::mem::take(&mut *told.borrow_mut());
        told.sort();
        assert_eq!(told, want);
    };
    assert!(!namespaces.is_gone("a", "1"), "nobody knows");
    check(
        vec![
            Event::Init,
            Event::InitApply(of("a", "1")),
            Event::InitApply(of("b", "1")),
            Event::InitApply(of("c", "1")),
            Event::InitDone,
        ],
        &[],
    );
    assert!(!namespaces.is_gone("a", "1") && namespaces.is_gone("a", "2") && namespaces.is_gone("d", "1"));
    check(vec![Event::Apply(of("a", "1")), Event::Delete(of("a", "1")), Event::Delete(of("d", "1"))], &["a"]);
    check(vec![Event::Apply(of("a", "2")), Event::Apply(of("b", "2"))], &["b"]);
    // While the watch was away one went, and one went and came again.
    check(vec![Event::Init, Event::InitApply(of("a", "3")), Event::InitApply(of("b", "2"))], &[]);
    check(vec![Event::InitDone], &["a", "c"]);
}

#[tokio::test]
async fn unknown_namespaces_are_asked_for() {
    let check = async |code: u16, answer: serde_json::Value, expected: Result<NamespaceState, &str>| {
        let server = ApiServer::default();
        let client = server.client(move |_, _| Reply::Answer(code, None, answer.clone()));
        let namespaces = Namespaces::with_patience(client, IMPATIENT);
        let state = namespaces.state("one").await.map_err(|error| error.to_string());
        assert_eq!(state, expected.map_err(str::to_owned), "{code}");
        let asked = &server.asked()[0];
        assert_eq!((asked.method.as_str(), asked.uri.as_str()), ("GET", "/api/v1/namespaces/one"));
    };
    let deleted = json!({"metadata": {"name": "one", "deletionTimestamp": "2026-11-01T00:00:00Z"}});
    check(
        200,
        json!({"metadata": {"name": "one"}, "status": {"phase": "Active"}}),
        Ok(NamespaceState::Active),
    )
    .await;
    check(200, json!({"status": {"phase": "Terminating"}}), Ok(NamespaceState::Terminating)).await;
    check(200, deleted, Ok(NamespaceState::Terminating)).await;
    check(404, json!({"message": "namespaces \"one\" not found"}), Ok(NamespaceState::Missing)).await;
    check(403, json!({"message": "no RBAC"}), Err("namespace one: no RBAC")).await;
    check(500, json!({"message": "broken"}), Err("namespace one: broken")).await;
}

#[tokio::test]
async fn only_names_get_into_a_path() {
    let namespaces = Namespaces::new(no_client());
    let long = "a".repeat(64);
    for name in ["", "..", "a/b", "a/status", "A", "a?x=1", "-a", "a-", "a.b", "ü", &long] {
        assert_eq!(namespaces.state(name).await.unwrap(), NamespaceState::Missing, "{name}");
    }
    assert!(is_name("kube-system") && is_name("a") && is_name("0"));
}

#[tokio::test]
async fn only_metadata_is_watched() {
    let server = ApiServer::default();
    let client = server.client(|_, asked| {
        if asked.uri.contains("watch=true") {
            return Reply::Lost;
        }
        let items = json!([{"metadata": {"name": "one"}}]);
        let list = json!({"metadata": {"resourceVersion": "1"}, "items": items});
        Reply::Answer(200, None, list)
    });
    let (namespaces, cancel) = (Namespaces::with_patience(client, IMPATIENT), CancellationToken::new());
    let run = tokio::spawn({
        let (namespaces, cancel) = (namespaces.clone(), cancel.clone());
        async move { namespaces.run(cancel, |_| {}).await }
    });
    tokio::time::timeout(Duration::from_secs(10), namespaces.wait_synced()).await.unwrap();
    assert_eq!(namespaces.state("one").await.unwrap(), NamespaceState::Active);
    cancel.cancel();
    run.await.unwrap();
    for asked in server.asked() {
        assert!(asked.uri.starts_with("/api/v1/namespaces?"), "{}", asked.uri);
        assert!(asked.accept.contains("as=PartialObjectMetadata"), "{}", asked.accept);
    }
}
