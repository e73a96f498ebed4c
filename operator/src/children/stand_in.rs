//! Who answers while no gateway of a group is ready: an EndpointSlice beside the one that Kubernetes makes of the gateway's Pods.

use std::net::{IpAddr, SocketAddr};

use k8s_openapi::api::core::v1::{ObjectReference, Pod};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use kube::ResourceExt;
use kube::api::ObjectMeta;

use super::service::PORT_NAME;
use crate::group::{Group, MANAGER};
use crate::pods::{address, is_serving};

/// The stand-in's ServiceAccount.
pub(crate) const STAND_IN: &str = "tributary-stand-in";
/// What selects its Pods.
pub(crate) const STAND_IN_SELECTOR: &str =
    "app.kubernetes.io/name=tributary,app.kubernetes.io/component=stand-in";
/// The name of its container.
const CONTAINER: &str = "stand-in";
/// The Service that an EndpointSlice is of, and who keeps it.
const SERVICE_LABEL: &str = "kubernetes.io/service-name";
const SLICE_MANAGER_LABEL: &str = "endpointslice.kubernetes.io/managed-by";

/// The EndpointSlice that sends the group's callers to these Pods of the stand-in. None if none of them is ready.
pub(crate) fn stand_in(group: &Group, pods: &[Pod]) -> Option<EndpointSlice> {
    let found = pods.iter().filter(|pod| is_serving(pod));
    let found: Vec<(&Pod, SocketAddr)> =
        found.filter_map(|pod| Some((pod, address(pod, CONTAINER)?))).collect();
    let (_, first) = found.first()?;
    let alike = found.iter().filter(|(_, address)| address.is_ipv4() == first.is_ipv4());
    let mut labels = group.labels();
    labels.insert(SERVICE_LABEL.to_owned(), group.child.clone());
    labels.insert(SLICE_MANAGER_LABEL.to_owned(), MANAGER.to_owned());
    Some(EndpointSlice {
        metadata: ObjectMeta { labels: Some(labels), ..group.namespaced(&group.stand_in()) },
        address_type: if first.is_ipv4() { "IPv4" } else { "IPv6" }.to_owned(),
        endpoints: Some(alike.map(|(pod, address)| endpoint(pod, address.ip())).collect()),
        ports: Some(vec![EndpointPort {
            name: Some(PORT_NAME.to_owned()),
            port: Some(first.port().into()),
            protocol: Some("TCP".to_owned()),
            app_protocol: None,
        }]),
    })
}

fn endpoint(pod: &Pod, address: IpAddr) -> Endpoint {
    Endpoint {
        addresses: vec![address.to_string()],
        conditions: Some(EndpointConditions {
            ready: Some(true),
            serving: Some(true),
            terminating: Some(false),
        }),
        node_name: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
        target_ref: Some(ObjectReference {
            kind: Some("Pod".to_owned()),
            namespace: pod.namespace(),
            name: Some(pod.name_any()),
            uid: pod.uid(),
            ..ObjectReference::default()
        }),
        ..Endpoint::default()
    }
}
