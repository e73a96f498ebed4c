//! The last accepted definition: what a gateway serves that starts while the live one is rejected.

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;
use tributary_crds::{AggregatedApi, LAST_GOOD_DEFINITION};

use crate::group::Group;

/// The ConfigMap with an accepted definition, as much of it as is compiled.
pub(crate) fn last_good(group: &Group, api: &AggregatedApi) -> ConfigMap {
    let definition = json!({
        "apiVersion": "tributary.dev/v1alpha1",
        "kind": "AggregatedAPI",
        "metadata": {"name": api.metadata.name, "generation": api.metadata.generation},
        "spec": api.spec,
    });
    ConfigMap {
        metadata: group.namespaced(&group.last_good()),
        data: Some([(LAST_GOOD_DEFINITION.to_owned(), definition.to_string())].into()),
        ..ConfigMap::default()
    }
}
