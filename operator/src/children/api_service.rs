//! The APIService of a version: what makes kube-apiserver serve it.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::{
    APIService, APIServiceSpec, ServiceReference,
};

use kube::ResourceExt;
use kube::api::ObjectMeta;

use super::service::SERVICE_PORT;
use crate::group::Group;
use crate::reports::Definition;

/// What groups of CustomResourceDefinitions have.
const GROUP_PRIORITY: i32 = 1000;
/// The priority of the preferred version, as of a CustomResourceDefinition's; the others follow one by one.
const FIRST_VERSION_PRIORITY: i32 = 100;

/// The annotations with the definition that all gateways serve. kube-apiserver asks for a group's discovery once a minute, and at once
/// when its APIService changes.
const DEFINITION_HASH: &str = "tributary.dev/definition-hash";
/// Its generation: a definition that comes back changes the APIService, too.
const DEFINITION_GENERATION: &str = "tributary.dev/definition-generation";
/// The uid of the record of an absence: with it, discovery says that nothing can be deleted.
const ABSENCE: &str = "tributary.dev/absence";

/// What an APIService tells of those who serve it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Serving<'a> {
    /// The definition that all gateways serve.
    pub(crate) definition: Option<&'a Definition>,
    /// The record of their absence, if the stand-in follows it.
    pub(crate) absence: Option<&'a str>,
}

/// The APIService of the version that is `index`th in the order of preference.
pub(crate) fn api_service(
    group: &Group,
    version: &str,
    index: usize,
    ca_bundle: &str,
    serving: Serving<'_>,
) -> APIService {
    let definition = serving.definition.map(|served| {
        let generation = (DEFINITION_GENERATION.to_owned(), served.generation.to_string());
        [generation, (DEFINITION_HASH.to_owned(), served.hash.clone())]
    });
    let absence = serving.absence.map(|absence| (ABSENCE.to_owned(), absence.to_owned()));
    let annotations: BTreeMap<_, _> = definition.into_iter().flatten().chain(absence).collect();
    let annotations = Some(annotations).filter(|annotations| !annotations.is_empty());
    APIService {
        metadata: ObjectMeta { annotations, ..group.cluster_scoped(&group.api_service(version)) },
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

/// The definition in an APIService: what all gateways served when it was last known.
pub(crate) fn definition(service: &APIService) -> Option<Definition> {
    let text = |name: &str| service.annotations().get(name);
    Some(Definition {
        generation: text(DEFINITION_GENERATION)?.parse().ok()?,
        hash: text(DEFINITION_HASH)?.clone(),
    })
}

/// The record of an absence that an APIService tells of.
pub(crate) fn absence_of(service: &APIService) -> Option<&str> {
    service.annotations().get(ABSENCE).map(String::as_str)
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
    fn what_is_served_is_kept() {
        let group = crate::fixture::group();
        let served = Definition { generation: 7, hash: "h".to_owned() };
        for served in [None, Some(served)] {
            let serving = Serving { definition: served.as_ref(), absence: Some("uid") };
            assert_eq!(definition(&api_service(&group, "v1", 0, "PEM", serving)), served);
        }
    }

    #[test]
    fn priorities_stay_in_range() {
        let priorities = [0, 1, 98, 99, 100, usize::MAX].map(version_priority);
        assert_eq!(priorities, [100, 99, 2, 1, 1, 1]);
    }
}
