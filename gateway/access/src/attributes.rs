//! What a request asks to do: the attributes an authorizer decides on, in the shape of a SubjectAccessReview.

use k8s_openapi::api::authorization::v1::{
    FieldSelectorAttributes, LabelSelectorAttributes, NonResourceAttributes, ResourceAttributes,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldSelectorRequirement, LabelSelectorRequirement};

/// What the caller wants to do. Absent parts are empty strings, as in a SubjectAccessReview.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Attributes {
    /// A request on a resource of an API group.
    Resource {
        /// Kubernetes verb: get, list, watch, create, update, patch, delete, deletecollection.
        verb: String,
        /// API group.
        group: String,
        /// API version.
        version: String,
        /// Plural resource.
        resource: String,
        /// Subresource such as `status`.
        subresource: String,
        /// Namespace; empty for cluster-scoped requests and lists over all namespaces.
        namespace: String,
        /// Object name; empty for collections.
        name: String,
        /// Requirements of the field selector (list, watch, deletecollection). Unparsable selectors are left out.
        field_selector: Vec<Requirement>,
        /// Requirements of the label selector (list, watch, deletecollection). Unparsable selectors are left out.
        label_selector: Vec<Requirement>,
    },
    /// Any other request.
    NonResource {
        /// Lower-case HTTP method.
        verb: String,
        /// Decoded URL path without query.
        path: String,
    },
}

/// One requirement of a selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// Label key or field path.
    pub key: String,
    /// How the value relates to `values`.
    pub operator: RequirementOperator,
    /// Empty for `Exists` and `DoesNotExist`.
    pub values: Vec<String>,
}

/// Operators of a SubjectAccessReview's requirements: `=`, `==`, `in` are `In`; `!=`, `notin` are `NotIn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequirementOperator {
    /// The value is one of the values.
    In,
    /// The value is none of the values.
    NotIn,
    /// The key is there.
    Exists,
    /// The key is absent.
    DoesNotExist,
}

// === impl Attributes ===

impl Attributes {
    /// Bytes of everything the caller controls. Kubernetes keeps reviews of 10000 bytes and more out of its cache;
    /// selectors count here too.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::NonResource { verb, path } => verb.len() + path.len(),
            Self::Resource {
                verb,
                group,
                version,
                resource,
                subresource,
                namespace,
                name,
                field_selector,
                label_selector,
            } => {
                let strings = [verb, group, version, resource, subresource, namespace, name];
                let requirements = field_selector.iter().chain(label_selector);
                strings.iter().map(|s| s.len()).sum::<usize>()
                    + requirements.map(Requirement::size).sum::<usize>()
            }
        }
    }

    /// The two halves of a SubjectAccessReview's spec; exactly one is set.
    pub(crate) fn review(&self) -> (Option<ResourceAttributes>, Option<NonResourceAttributes>) {
        match self {
            Self::NonResource { verb, path } => {
                let attributes = NonResourceAttributes { path: given(path), verb: given(verb) };
                (None, Some(attributes))
            }
            Self::Resource {
                verb,
                group,
                version,
                resource,
                subresource,
                namespace,
                name,
                field_selector,
                label_selector,
            } => {
                let attributes = ResourceAttributes {
                    verb: given(verb),
                    group: given(group),
                    version: given(version),
                    resource: given(resource),
                    subresource: given(subresource),
                    namespace: given(namespace),
                    name: given(name),
                    field_selector: field_requirements(field_selector),
                    label_selector: label_requirements(label_selector),
                };
                (Some(attributes), None)
            }
        }
    }
}

fn given(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn field_requirements(requirements: &[Requirement]) -> Option<FieldSelectorAttributes> {
    let requirements: Vec<_> = requirements.iter().map(Requirement::field).collect();
    (!requirements.is_empty())
        .then_some(FieldSelectorAttributes { requirements: Some(requirements), raw_selector: None })
}

fn label_requirements(requirements: &[Requirement]) -> Option<LabelSelectorAttributes> {
    let requirements: Vec<_> = requirements.iter().map(Requirement::label).collect();
    (!requirements.is_empty())
        .then_some(LabelSelectorAttributes { requirements: Some(requirements), raw_selector: None })
}

// === impl Requirement ===

impl Requirement {
    fn size(&self) -> usize {
        self.key.len() + self.values.iter().map(String::len).sum::<usize>()
    }

    fn field(&self) -> FieldSelectorRequirement {
        FieldSelectorRequirement {
            key: self.key.clone(),
            operator: self.operator.as_str().into(),
            values: self.given_values(),
        }
    }

    fn label(&self) -> LabelSelectorRequirement {
        LabelSelectorRequirement {
            key: self.key.clone(),
            operator: self.operator.as_str().into(),
            values: self.given_values(),
        }
    }

    fn given_values(&self) -> Option<Vec<String>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

// === impl RequirementOperator ===

impl RequirementOperator {
    /// The operator's name in a review.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "In",
            Self::NotIn => "NotIn",
            Self::Exists => "Exists",
            Self::DoesNotExist => "DoesNotExist",
        }
    }
}
