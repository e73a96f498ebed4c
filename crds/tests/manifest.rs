//! The committed manifest is what the types generate.

use serde_json::Value;

#[test]
fn committed_manifest_is_current() {
    let definition = tributary_crds::custom_resource_definition().expect("a definition");
    let generated = serde_json::to_value(definition).expect("JSON");
    let committed: Value = serde_saphyr::from_str(include_str!("../aggregatedapis.yaml")).expect("YAML");
    assert!(
        generated == committed,
        "crds/aggregatedapis.yaml is stale; regenerate it: {}",
        tributary_crds::REGENERATE
    );
}
