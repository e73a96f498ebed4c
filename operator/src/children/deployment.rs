//! The Deployment of a group's gateway.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapVolumeSource, Container, ContainerPort, HTTPGetAction,
    PersistentVolumeClaimVolumeSource, PodSecurityContext, PodSpec, PodTemplateSpec, Probe,
    ResourceRequirements, SeccompProfile, SecretVolumeSource, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::ObjectMeta;
use sha2::{Digest, Sha256};
use tributary_crds::{AggregatedApiSpec, Gateway, LAST_GOOD_DEFINITION, StorageKind};

use super::secrets::{CA_CERTIFICATE, TLS_CERTIFICATE, TLS_KEY};
use super::service::PORT_NAME;
use crate::group::{Group, hex};
use crate::site::Site;

/// The name of its container.
pub(crate) const GATEWAY_CONTAINER: &str = "gateway";
/// The uid and gid of the gateway: the "nonroot" of images that are built from scratch.
const USER: i64 = 65532;
/// Where the serving certificate is mounted.
const TLS_DIRECTORY: &str = "/etc/tributary/tls";
/// Where the last accepted definition is mounted.
const LAST_GOOD_DIRECTORY: &str = "/etc/tributary/last-good";
/// Where the claim is mounted that holds the database file.
const DATA_DIRECTORY: &str = "/var/lib/tributary";
/// The database file's name there.
const DATABASE: &str = "data.redb";
/// Changes when, and only when, running Pods must be replaced for a reason that the Pod template does not show.
const RESTART_ANNOTATION: &str = "tributary.dev/restart";
/// How long a Pod may finish requests, in seconds: watches end at once, other requests are cut at 60 s anyway.
const GRACE_PERIOD: i64 = 30;

/// The gateway's Deployment.
///
/// `service_account_uid` is the uid of the ServiceAccount that runs it: a recreated ServiceAccount invalidates the
/// tokens of its Pods, so they must go too.
pub(crate) fn deployment(
    group: &Group,
    spec: &AggregatedApiSpec,
    site: &Site,
    service_account_uid: &str,
) -> Deployment {
    let gateway = &spec.gateway;
    let mut labels = gateway.pod_labels.clone();
    labels.extend(group.labels());
    let mut annotations = gateway.pod_annotations.clone();
    annotations.insert(RESTART_ANNOTATION.to_owned(), restart_hash(service_account_uid));
    Deployment {
        metadata: group.namespaced(&group.child),
        spec: Some(DeploymentSpec {
            replicas: Some(gateway.replicas),
            selector: LabelSelector { match_labels: Some(group.selector()), ..LabelSelector::default() },
            strategy: Some(strategy(gateway)),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    annotations: Some(annotations),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(group, gateway, site)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

/// The image of the gateway.
pub(crate) fn image<'a>(gateway: &'a Gateway, site: &'a Site) -> &'a str {
    gateway.image().unwrap_or(&site.gateway_image)
}

/// Where stored objects are kept.
pub(crate) fn storage(gateway: &Gateway) -> Option<StorageKind<'_>> {
    gateway.storage.as_ref().and_then(|storage| storage.kind().ok())
}

/// Whether the gateway has a database file.
fn has_database(gateway: &Gateway) -> bool {
    matches!(storage(gateway), Some(StorageKind::Embedded(_)))
}

/// Two Pods with objects of their own would answer differently, so a Pod that holds the only copy goes before the
/// next one comes; all others overlap.
fn strategy(gateway: &Gateway) -> DeploymentStrategy {
    match storage(gateway) {
        Some(StorageKind::Memory(_) | StorageKind::Embedded(_)) => {
            DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None }
        }
        Some(StorageKind::Etcd(_)) | None => DeploymentStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDeployment {
                max_surge: Some(IntOrString::Int(1)),
                max_unavailable: Some(IntOrString::Int(0)),
            }),
        },
    }
}

fn restart_hash(service_account_uid: &str) -> String {
    hex(&Sha256::digest(service_account_uid))[..16].to_owned()
}

fn pod(group: &Group, gateway: &Gateway, site: &Site) -> PodSpec {
    PodSpec {
        service_account_name: Some(group.child.clone()),
        automount_service_account_token: Some(true),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE_PERIOD),
        host_network: gateway.host_network.then_some(true),
        dns_policy: gateway.host_network.then(|| "ClusterFirstWithHostNet".to_owned()),
        node_selector: non_empty_map(&gateway.node_selector),
        tolerations: non_empty(&gateway.tolerations),
        affinity: gateway.affinity.clone(),
        topology_spread_constraints: non_empty(&gateway.topology_spread_constraints),
        priority_class_name: gateway.priority_class_name.clone().filter(|name| !name.is_empty()),
        image_pull_secrets: non_empty(&gateway.image_pull_secrets),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(USER),
            run_as_group: Some(USER),
            fs_group: Some(USER),
            // Files that have the group already need not be looked at one by one at every start.
            fs_group_change_policy: has_database(gateway).then(|| "OnRootMismatch".to_owned()),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        containers: vec![container(group, gateway, site)],
        volumes: Some(volumes(group, gateway)),
        ..PodSpec::default()
    }
}

fn volumes(group: &Group, gateway: &Gateway) -> Vec<Volume> {
    let data = has_database(gateway).then(|| data_volume(group));
    [tls_volume(group), last_good_volume(group)].into_iter().chain(data).collect()
}

fn data_volume(group: &Group) -> Volume {
    let claim = PersistentVolumeClaimVolumeSource { claim_name: group.child.clone(), read_only: None };
    Volume { name: "data".to_owned(), persistent_volume_claim: Some(claim), ..Volume::default() }
}

fn tls_volume(group: &Group) -> Volume {
    Volume {
        name: "tls".to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(group.tls_secret()),
            // Readable by the group that fsGroup gives the files to, by nobody else.
            default_mode: Some(0o440),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// A gateway needs it only when the live definition is rejected: it starts without it, too.
fn last_good_volume(group: &Group) -> Volume {
    Volume {
        name: "last-good".to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: group.last_good(),
            optional: Some(true),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    }
}

fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    }
}

fn mounts(gateway: &Gateway) -> Vec<VolumeMount> {
    let data =
        has_database(gateway).then(|| VolumeMount { read_only: None, ..mount("data", DATA_DIRECTORY) });
    [mount("tls", TLS_DIRECTORY), mount("last-good", LAST_GOOD_DIRECTORY)].into_iter().chain(data).collect()
}

fn arguments(group: &Group, gateway: &Gateway) -> Vec<String> {
    let mut arguments = vec![
        "run".to_owned(),
        format!("--group={}", group.name),
        format!("--listen=0.0.0.0:{}", gateway.port),
        format!("--tls-cert={TLS_DIRECTORY}/{TLS_CERTIFICATE}"),
        format!("--tls-key={TLS_DIRECTORY}/{TLS_KEY}"),
        format!("--tls-ca={TLS_DIRECTORY}/{CA_CERTIFICATE}"),
        format!("--tls-secret={}/{}", group.namespace, group.tls_secret()),
        format!("--last-good={LAST_GOOD_DIRECTORY}/{LAST_GOOD_DEFINITION}"),
    ];
    if gateway.storage.is_some() {
        arguments.push(format!("--absence={}/{}", group.namespace, group.absence()));
    }
    if has_database(gateway) {
        arguments.push(format!("--data={DATA_DIRECTORY}/{DATABASE}"));
        // There is no other one to send clients to meanwhile, and the next one waits for the file.
        arguments.push("--shutdown-delay=0".to_owned());
    }
    arguments
}

fn container(group: &Group, gateway: &Gateway, site: &Site) -> Container {
    Container {
        name: GATEWAY_CONTAINER.to_owned(),
        image: Some(image(gateway, site).to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: Some(vec!["/tributary-gateway".to_owned()]),
        args: Some(arguments(group, gateway)),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: gateway.port,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        resources: Some(gateway.resources.clone().unwrap_or_else(default_resources)),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            ..SecurityContext::default()
        }),
        // A second apart for at most a minute: a new group is served as soon as its gateway listens.
        startup_probe: Some(probe("/livez", 1, 60)),
        liveness_probe: Some(probe("/livez", 10, 3)),
        // Often, since a gateway that is alone is missed until it is found ready; as patient as every two seconds.
        readiness_probe: Some(probe("/readyz", 1, 6)),
        volume_mounts: Some(mounts(gateway)),
        ..Container::default()
    }
}

/// An HTTPS GET every `period` seconds, whose `failures` in a row count; kubelet does not verify the certificate.
fn probe(path: &str, period: i32, failures: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(PORT_NAME.to_owned()),
            scheme: Some("HTTPS".to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period),
        failure_threshold: Some(failures),
        timeout_seconds: Some(5),
        ..Probe::default()
    }
}

/// No CPU limit: throttling would make probes fail under load. The memory limit is a group's blast radius.
fn default_resources() -> ResourceRequirements {
    let quantities = |entries: &[(&str, &str)]| {
        entries.iter().map(|(name, value)| ((*name).to_owned(), Quantity((*value).to_owned()))).collect()
    };
    ResourceRequirements {
        requests: Some(quantities(&[("cpu", "50m"), ("memory", "64Mi")])),
        limits: Some(quantities(&[("memory", "512Mi")])),
        claims: None,
    }
}

fn non_empty<T: Clone>(items: &[T]) -> Option<Vec<T>> {
    (!items.is_empty()).then(|| items.to_vec())
}

fn non_empty_map(map: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    (!map.is_empty()).then(|| map.clone())
}
