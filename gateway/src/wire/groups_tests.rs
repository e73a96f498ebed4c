use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::BodyExt;
use tributary_access::{Authenticator, Authorizer, User};
use tributary_registry::Registry;

use super::*;
use crate::metrics::Metrics;
use crate::namespaces::EveryNamespace;
use crate::wire::{InFlight, Readiness};

const V2: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// A server of the group, or, without one, for all of them.
fn server(group: Option<&str>) -> Arc<Server> {
    let user = User { groups: vec!["system:masters".to_owned()], ..User::default() };
    let registry = Registry::new(Arc::new(EveryNamespace), None);
    if let Some(group) = group {
        let definition = json!({
            "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": group},
            "spec": {"group": group, "gateway": {"storage": {"memory": {}}}, "resources": [{
                "name": "tasks", "kind": "Task", "scope": "Cluster", "versions": [{"name": "v1"}],
                "source": {"stored": {}}}],
                "endpoints": [{"version": "v1", "path": "foo", "static": {"body": group}}]},
        });
        let definition = serde_json::from_value(definition).unwrap();
        registry.publish(Arc::new(tributary_definition::compile(&definition).unwrap()));
    }
    let readiness = Readiness::default();
    readiness.definition_published();
    readiness.informers_synced();
    Arc::new(Server {
        registry: Arc::new(registry),
        authenticator: Authenticator::of_token("secret", user),
        authorizer: Authorizer::of_masters(),
        objects: Authorizer::of_masters(),
        readiness: Arc::new(readiness),
        metrics: Metrics::default(),
        in_flight: InFlight::default(),
    })
}

/// Two groups behind one router, and the groups, to be changed.
fn two() -> (Arc<Groups>, Router) {
    let groups = Arc::new(Groups::default());
    groups.serve(["a.example.com", "b.example.com"].map(|group| server(Some(group))));
    (groups.clone(), groups_router(groups, server(None)))
}

/// Code, media type and body.
async fn ask(router: &Router, path: &str, accept: &str, token: &str) -> (u16, String, String) {
    let request = Request::builder().uri(path).header(ACCEPT, accept).header(AUTHORIZATION, token);
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let media_type = head.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    (head.status.as_u16(), media_type.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

async fn get(router: &Router, path: &str, accept: &str) -> Value {
    let (code, _, body) = ask(router, path, accept, "Bearer secret").await;
    assert_eq!(code, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn documents_name_all_groups() {
    let (groups, router) = two();
    let names = |list: &Value, pointer: &str| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items.map(|item| item.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
    };
    let both = ["a.example.com", "b.example.com"];
    let root = get(&router, "/apis", "application/json").await;
    assert_eq!(
        (names(&root["groups"], "/name"), &root["kind"]),
        (both.map(str::to_owned).into(), &json!("APIGroupList"))
    );
    let aggregated = get(&router, "/apis", V2).await;
    assert_eq!(names(&aggregated["items"], "/metadata/name"), both);
    assert_eq!(get(&router, "/api", V2).await["items"], json!([]));
    assert_eq!(get(&router, "/api", "application/json").await["versions"], json!([]));
    let v3 = get(&router, "/openapi/v3", "application/json").await;
    let keys: Vec<_> = v3["paths"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["apis/a.example.com/v1", "apis/b.example.com/v1"]);
    let v2 = get(&router, "/openapi/v2", "application/json").await;
    for group in both {
        assert!(v2["paths"].get(format!("/apis/{group}/v1/tasks")).is_some(), "{v2}");
    }
    let protobuf = ask(&router, "/openapi/v2", OPENAPI_V2_ACCEPTED, "Bearer secret").await;
    assert_eq!(protobuf, (200, OPENAPI_V2.to_str().unwrap().to_owned(), String::new()));

    groups.serve([server(Some("b.example.com"))]);
    let root = get(&router, "/apis", "application/json").await;
    assert_eq!(names(&root["groups"], "/name"), ["b.example.com"]);
}

#[tokio::test]
async fn each_path_is_answered_by_its_group() {
    let (_, router) = two();
    for (path, code, body) in [
        ("/apis/a.example.com/v1/foo", 200, "a.example.com"),
        ("/apis/b.example.com/v1/foo", 200, "b.example.com"),
        ("/apis/b.example.com/v1/tasks", 200, r#""kind":"TaskList""#),
        ("/apis/b.example.com", 200, r#""kind":"APIGroup""#),
        ("/openapi/v3/apis/a.example.com/v1", 200, r#""openapi":"3.0.0""#),
        ("/apis/c.example.com/v1/tasks", 404, r#"{"paths":["/api","/apis","/apis/a.example.com","#),
        ("/apis/a.example.com/v2/tasks", 404, r#"{"paths":["/apis","/apis/a.example.com","#),
        ("/", 200, r#"{"paths":["/api","/apis","/apis/a.example.com","#),
        ("/readyz", 200, "ok"),
        ("/metrics", 404, "paths"),
    ] {
        let answer = ask(&router, path, "*/*", "Bearer secret").await;
        assert!(answer.0 == code && answer.2.contains(body), "{path}: {answer:?}");
        let (code, _, body) = ask(&router, path, "*/*", "Bearer other").await;
        assert!(code == 401 && body.contains("Unauthorized"), "{path}: {code} {body}");
    }
}
