//! What the operator writes down when no gateway of a group has been ready for a while, and the group stops standing in the way
//! of namespaces: a ConfigMap with the namespaces that there were.

use std::collections::BTreeMap;

/// The key of the ConfigMap under which the namespaces are, JSON.
pub const ABSENCE_NAMESPACES: &str = "namespaces.json";

/// The uid of each namespace by its name.
pub type NamespaceUids = BTreeMap<String, String>;
