//! The types of `AggregatedAPI` (`tributary.dev/v1alpha1`) and their CustomResourceDefinition.
//!
//! Rust names are the YAML names in snake case (a trailing underscore where Rust reserves the word). A union is a
//! struct of options with a CEL rule "exactly one of", because its errors are readable in `kubectl apply`; `kind()`
//! shows it as an enum. What the schema cannot say is checked when a definition is compiled.
#![expect(unreachable_pub, reason = "kube's KubeSchema expands to public items inside of functions")]

mod aggregated_api;
mod certificates;
mod children;
mod duration;
mod endpoint;
mod gateway;
mod gateway_state;
mod http;
mod manifest;
mod resource;
mod schema;
mod source;
mod status;
mod storage;
mod union;
mod upstream;
mod view;

pub use aggregated_api::{AggregatedApi, AggregatedApiSpec, GROUP_LABEL};
pub use certificates::{Certificates, MIN_CA_DURATION, MIN_RENEW_BEFORE};
pub use children::{ABSENCE_NAMESPACES, INSTANCE_LABEL, LAST_GOOD_DEFINITION, NamespaceUids, tls_secret};
pub use duration::{Duration, DurationError};
pub use endpoint::{Endpoint, EndpointKind, HttpMethod, ProxyEndpoint, StaticEndpoint};
pub use gateway::{DEFAULT_PORT, Gateway};
pub use gateway_state::{
    EvaluationState, GatewayState, ResourceState, STATE_PATH, STATE_READER, SourceReason, SourceState,
};
pub use http::{
    HttpCreate, HttpDelete, HttpGet, HttpList, HttpSource, HttpUpdate, Naming, OnNamespaceDelete,
};
pub use manifest::{REGENERATE, custom_resource_definition};
pub use resource::{
    PrinterColumn, Resource, ResourceVersion, ScaleSubresource, Scope, SelectableField, StatusSubresource,
    Subresources, Verb, VersionSchema,
};
pub use source::{ReviewCall, ReviewSource, Source, SourceKind, StoredSource};
pub use status::{AggregatedApiStatus, CertificatesStatus, GatewayStatus, ResourceStatus, VersionStatus};
pub use storage::{DeletionPolicy, EmbeddedStorage, EtcdStorage, MemoryStorage, Storage, StorageKind};
pub use union::UnionError;
pub use upstream::{Scheme, Upstream, UpstreamAuth, UpstreamKind, UpstreamService};
pub use view::{Join, JoinKeys, ReadAs, SourceReference, ViewSource, VisibleIf};
