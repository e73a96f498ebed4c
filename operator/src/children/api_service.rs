//! The APIService of a version: what makes kube-apiserver serve it.

use k8s_openapi::ByteString;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::{
    APIService, APIServiceSpec, ServiceReference,
};

use super::service::SERVICE_PORT;
use crate::group::Group;

/// What groups of CustomResourceDefinitions have.
const GROUP_PRIORITY: i32 = 1000;
/// The priority of the preferred version, as of a CustomResourceDefinition's; the others follow one by one.
const FIRST_VERSION_PRIORITY: i32 = 100;

/// The APIService of the version that is `index`th in the order of preference.
pub(crate) fn api_service(group: &Group, version: &str, index: usize, ca_bundle: &str) -> APIService {
    APIService {
        metadata: group.cluster_scoped(&group.api_service(version)),
        spec: Some(APIServiceSpec {
            group: Some(group.name.clone()),
            version: Some(version.to_owned()),
            group_priority_minimum: GROUP_PRIORITY,
            version_priority: version_priority(index),
            ca_bundle: Some(ByteString(ca_bundle.as_bytes().to_vec())),
            insecure_skip_tls_verify: None,
            service: Some(ServiceReference {
                name: Some(group.child.clone()),
                namespace: Some(group.namespace.clone()),
                port: Some(SERVICE_PORT),
            }),
        }),
        status: None,
    }
}

/// Kubernetes wants 1 to 1000; versions of one priority are ordered by their names.
fn version_priority(index: usize) -> i32 {
    let index = i32::try_from(index).unwrap_or(i32::MAX);
    FIRST_VERSION_PRIORITY.saturating_sub(index).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_stay_in_range() {
        let priorities = [0, 1, 98, 99, 100, usize::MAX].map(version_priority);
        assert_eq!(priorities, [100, 99, 2, 1, 1, 1]);
    }
}
