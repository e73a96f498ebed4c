//! What a request is about, parsed once from its method, path and query (apiserver, `RequestInfo`).

use http::{Method, Uri};
use percent_encoding::percent_decode_str;
use tributary_access::{Attributes, Requirement, RequirementOperator};
use tributary_collection::{FieldSelector, LabelOperator, LabelSelector};
use tributary_registry::Parameters;

/// The longest selector that authorization looks at, in bytes: it is read before the caller is known to have any
/// right. A longer one is left out like one that cannot be read, and the request is authorized as if it had none.
const SELECTOR_MOST: usize = 8 << 10;

/// A request, as authorization, metrics and routing see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestInfo {
    /// The decoded path, without the query.
    pub(crate) path: String,
    /// Lower-case HTTP method.
    pub(crate) method: String,
    /// What it is about, if that is a resource.
    pub(crate) resource: Option<ResourceInfo>,
}

/// A request below `/apis/<group>/<version>/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResourceInfo {
    pub(crate) verb: Verb,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) namespace: String,
    pub(crate) resource: String,
    pub(crate) name: String,
    /// The name that a field selector on metadata.name gives a collection request: for authorization only.
    pub(crate) selected_name: String,
    /// Everything after the name.
    pub(crate) subresource: String,
    /// The path below `/apis/<group>/<version>/`.
    pub(crate) rest: String,
}

/// Kubernetes' verbs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    #[default]
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
    /// A method that has no verb.
    None,
}

// === impl Verb ===

impl Verb {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::None => "",
        }
    }

    /// Whether it may change something; it counts against the limit of mutating requests.
    pub(crate) fn mutates(self) -> bool {
        !matches!(self, Self::Get | Self::List | Self::Watch)
    }

    /// The verb as metrics name it (apiserver, `CleanVerb`).
    pub(crate) fn metric(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::List => "LIST",
            Self::Watch => "WATCH",
            Self::Create => "POST",
            Self::Update => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::DeleteCollection => "DELETECOLLECTION",
            Self::None => "other",
        }
    }

    fn of(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD => Self::Get,
            Method::POST => Self::Create,
            Method::PUT => Self::Update,
            Method::PATCH => Self::Patch,
            Method::DELETE => Self::Delete,
            _ => Self::None,
        }
    }

    /// The verb of a request for a collection.
    fn of_collection(self, watch: bool) -> Self {
        match self {
            Self::Get if watch => Self::Watch,
            Self::Get => Self::List,
            Self::Delete => Self::DeleteCollection,
            other => other,
        }
    }
}

// === impl RequestInfo ===

impl RequestInfo {
    /// Parses a request. A path that is not UTF-8 once decoded names nothing.
    pub(crate) fn parse(method: &Method, uri: &Uri, parameters: &Parameters) -> Self {
        let path = percent_decode_str(uri.path()).decode_utf8_lossy().into_owned();
        let resource = ResourceInfo::parse(method, &path, parameters);
        Self { path, method: method.as_str().to_ascii_lowercase(), resource }
    }

    /// Whether it is a watch, which may last.
    pub(crate) fn is_watch(&self) -> bool {
        self.resource.as_ref().is_some_and(|resource| resource.verb == Verb::Watch)
    }

    pub(crate) fn mutates(&self) -> bool {
        match &self.resource {
            Some(resource) => resource.verb.mutates(),
            None => self.method != "get" && self.method != "head",
        }
    }

    /// What an authorizer decides on.
    pub(crate) fn attributes(&self, parameters: &Parameters) -> Attributes {
        let Some(info) = &self.resource else {
            return Attributes::NonResource { verb: self.method.clone(), path: self.path.clone() };
        };
        let selected = matches!(info.verb, Verb::List | Verb::Watch | Verb::DeleteCollection);
        let name = if info.name.is_empty() { &info.selected_name } else { &info.name };
        Attributes::Resource {
            verb: info.verb.as_str().to_owned(),
            group: info.group.clone(),
            version: info.version.clone(),
            resource: info.resource.clone(),
            subresource: info.subresource.clone(),
            namespace: info.namespace.clone(),
            name: name.clone(),
            field_selector: if selected { field_requirements(parameters) } else { Vec::new() },
            label_selector: if selected { label_requirements(parameters) } else { Vec::new() },
        }
    }
}

impl ResourceInfo {
    /// What the request covers, as metrics name it (apiserver, `CleanScope`).
    pub(crate) fn scope(&self) -> &'static str {
        match (self.name.is_empty(), self.namespace.is_empty()) {
            (false, _) => "resource",
            (true, false) => "namespace",
            (true, true) => "cluster",
        }
    }

    fn parse(method: &Method, path: &str, parameters: &Parameters) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let ["apis", group, version, below @ ..] = &parts[..] else { return None };
        let [first, ..] = below else { return None };
        // The deprecated prefix form of a watch.
        let (parts, prefixed) = if *first == "watch" { (below.get(1..)?, true) } else { (below, false) };
        let (namespace, parts) = match parts {
            ["namespaces", namespace, resource @ ..] if !resource.is_empty() => (*namespace, resource),
            _ => ("", parts),
        };
        let name = parts.get(1).copied().unwrap_or_default();
        let verb = Verb::of(method);
        let verb = match (prefixed, name.is_empty()) {
            (true, _) if verb == Verb::Get => Verb::Watch,
            (true, _) => Verb::None,
            (false, true) => verb.of_collection(parameters.watch()),
            (false, false) => verb,
        };
        Some(Self {
            verb,
            group: (*group).to_owned(),
            version: (*version).to_owned(),
            namespace: namespace.to_owned(),
            resource: (*parts.first()?).to_owned(),
            name: name.to_owned(),
            selected_name: selected_name(verb, parameters),
            subresource: parts.get(2).copied().unwrap_or_default().to_owned(),
            rest: below.join("/"),
        })
    }
}

/// Only what reads a collection is narrowed by a selector: a create that names another object in one must not pass
/// for a create of that.
fn selected_name(verb: Verb, parameters: &Parameters) -> String {
    if !matches!(verb, Verb::List | Verb::Watch) {
        return String::new();
    }
    let selector = parsed_fields(parameters);
    let name = selector.as_ref().and_then(FieldSelector::name).unwrap_or_default();
    let segment = !matches!(name, "." | "..") && !name.contains(['/', '%']);
    if segment { name.to_owned() } else { String::new() }
}

fn parsed_fields(parameters: &Parameters) -> Option<FieldSelector> {
    let text = parameters.get("fieldSelector").filter(|text| text.len() <= SELECTOR_MOST)?;
    FieldSelector::parse_any(text).ok()
}

/// Selectors that cannot be read are left out: the request is authorized as if it had none.
fn field_requirements(parameters: &Parameters) -> Vec<Requirement> {
    let selector = parsed_fields(parameters).unwrap_or_default();
    let requirement = |term: &tributary_collection::FieldRequirement| Requirement {
        key: term.field.clone(),
        operator: if term.equal { RequirementOperator::In } else { RequirementOperator::NotIn },
        values: vec![term.value.clone()],
    };
    selector.requirements().iter().map(requirement).collect()
}

fn label_requirements(parameters: &Parameters) -> Vec<Requirement> {
    let text = parameters.get("labelSelector").filter(|text| text.len() <= SELECTOR_MOST).unwrap_or_default();
    let Ok(selector) = LabelSelector::parse(text) else { return Vec::new() };
    let requirements = selector.requirements().iter();
    requirements
        .filter_map(|requirement| {
            let operator = match requirement.operator {
                LabelOperator::In => RequirementOperator::In,
                LabelOperator::NotIn => RequirementOperator::NotIn,
                LabelOperator::Exists => RequirementOperator::Exists,
                LabelOperator::DoesNotExist => RequirementOperator::DoesNotExist,
                // A SubjectAccessReview has no such operators.
                LabelOperator::GreaterThan | LabelOperator::LessThan => return None,
            };
            Some(Requirement { key: requirement.key.clone(), operator, values: requirement.values.clone() })
        })
        .collect()
}

#[cfg(test)]
#[path = "request_info_tests.rs"]
mod tests;
