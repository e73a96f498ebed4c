//! The claim of a group's database file: what it is to be next, and what keeps it from that. Pure.

mod classes;
mod said;
#[cfg(test)]
mod tests;

use std::fmt;

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::ResourceExt;
use tributary_crds::{AggregatedApi, DeletionPolicy, EmbeddedStorage};

use crate::children::{ADOPTED_BY, STORAGE, Wish};
use crate::group::Group;
use crate::pods::Trouble;

pub(crate) use classes::{access_mode, class_of, driver_of};
pub(crate) use said::{Said, last_said};

/// The reasons of `Ready=False` that are the claim's, while gateways may serve from it.
pub(crate) const REASONS: [&str; 4] = [TERMINATING, LOST, NOT_AS_DECLARED, RESIZE_FAILED];
const TERMINATING: &str = "ClaimTerminating";
const LOST: &str = "ClaimLost";
const NOT_AS_DECLARED: &str = "ClaimNotAsDeclared";
const RESIZE_FAILED: &str = "ClaimResizeFailed";
/// The volume is on its way, as far as anybody has said.
pub(crate) const VOLUME_PENDING: &str = "VolumePending";

/// The conditions of a claim that speak of a volume that does not grow.
const RESIZE_ERRORS: [&str; 2] = ["ControllerResizeError", "NodeResizeError"];

/// The claim as it was seen, and what is known of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ClaimSeen {
    /// The claim.
    pub(crate) claim: PersistentVolumeClaim,
    /// What is declared and cannot be had, each with what to do about it.
    pub(crate) shortfalls: Vec<String>,
    /// What Kubernetes said last of a claim that is not bound.
    pub(crate) said: Option<Said>,
}

/// What a claim that exists is to be: as declared, as far as it can change; and what cannot.
pub(crate) fn follow(declared: &EmbeddedStorage, claim: &PersistentVolumeClaim) -> (Wish, Vec<String>) {
    let (size, too_large) = size(&declared.size, claim);
    let (class, other_class) = class(declared.storage_class_name.as_deref(), claim);
    let access_modes = spec(claim).access_modes.unwrap_or_default();
    (Wish { size, class, access_modes }, too_large.into_iter().chain(other_class).collect())
}

/// Whether a claim grows by a wish.
pub(crate) fn grows(wish: &Wish, claim: &PersistentVolumeClaim) -> bool {
    amount(&wish.size) > amount(&requested(claim))
}

/// A wish without the growth that was refused, and why it was.
pub(crate) fn without_growth(
    wish: Wish,
    claim: &PersistentVolumeClaim,
    class: Option<&StorageClass>,
    refusal: &str,
) -> (Wish, String) {
    let has = requested(claim);
    let why = match class {
        Some(class) if class.allow_volume_expansion != Some(true) => format!(
            "StorageClass {} does not let volumes grow: set its allowVolumeExpansion, if its provisioner can do it, or declare {}",
            class.name_any(),
            has.0
        ),
        _ => refusal.to_owned(),
    };
    let shortfall = format!("{} stays at {}, {} was declared: {why}", named(claim), has.0, wish.size.0);
    (Wish { size: has, ..wish }, shortfall)
}

/// Whether the data goes with its AggregatedAPI: it says so now, and it is the one that used the data last.
pub(crate) fn goes_with(api: &AggregatedApi, group: &Group, claim: &PersistentVolumeClaim) -> bool {
    let storage = api.spec.gateway.storage.as_ref().filter(|storage| storage.embedded.is_some());
    storage.is_some_and(|storage| storage.deletion_policy == DeletionPolicy::Delete)
        && group.keeps(&claim.metadata)
        && claim.annotations().get(ADOPTED_BY) == Some(&group.uid)
}

/// A claim grows while it is bound, and shrinks only as long as the growth has not come.
fn size(declared: &Quantity, claim: &PersistentVolumeClaim) -> (Quantity, Option<String>) {
    let (has, wanted) = (requested(claim), amount(declared));
    if wanted > amount(&has) {
        // One without a volume cannot change at all: it grows as soon as it has one.
        return (if is_bound(claim) { declared.clone() } else { has }, None);
    }
    if wanted >= amount(&has) {
        return (has, None);
    }
    if is_bound(claim) && capacity(claim).is_some_and(|capacity| wanted > amount(&capacity)) {
        return (declared.clone(), None);
    }
    let shortfall = format!(
        "{} asks for {} and cannot shrink to {}: declare {}{}",
        named(claim),
        has.0,
        declared.0,
        has.0,
        replacement(claim)
    );
    (has, Some(shortfall))
}

/// The class of a claim is given once, by whoever makes it or by the default class.
fn class(declared: Option<&str>, claim: &PersistentVolumeClaim) -> (Option<String>, Option<String>) {
    let has = spec(claim).storage_class_name;
    match (declared, &has) {
        (Some(declared), Some(known)) if declared != known => {
            let shortfall = format!(
                "{} is of StorageClass {known:?}, which cannot be changed to {declared:?}: declare {known:?}{}",
                named(claim),
                replacement(claim)
            );
            (has, Some(shortfall))
        }
        (declared, None) => (declared.map(str::to_owned), None),
        _ => (has, None),
    }
}

/// The other way to have what a claim cannot become.
fn replacement(claim: &PersistentVolumeClaim) -> &'static str {
    if is_bound(claim) {
        ", or, only if its objects may be lost, delete the claim and the gateway's Pod, and a new claim is made"
    } else {
        ", or delete the claim, which holds nothing yet, and a new one is made"
    }
}

fn spec(claim: &PersistentVolumeClaim) -> PersistentVolumeClaimSpec {
    claim.spec.clone().unwrap_or_default()
}

/// How much a claim asks for.
fn requested(claim: &PersistentVolumeClaim) -> Quantity {
    let requests = spec(claim).resources.and_then(|resources| resources.requests);
    requests.and_then(|mut requests| requests.remove(STORAGE)).unwrap_or_default()
}

/// How much its volume has.
fn capacity(claim: &PersistentVolumeClaim) -> Option<Quantity> {
    claim.status.as_ref()?.capacity.as_ref()?.get(STORAGE).cloned()
}

fn amount(quantity: &Quantity) -> f64 {
    tributary_expr::quantity(&quantity.0).unwrap_or_default()
}

fn phase(claim: &PersistentVolumeClaim) -> &str {
    claim.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or("Pending")
}

fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    phase(claim) == "Bound"
}

fn named(claim: &PersistentVolumeClaim) -> String {
    format!("PersistentVolumeClaim {}/{}", claim.namespace().unwrap_or_default(), claim.name_any())
}

// === impl ClaimSeen ===

impl ClaimSeen {
    /// A claim of which nothing else is known.
    pub(crate) fn of(claim: PersistentVolumeClaim) -> Self {
        Self { claim, ..Self::default() }
    }

    /// Whether it is being deleted.
    pub(crate) fn is_going(&self) -> bool {
        self.claim.metadata.deletion_timestamp.is_some()
    }

    /// Whether it waits for a volume, of which Events tell.
    pub(crate) fn waits(&self) -> bool {
        !self.is_going() && phase(&self.claim) == "Pending"
    }

    /// What is wrong with it, whether or not a gateway serves from it.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        let name = named(&self.claim);
        if self.is_going() {
            let message = format!(
                "{name} is being deleted, and goes with its objects as soon as no Pod uses it: save what is needed before the gateway's Pod ends; then a new one is made"
            );
            return Some(Trouble::new(TERMINATING, message));
        }
        if phase(&self.claim) == LOST_PHASE {
            let message = format!(
                "{name} has lost its volume: bring the PersistentVolume back, or delete the claim, and a new one is made"
            );
            return Some(Trouble::new(LOST, message));
        }
        if !self.shortfalls.is_empty() {
            return Some(Trouble::new(NOT_AS_DECLARED, self.shortfalls.join("; ")));
        }
        self.resize_error().map(|error| Trouble::new(RESIZE_FAILED, format!("{name} does not grow: {error}")))
    }

    /// What keeps a gateway from starting; none if the claim has a volume, or will have one when a Pod is scheduled.
    pub(crate) fn obstacle(&self) -> Option<Trouble> {
        if is_bound(&self.claim) && !self.is_going() {
            return None;
        }
        if !self.waits() {
            return self.trouble();
        }
        let (reason, cause) = match &self.said {
            Some(said) if said.waits_for_pod() => return self.trouble(),
            Some(said) if said.is_failure => (said.reason.as_str(), format!(": {}", said.message)),
            Some(said) => (VOLUME_PENDING, format!(": {}", said.message)),
            None => (VOLUME_PENDING, String::new()),
        };
        let class = match spec(&self.claim).storage_class_name {
            Some(class) if !class.is_empty() => format!("of StorageClass {class}"),
            Some(_) => "without a StorageClass".to_owned(),
            None => "without a StorageClass, as there is no default one".to_owned(),
        };
        let mut message = format!("{} waits for a volume, {class}{cause}", named(&self.claim));
        for shortfall in &self.shortfalls {
            message = format!("{message}; {shortfall}");
        }
        Some(Trouble::new(reason, message))
    }

    /// Whether nothing is to be looked at again soon.
    pub(crate) fn is_settled(&self) -> bool {
        is_bound(&self.claim) && self.trouble().is_none()
    }

    fn resize_error(&self) -> Option<String> {
        let conditions = self.claim.status.as_ref()?.conditions.as_ref()?;
        let failed = |type_: &str, status: &str| RESIZE_ERRORS.contains(&type_) && status == "True";
        let error = conditions.iter().find(|condition| failed(&condition.type_, &condition.status))?;
        Some(error.message.clone().unwrap_or_else(|| error.type_.clone()))
    }
}

/// The phase of a claim whose volume is gone.
const LOST_PHASE: &str = "Lost";

/// The claim by name, with its size, and the size that is to come.
impl fmt::Display for ClaimSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&named(&self.claim))?;
        let (asked, has) = (requested(&self.claim), capacity(&self.claim));
        match has {
            Some(has) if amount(&has) < amount(&asked) => {
                write!(f, " of {}, which is to grow to {}", has.0, asked.0)
            }
            Some(has) => write!(f, " of {}", has.0),
            None => Ok(()),
        }
    }
}
