//! The record of an absence: the namespaces that there were when no gateway had been ready for a while.

use k8s_openapi::api::core::v1::ConfigMap;
use tributary_crds::{ABSENCE_NAMESPACES, NamespaceUids};

use crate::group::Group;

/// The ConfigMap with these namespaces.
pub(crate) fn absence(group: &Group, namespaces: &NamespaceUids) -> ConfigMap {
    // A map of strings is always JSON.
    let namespaces = serde_json::to_string(namespaces).unwrap_or_default();
    ConfigMap {
        metadata: group.namespaced(&group.absence()),
        data: Some([(ABSENCE_NAMESPACES.to_owned(), namespaces)].into()),
        ..ConfigMap::default()
    }
}
