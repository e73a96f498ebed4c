//! What operator, gateways and stand-in agree on about the objects that the operator makes for a group.

use std::collections::BTreeMap;

/// The label with the name that the children of a group begin with: that of the Service, and so of its DNS name.
pub const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";

/// The key of the ConfigMap of the last accepted definition under which that is, JSON.
pub const LAST_GOOD_DEFINITION: &str = "definition.json";

/// The key of the record of an absence under which the namespaces are, JSON. The record is a ConfigMap that the operator makes when
/// no gateway of a group has been ready for a while, and the group stops standing in the way of namespaces: it has the
/// namespaces that there were.
pub const ABSENCE_NAMESPACES: &str = "namespaces.json";

/// The uid of each namespace by its name.
pub type NamespaceUids = BTreeMap<String, String>;

/// The name of the Secret with the serving certificate of the group whose children's names begin with `instance`.
#[must_use]
pub fn tls_secret(instance: &str) -> String {
    format!("{instance}-tls")
}
