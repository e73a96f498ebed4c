//! The paths of a resource.

use super::schema;
use crate::{Resource, Verb, subresource};

/// What `/scale` carries.
const SCALE: &str = "io.k8s.api.autoscaling.v1.Scale";

/// Where operations lie.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// The collection over all namespaces.
    AllNamespaces,
    /// The collection, in its namespace if it has one.
    Collection,
    /// One object.
    Item,
    /// The status of one object.
    Status,
    /// The scale of one object.
    Scale,
}

// === impl Place ===

impl Place {
    /// The places of a resource.
    pub(super) fn of(resource: &Resource) -> Vec<Self> {
        let all = [
            (Self::AllNamespaces, resource.namespaced()),
            (Self::Collection, true),
            (Self::Item, true),
            (Self::Status, resource.status),
            (Self::Scale, resource.scale.is_some()),
        ];
        all.into_iter().filter_map(|(place, exists)| exists.then_some(place)).collect()
    }

    /// What can be done there, if the resource offers it.
    pub(super) fn verbs(self) -> &'static [Verb] {
        match self {
            Self::AllNamespaces => &[Verb::List],
            Self::Collection => &[Verb::List, Verb::Create, Verb::DeleteCollection],
            Self::Item => &[Verb::Get, Verb::Update, Verb::Delete, Verb::Patch],
            Self::Status | Self::Scale => &subresource::VERBS,
        }
    }

    /// `/apis/custom-api.example.com/v1/namespaces/{namespace}/customtasks/{name}/status`.
    pub(super) fn path(self, resource: &Resource) -> String {
        let Resource { group, version, plural, .. } = resource;
        let namespace = if self.in_namespace(resource) { "namespaces/{namespace}/" } else { "" };
        let name = if self.is_named() { "/{name}" } else { "" };
        let subresource = self.subresource().map(|name| format!("/{name}")).unwrap_or_default();
        format!("/apis/{group}/{version}/{namespace}{plural}{name}{subresource}")
    }

    /// Whether the path has a namespace.
    pub(super) fn in_namespace(self, resource: &Resource) -> bool {
        resource.namespaced() && self != Self::AllNamespaces
    }

    /// Whether the path has the name of an object.
    pub(super) fn is_named(self) -> bool {
        matches!(self, Self::Item | Self::Status | Self::Scale)
    }

    /// The last segment, where a subresource is there.
    pub(super) fn subresource(self) -> Option<&'static str> {
        match self {
            Self::AllNamespaces | Self::Collection | Self::Item => None,
            Self::Status => Some("status"),
            Self::Scale => Some("scale"),
        }
    }

    /// The name of the schema of one thing that is read or written there.
    pub(super) fn schema(self, resource: &Resource) -> String {
        match self {
            Self::Scale => SCALE.to_owned(),
            _ => schema::name(resource, &resource.kind),
        }
    }
}
