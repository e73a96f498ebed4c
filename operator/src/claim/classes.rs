//! The StorageClass of a claim, and how its volumes can be mounted.

use k8s_openapi::api::storage::v1::{CSIDriver, StorageClass};
use kube::ResourceExt;

/// The annotations of a default class: the name in use, and the one from before, which Kubernetes still reads.
pub(super) const DEFAULT: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// The class of a claim that declares this one, or none.
pub(crate) fn class_of<'a>(declared: Option<&str>, classes: &'a [StorageClass]) -> Option<&'a StorageClass> {
    match declared {
        Some(name) => classes.iter().find(|class| class.name_any() == name),
        None => default(classes),
    }
}

/// Of several default classes Kubernetes takes the newest, and of those the first by name.
fn default(classes: &[StorageClass]) -> Option<&StorageClass> {
    let is_default = |class: &&StorageClass| {
        DEFAULT.iter().any(|key| class.annotations().get(*key).is_some_and(|value| value == "true"))
    };
    let age = |class: &&StorageClass| {
        let created = class.metadata.creation_timestamp.as_ref().map(|created| created.0);
        (std::cmp::Reverse(created), class.name_any())
    };
    classes.iter().filter(is_default).min_by_key(age)
}

/// The name of the CSIDriver that a class may have. A provisioner with a slash in its name is none: no object has such a name.
pub(crate) fn driver_of(class: &StorageClass) -> Option<&str> {
    Some(class.provisioner.as_str()).filter(|name| !name.is_empty() && !name.contains('/'))
}

/// One Pod alone writes the file, which CSI drivers can ensure and what came before them cannot.
pub(crate) fn access_mode(driver: Option<&CSIDriver>) -> &'static str {
    match driver {
        Some(_) => "ReadWriteOncePod",
        None => "ReadWriteOnce",
    }
}
