//! Discovery: what the aggregator makes of it, and the documents at the gateway itself.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Caller, Served};
use crate::tasks;

const V2: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

#[tokio::test]
async fn the_aggregator_takes_it() {
    let served = Served::start("discovery", tasks::spec()).await;
    let g = &served.group;
    let version = served.until_discovered(|_| true).await;
    assert_eq!(version["freshness"], "Current");
    let kind = |kind: &str| json!({"group": g, "version": "v1", "kind": kind});
    let verbs = json!(["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]);
    let expected = json!([
        {"resource": "clustertasks", "responseKind": kind("ClusterTask"), "scope": "Cluster",
            "singularResource": "clustertask", "verbs": verbs},
        {"resource": "customtasks", "responseKind": kind("CustomTask"), "scope": "Namespaced",
            "singularResource": "customtask", "verbs": verbs, "shortNames": ["ct"]},
        {"resource": "foo", "responseKind": kind("RawEndpoint"), "scope": "Cluster",
            "singularResource": "", "verbs": ["get"]},
    ]);
    assert_eq!(sorted(&version["resources"], "resource"), expected);
    // Had it fallen back to the legacy documents, it would never ask for /apis with success.
    let log = served.gateway.log();
    assert!(log.contains(r#""path":"/apis","code":200"#), "the aggregator does not use aggregated discovery");

    let legacy = served.cluster.admin.get(&served.path("")).await.expect(200);
    assert_eq!(
        (&legacy["kind"], &legacy["apiVersion"], &legacy["groupVersion"]),
        (&json!("APIResourceList"), &json!("v1"), &json!(format!("{g}/v1")))
    );
    let names: Vec<_> =
        legacy["resources"].as_array().unwrap().iter().map(|resource| &resource["name"]).collect();
    assert_eq!(names.len(), 3, "{legacy}");
    let group = served.cluster.admin.get(&format!("/apis/{g}")).await.expect(200);
    assert_eq!(group["preferredVersion"]["groupVersion"], format!("{g}/v1"));
}

#[tokio::test]
async fn documents_have_tags() {
    let served = Served::start("tags", tasks::spec()).await;
    let proxy = served.cluster.identity("front-proxy-client");
    let caller = served.gateway.caller(Some(&proxy)).header("X-Remote-User", "u");
    let group = format!("/apis/{}", served.group);
    for (accept, path, media_type) in [
        (V2, "/apis", V2),
        ("application/json", "/apis", "application/json"),
        ("application/json", &group, "application/json"),
        ("application/json", &served.path(""), "application/json"),
        ("application/json", "/openapi/v2", "application/json"),
        ("application/json", "/openapi/v3", "application/json"),
        ("application/json", &format!("/openapi/v3{}", served.path("")), "application/json"),
    ] {
        check_tag(&caller.clone().header("Accept", accept), path, media_type).await;
    }
    // Who asks for v2beta1 only gets the legacy document: that is how clients fall back.
    let beta = caller.clone().header("Accept", &V2.replace("v2", "v2beta1")).get("/apis").await.expect(200);
    assert_eq!(beta["kind"], "APIGroupList");
}

async fn check_tag(caller: &Caller, path: &str, media_type: &str) {
    let first = caller.get(path).await;
    assert_eq!(
        (first.code(), first.header("Content-Type").as_str()),
        (200, media_type),
        "{path}: {}",
        first.text()
    );
    let tag = first.header("ETag");
    assert!(tag.len() > 2 && tag.starts_with('"'), "{path}: {tag}");
    let again = caller.clone().header("If-None-Match", &tag).send(Method::GET, path, "").await;
    assert_eq!((again.code(), again.body.len()), (304, 0), "{path}");
    assert_eq!(again.header("ETag"), tag, "{path}");
    let other = caller.clone().header("If-None-Match", "\"other\"").get(path).await;
    assert_eq!((other.code(), other.body == first.body), (200, true), "{path}");
}

/// A list in the order of one field, without the fields that are empty.
fn sorted(list: &Value, field: &str) -> Value {
    let mut list = list.as_array().cloned().unwrap_or_default();
    list.sort_by_key(|item| item[field].to_string());
    for item in &mut list {
        item.as_object_mut().unwrap().retain(|_, value| *value != json!([]) && !value.is_null());
        item.as_object_mut().unwrap().remove("storageVersionHash");
    }
    Value::Array(list)
}
