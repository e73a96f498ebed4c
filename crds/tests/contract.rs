//! The contract, as users write it: every field is read, and written as it was.

use serde_json::{Value, json};
use tributary_crds::{
    AggregatedApi, Endpoint, EndpointKind, Source, Storage, StorageKind, Upstream, UpstreamKind,
};

fn contract() -> Value {
    serde_saphyr::from_str(include_str!("contract.yaml")).expect("YAML")
}

#[test]
fn no_field_is_lost() {
    let contract = contract();
    let api: AggregatedApi = serde_json::from_value(contract.clone()).expect("an AggregatedAPI");
    let written = serde_json::to_value(api).expect("JSON");
    assert_eq!(written["spec"], contract["spec"]);
}

#[test]
fn every_kind_of_union_is_read() {
    let api: AggregatedApi = serde_json::from_value(contract()).expect("an AggregatedAPI");
    let sources: Vec<_> =
        api.spec.resources.iter().map(|resource| resource.source.kind().map(|kind| kind.name())).collect();
    assert_eq!(sources, [Ok("stored"), Ok("view"), Ok("http"), Ok("review")]);
    let endpoints: Vec<_> = api.spec.endpoints.iter().map(Endpoint::kind).collect();
    assert!(matches!(
        endpoints[..],
        [Ok(EndpointKind::Static(_)), Ok(EndpointKind::Template(_)), Ok(EndpointKind::Proxy(_))]
    ));
    let upstreams: Vec<_> = api.spec.upstreams.iter().map(Upstream::kind).collect();
    assert!(matches!(upstreams[..], [Ok(UpstreamKind::Url(_)), Ok(UpstreamKind::Service(_))]));
    let storage = api.spec.gateway.storage.as_ref().map(Storage::kind);
    assert!(matches!(storage, Some(Ok(StorageKind::Embedded(_)))));
}

#[test]
fn defaults_are_those_of_the_schema() {
    let minimal = json!({
        "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "a.example.com"},
        "spec": {"group": "a.example.com"},
    });
    let api: AggregatedApi = serde_json::from_value(minimal).expect("an AggregatedAPI");
    let definition = tributary_crds::custom_resource_definition().expect("a definition");
    let definition = serde_json::to_value(definition).expect("JSON");
    let properties =
        &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
    let written = serde_json::to_value(&api.spec).expect("JSON");
    for field in ["gateway", "certificates"] {
        for (name, property) in properties[field]["properties"].as_object().expect("properties") {
            if let Some(default) = property.get("default") {
                assert_eq!(&written[field][name], default, "{field}.{name}");
            }
        }
    }
    assert_eq!(written["gateway"]["port"], 10250);
    assert_eq!(written["certificates"]["duration"], "2160h");
}

fn check_source(source: Value, want: Result<&str, &str>) {
    let parsed: Source = serde_json::from_value(source.clone()).expect("a source");
    let kind = parsed.kind().map(|kind| kind.name()).map_err(|error| error.to_string());
    assert_eq!(kind, want.map_err(str::to_owned), "{source}");
}

#[test]
fn unions_have_exactly_one_member() {
    let review = json!({"template": {}});
    check_source(json!({"stored": {}}), Ok("stored"));
    check_source(json!({}), Err("exactly one of stored, view, http, review must be set, found none"));
    check_source(
        json!({"stored": {}, "review": review}),
        Err("exactly one of stored, view, http, review must be set, found stored, review"),
    );
}
