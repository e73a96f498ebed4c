//! The group: its name, its owner, its protection.

use serde_json::Value;
use tributary_crds::AggregatedApi;
use tributary_schema::field::{Error, Path};
use tributary_schema::names;

use crate::limits;
use crate::names::complaint;

/// The annotation without which `*.k8s.io` and `*.kubernetes.io` are refused, as for a CustomResourceDefinition.
const APPROVED: &str = "api-approved.kubernetes.io";

/// Domains of the Kubernetes community.
const PROTECTED: [&str; 2] = ["k8s.io", "kubernetes.io"];

/// Checks `metadata.name` and `spec.group`.
pub(crate) fn check(api: &AggregatedApi, errors: &mut Vec<Error>) {
    let group = api.spec.group.as_str();
    let at = Path::new("spec").child("group");
    let invalid = |detail: &str| Error::invalid(&at, &Value::from(group), detail);
    if group.is_empty() {
        errors.push(Error::required(&at, ""));
        return;
    }
    if let Some(complaint) = complaint(names::dns_subdomain_within(group, limits::GROUP)) {
        errors.push(invalid(&complaint));
    } else if !group.contains('.') {
        errors.push(invalid("should be a domain with at least one dot"));
    }
    let name = api.metadata.name.as_deref().unwrap_or_default();
    if name != group {
        let at = Path::new("metadata").child("name");
        let detail = "must equal spec.group: a group has one owner";
        errors.push(Error::invalid(&at, &Value::from(name), detail));
    }
    errors.extend(approval(api));
}

/// The rule of `api-approved.kubernetes.io`: a URL, or a text that starts with "unapproved".
fn approval(api: &AggregatedApi) -> Option<Error> {
    let group = api.spec.group.as_str();
    if !PROTECTED.iter().any(|domain| is_at_or_below(group, domain)) {
        return None;
    }
    let at = Path::new("metadata").child("annotations").key(APPROVED);
    let value =
        api.metadata.annotations.as_ref().and_then(|all| all.get(APPROVED)).map_or("", String::as_str);
    let with_host = |scheme| value.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty());
    if value.is_empty() {
        let detail = format!("protected groups must have approval annotation {APPROVED:?}");
        return Some(Error::required(&at, detail));
    }
    if value.starts_with("unapproved") || with_host("https://") || with_host("http://") {
        return None;
    }
    let detail = "must be a URL or a reason starting with \"unapproved\"";
    Some(Error::invalid(&at, &Value::from(value), detail))
}

fn is_at_or_below(group: &str, domain: &str) -> bool {
    group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
