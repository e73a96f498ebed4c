//! How large a definition may be: the CRD's limits, checked again because a definition may also come from a file or
//! from a CRD of another version.

/// Resources of a group, items.
pub(crate) const RESOURCES: usize = 64;
/// Versions of a resource, items.
pub(crate) const VERSIONS: usize = 8;
/// Raw endpoints of a group, items.
pub(crate) const ENDPOINTS: usize = 64;
/// Short names, and categories, of a resource, items.
pub(crate) const SHORT_NAMES: usize = 8;
/// A path of the scale subresource, bytes: as in the CRD.
pub(crate) const FIELD_PATH: usize = 256;
/// Joins of a view, items.
pub(crate) const JOINS: usize = 8;
/// Selectable fields of a version, items: as in a CustomResourceDefinition.
pub(crate) const SELECTABLE_FIELDS: usize = 8;
/// Printer columns of a version, items.
pub(crate) const COLUMNS: usize = 32;
/// A group, bytes: it is a label's value too.
pub(crate) const GROUP: usize = 63;
/// The path of a raw endpoint, bytes.
pub(crate) const PATH: usize = 256;
/// The media type of a raw endpoint, bytes.
pub(crate) const CONTENT_TYPE: usize = 256;
/// The body of a static endpoint, bytes: objects stay below 1 MiB.
pub(crate) const BODY: usize = 262_144;
/// A deprecation warning, bytes: as in a CustomResourceDefinition.
pub(crate) const DEPRECATION_WARNING: usize = 256;
/// Replicas of a gateway, Pods.
pub(crate) const REPLICAS: i32 = 16;
/// The smallest claim, bytes: 64 MiB of changes, and pages that are written anew before the old ones are free.
pub(crate) const CLAIM: f64 = (256_u64 << 20) as f64;
/// Ports that a gateway can listen on without privileges.
pub(crate) const PORTS: std::ops::RangeInclusive<i32> = 1024..=65535;
