use kube::core::ObjectMeta;
use serde_json::{Value, json};
use std::time::Duration;

use super::*;
use crate::testing::{ApiServer, Reply};

fn object(spec: Value) -> DynamicObject {
    let name = "example.com".to_string();
    let metadata = ObjectMeta { name: Some(name), generation: Some(3), ..ObjectMeta::default() };
    DynamicObject { types: None, metadata, data: json!({"spec": spec}) }
}

#[test]
fn observations_become_events() {
    let check = |observation: Observation<DynamicObject>, expected: &str| {
        let shown = match DefinitionEvent::of(observation) {
            DefinitionEvent::Applied(definition) => format!("applied {}", definition.spec.group),
            DefinitionEvent::Unreadable { generation, .. } => format!("unreadable {generation:?}"),
            DefinitionEvent::Deleted => "deleted".into(),
        };
        assert_eq!(shown, expected);
    };
    let present = |spec| Observation::Present(Arc::new(object(spec)));
    check(present(json!({"group": "example.com"})), "applied example.com");
    check(present(json!({"group": 7})), "unreadable Some(3)");
    check(Observation::Absent, "deleted");
}

#[tokio::test]
async fn the_definition_is_watched_by_name() {
    let server = ApiServer::default();
    let client = server.client(|_, asked| {
        if asked.uri.contains("watch=true") {
            return Reply::Lost;
        }
        let mut item = serde_json::to_value(object(json!({"group": "example.com"}))).unwrap();
        item["apiVersion"] = json!("tributary.dev/v1alpha1");
        item["kind"] = json!("AggregatedAPI");
        let metadata = json!({"resourceVersion": "1"});
        Reply::Answer(200, None, json!({"metadata": metadata, "items": [item]}))
    });
    let (watch, cancel) = (DefinitionWatch::new("example.com"), CancellationToken::new());
    let mut events = watch.subscribe();
    let run = tokio::spawn({
        let (watch, cancel) = (watch.clone(), cancel.clone());
        async move { watch.run(client, cancel).await }
    });
    let event =
        tokio::time::timeout(Duration::from_secs(10), events.wait_for(Option::is_some)).await.unwrap();
    assert!(matches!(event.unwrap().as_ref(), Some(DefinitionEvent::Applied(_))));
    cancel.cancel();
    run.await.unwrap();
    for asked in server.asked() {
        assert!(asked.uri.starts_with("/apis/tributary.dev/v1alpha1/aggregatedapis?"), "{}", asked.uri);
        assert!(asked.uri.contains("fieldSelector=metadata.name%3Dexample.com"), "{}", asked.uri);
    }
}
