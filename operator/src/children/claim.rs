//! The PersistentVolumeClaim of a group's database file. It is the one child without an owner: it stays when the
//! AggregatedAPI goes, unless `deletionPolicy` says otherwise, and the next one of that name adopts it.

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::group::Group;

/// The resource of which a claim asks for an amount.
pub(crate) const STORAGE: &str = "storage";
/// The uid of the AggregatedAPI that used the claim last: one that never did does not take the data with it.
pub(crate) const ADOPTED_BY: &str = "tributary.dev/adopted-by";

/// What a claim is to be. Of one that exists most is what it is already, since it cannot change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    /// How much it asks for.
    pub(crate) size: Quantity,
    /// Its StorageClass; none: the default class.
    pub(crate) class: Option<String>,
    /// Its access modes.
    pub(crate) access_modes: Vec<String>,
}

/// The group's claim.
pub(crate) fn claim(group: &Group, wish: &Wish) -> PersistentVolumeClaim {
    let mut metadata = group.unowned(&group.child);
    metadata.annotations = Some([(ADOPTED_BY.to_owned(), group.uid.clone())].into());
    PersistentVolumeClaim {
        metadata,
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(wish.access_modes.clone()),
            resources: Some(VolumeResourceRequirements {
                requests: Some([(STORAGE.to_owned(), wish.size.clone())].into()),
                limits: None,
            }),
            storage_class_name: wish.class.clone(),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}
