//! The Service by which kube-apiserver reaches the gateway.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::group::Group;

/// The Service's port, APIService's default.
pub(crate) const SERVICE_PORT: i32 = 443;
/// The name of the port, in the Service and in the Pod: kube-apiserver looks for endpoints by the Service port's name.
pub(crate) const PORT_NAME: &str = "https";

/// A ClusterIP Service in front of the gateway's Pods.
pub(crate) fn service(group: &Group) -> Service {
    Service {
        metadata: group.namespaced(&group.child),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(group.selector()),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.to_owned()),
                port: SERVICE_PORT,
                target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
