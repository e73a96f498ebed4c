//! What a template leaves out is nowhere to be found.

use serde_json::{Value, json};

use super::{let_gateway_read, until_read};
use crate::harness::Served;

/// What nobody may see of the source.
const PASSWORD: &str = "h1dden-passw0rd";

/// Secrets without what is secret. The expressions fail for some of them, over the data.
fn spec() -> Value {
    json!({
        "resources": [{
            "name": "secretnames", "kind": "SecretName", "scope": "Namespaced",
            "versions": [{"name": "v1",
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "type": {"type": "string"}, "keys": {"type": "array", "items": {"type": "string"}},
                    "number": {"type": "integer"},
                }}},
                "additionalPrinterColumns": [{"name": "Keys", "type": "string", "jsonPath": ".keys"}],
                "selectableFields": [{"jsonPath": ".type"}],
            }],
            "source": {"view": {
                "from": {"apiVersion": "v1", "resource": "secrets"},
                "where": "object.?type.orValue('') == 'Opaque'",
                "join": [{"name": "others", "from": {"apiVersion": "v1", "resource": "secrets"},
                    "keys": {"object": "object.data.password", "item": "int(item.data.password)"}}],
                "template": {
                    "type": "${object.type}",
                    "keys": "${object.data.map(k, k)}",
                    "number": "${int(object.data.password)}",
                    "pieces": "${object.data.password.split('')[99]}",
                },
                "readAs": "Gateway",
            }},
        }],
        "gateway": {},
    })
}

#[tokio::test]
async fn what_is_left_out_is_nowhere() {
    let mut served = Served::start("redacted", spec()).await;
    let_gateway_read(&mut served, &["secrets"]).await;
    let (n, admin) = (served.namespace.clone(), served.cluster.admin.clone());
    let view = served.namespaced("/secretnames");
    until_read(&served, &view).await;
    let watched = format!("{view}?watch=true&timeoutSeconds=4");
    let watches = ["application/json", "application/json;as=Table;g=meta.k8s.io;v=v1"].map(|accept| {
        let (admin, path) =
            (admin.clone().header("Accept", accept), format!("{watched}&includeObject=Object"));
        tokio::spawn(async move { admin.get(&path).await.text() })
    });
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "stringData": {"password": PASSWORD},
        "metadata": {"name": "s", "annotations": {"note": PASSWORD}}});
    let secrets = format!("/api/v1/namespaces/{n}/secrets");
    let created = admin.post(&secrets, &secret).await.expect(201);
    let encoded = created["data"]["password"].as_str().unwrap().to_owned();
    let mut shown = crate::harness::until("the Secret is shown", crate::harness::QUICK, async || {
        let answer = admin.get(&format!("{view}/s")).await;
        if answer.code() == 200 { Ok(answer.text()) } else { Err(answer.text()) }
    })
    .await;
    let object: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&object["keys"], &object["number"]), (&json!(["password"]), &Value::Null), "{object}");
    admin.patch(&format!("{secrets}/s"), &json!({"stringData": {"more": PASSWORD}})).await.expect(200);

    let table = "application/json;as=Table;g=meta.k8s.io;v=v1";
    let metadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    for (accept, path) in [
        ("application/json", view.clone()),
        ("application/yaml", view.clone()),
        (table, format!("{view}?includeObject=Object")),
        (metadata, view.clone()),
        ("application/json", format!("{view}?fieldSelector=type%3DOpaque")),
        ("application/json", format!("{view}?fieldSelector=data.password%3D{encoded}")),
        ("application/json", format!("{view}/s/status")),
        ("application/json", served.path("")),
    ] {
        let answer = admin.clone().header("Accept", accept).get(&path).await;
        shown.push_str(&answer.text());
    }
    for path in ["/metrics", "/openapi/v2", "/readyz?verbose"] {
        let answer = served.straight().get(path).await;
        assert_eq!(answer.code(), 200, "{path}: {}", answer.text());
        shown.push_str(&answer.text());
    }
    for (verb, rest) in [("get", "-o yaml"), ("describe", "s"), ("get", "-o wide")] {
        let said = served.kubectl.says(&format!("{verb} secretnames.{} -n {n} {rest}", served.group)).await;
        assert!(said.contains("password"), "{verb} {rest} shows keys: {said}");
        shown.push_str(&said);
    }
    shown.push_str(&admin.get(&served.definition()).await.text());
    let mut told = String::new();
    for watch in watches {
        told.push_str(&watch.await.unwrap());
    }
    assert!(told.contains("ADDED") && told.contains("MODIFIED"), "{told}");
    shown.push_str(&told);
    let log = served.gateway.log();
    assert!(log.contains("an expression of a view failed"), "the failures are told of: {log}");
    shown.push_str(&log);
    for hidden in [PASSWORD, encoded.as_str()] {
        // The one question that had it in itself says so.
        let found = shown.replace(&format!("data.password={hidden}"), "");
        assert!(!found.contains(hidden), "{}", context(&found, hidden));
    }
}

/// Where it was found.
fn context(text: &str, found: &str) -> String {
    let at = text.find(found).unwrap_or_default();
    text.get(at.saturating_sub(200)..(at + 200).min(text.len())).unwrap_or("?").to_owned()
}
