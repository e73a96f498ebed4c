//! The step that makes the claim of the database file what it can be.

use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::{CSIDriver, StorageClass};
use kube::api::{Api, ListParams};
use kube::{Resource, ResourceExt};
use tributary_crds::{EmbeddedStorage, Gateway, StorageKind};

use super::Rollout;
use crate::children::{self, Wish};
use crate::claim::{
    ClaimSeen, Said, access_mode, class_of, driver_of, follow, grows, last_said, without_growth,
};
use crate::cluster::Error;

/// The most Events of a claim that are read: it has one for each kind of news.
const MAX_EVENTS: u32 = 50;

// === impl Rollout ===

impl Rollout<'_> {
    /// The claim that a definition declares, made or adopted; none if it declares none.
    pub(super) async fn claim(&self, gateway: &Gateway) -> Result<Option<ClaimSeen>, Error> {
        let Some(StorageKind::Embedded(declared)) = children::storage(gateway) else { return Ok(None) };
        let existing: Option<PersistentVolumeClaim> = self.inventory.typed(&self.group.child)?;
        let mut seen = match existing.map(ClaimSeen::of) {
            None => self.new_claim(declared).await?,
            // Nobody can keep it, and it is not to be taken for one that stays.
            Some(seen) if seen.is_going() => seen,
            Some(seen) => self.existing_claim(declared, &seen.claim).await?,
        };
        if seen.waits() {
            seen.said = self.said_of(&seen.claim).await?;
        }
        Ok(Some(seen))
    }

    /// The claim that was there when the pass began, if it is the group's.
    pub(super) fn known_claim(&self) -> Result<Option<ClaimSeen>, Error> {
        let claim: Option<PersistentVolumeClaim> = self.inventory.typed(&self.group.child)?;
        Ok(claim.filter(|claim| self.group.keeps(&claim.metadata)).map(ClaimSeen::of))
    }

    async fn new_claim(&self, declared: &EmbeddedStorage) -> Result<ClaimSeen, Error> {
        let class = declared.storage_class_name.as_deref();
        let wish = Wish {
            size: declared.size.clone(),
            class: class.map(str::to_owned),
            access_modes: vec![self.access_mode(class).await?.to_owned()],
        };
        tracing::info!(group = self.group.name, ?wish, "making the claim of the database file");
        Ok(ClaimSeen::of(self.apply_one(&children::claim(self.group, &wish)).await?))
    }

    async fn existing_claim(
        &self,
        declared: &EmbeddedStorage,
        claim: &PersistentVolumeClaim,
    ) -> Result<ClaimSeen, Error> {
        let (wish, mut shortfalls) = follow(declared, claim);
        let applied = match self.apply_one(&children::claim(self.group, &wish)).await {
            Err(error) if grows(&wish, claim) => {
                let Some(refusal) = error.refusal() else { return Err(error) };
                let classes = self.classes().await?;
                let class = claim.spec.as_ref().and_then(|spec| spec.storage_class_name.as_deref());
                let class = class.and_then(|class| class_of(Some(class), &classes));
                let (wish, shortfall) = without_growth(wish, claim, class, refusal);
                shortfalls.push(shortfall);
                self.apply_one(&children::claim(self.group, &wish)).await?
            }
            applied => applied?,
        };
        Ok(ClaimSeen { claim: applied, shortfalls, said: None })
    }

    /// An access mode is given once, so it is that of the class that a new claim will have.
    async fn access_mode(&self, class: Option<&str>) -> Result<&'static str, Error> {
        let classes = self.classes().await?;
        let Some(name) = class_of(class, &classes).and_then(driver_of) else { return Ok(access_mode(None)) };
        let drivers: Api<CSIDriver> = Api::all(self.cluster.client());
        let driver = drivers.get_opt(name).await;
        let driver = driver.map_err(|error| Error::kube("cannot read a CSIDriver", error))?;
        Ok(access_mode(driver.as_ref()))
    }

    async fn classes(&self) -> Result<Vec<StorageClass>, Error> {
        let classes: Api<StorageClass> = Api::all(self.cluster.client());
        let list = classes.list(&ListParams::default()).await;
        Ok(list.map_err(|error| Error::kube("cannot list StorageClasses", error))?.items)
    }

    async fn said_of(&self, claim: &PersistentVolumeClaim) -> Result<Option<Said>, Error> {
        let (kind, uid) = (PersistentVolumeClaim::kind(&()), claim.uid().unwrap_or_default());
        let fields = format!("involvedObject.kind={kind},involvedObject.uid={uid}");
        let events: Api<Event> = Api::namespaced(self.cluster.client(), &self.group.namespace);
        let list = events.list(&ListParams::default().fields(&fields).limit(MAX_EVENTS)).await;
        Ok(last_said(&list.map_err(|error| Error::kube("cannot list the claim's Events", error))?.items))
    }
}
