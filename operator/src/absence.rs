//! While no gateway of a group is ready, the stand-in answers for it. After a while namespaces are not to wait for the group any more:
//! what there was of them is written down, and only then does the stand-in say that nothing of the group can be deleted, which
//! is what makes the namespace controller pass it over. The gateway that comes back deletes what namespaces have left that are
//! no more, and says so; then the record goes.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::ResourceExt;
use kube::api::{Api, ListParams};
use tributary_crds::NamespaceUids;

use crate::children::{self, Child, Reference, STAND_IN_SELECTOR};
use crate::cluster::{Cluster, Error, Inventory};
use crate::group::Group;
use crate::observation::{AbsenceSeen, Observation};
use crate::reports::Report;

/// How long namespaces wait for a group: most absences are restarts.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);
/// How long after the record kube-apiserver is made to ask anew: the stand-in follows it in milliseconds.
const FOLLOWED: SignedDuration = SignedDuration::from_secs(2);
/// The most bytes of a record: ConfigMaps have at most 1 MiB.
const LONGEST: usize = 900 << 10;

/// What is done for a group while no gateway is ready.
pub(crate) struct Absence<'a> {
    /// The API server.
    pub(crate) cluster: &'a Cluster,
    /// The group.
    pub(crate) group: &'a Group,
    /// The children that existed when the pass began.
    pub(crate) inventory: &'a Inventory,
    /// Whether gateways keep objects.
    pub(crate) stores: bool,
    /// What the gateways told.
    pub(crate) report: Option<&'a Report>,
    /// The time of the pass.
    pub(crate) now: Timestamp,
}

/// What is to happen to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Keep,
    Write,
    Remove,
}

/// What the step is decided from.
#[derive(Clone, Copy, Debug)]
struct Known<'a> {
    /// Whether no gateway is ready.
    absent: bool,
    /// From when the stand-in is there.
    since: Option<Timestamp>,
    /// The uid of the record.
    record: Option<&'a str>,
    /// The uid of the record that the gateways have followed.
    followed: Option<&'a str>,
    stores: bool,
}

/// The record of an absence, as APIServices are annotated with it; none before the stand-in follows it.
pub(crate) fn record(inventory: &Inventory, group: &Group, now: Timestamp) -> Result<Option<String>, Error> {
    let record: Option<ConfigMap> = inventory.typed(&group.absence())?;
    let record = record.filter(|record| created(record).is_some_and(|at| now.duration_since(at) >= FOLLOWED));
    Ok(record.and_then(|record| record.uid()))
}

// === impl Absence ===

impl Absence<'_> {
    /// Does what is due, and tells what is done; none if a gateway is ready, or the group is not registered.
    pub(crate) async fn follow(&self, seen: &Observation) -> Result<Option<AbsenceSeen>, Error> {
        let absent = !seen.api_services.is_empty() && seen.ready_replicas() == 0;
        let slice: Option<EndpointSlice> = self.inventory.typed(&self.group.stand_in())?;
        let slice = match absent {
            true => self.stand_in(slice).await?,
            false => {
                self.step_back(slice).await?;
                None
            }
        };
        let record: Option<ConfigMap> = self.inventory.typed(&self.group.absence())?;
        let uid = record.as_ref().and_then(ResourceExt::uid);
        let since = slice.as_ref().and_then(created);
        let known = Known {
            absent,
            since,
            record: uid.as_deref(),
            followed: self.report.and_then(|report| report.absence.as_deref()),
            stores: self.stores,
        };
        let record = match decide(known, self.now) {
            Step::Keep => record,
            Step::Write => Some(self.write().await?),
            Step::Remove => {
                self.cluster.delete_one(&Reference::absence(self.group), uid).await?;
                None
            }
        };
        Ok(absent.then(|| AbsenceSeen { since, recorded: record.as_ref().and_then(created) }))
    }

    /// When to look again while no gateway is ready.
    pub(crate) fn next(seen: &AbsenceSeen, now: Timestamp) -> Option<SignedDuration> {
        match (seen.since, seen.recorded) {
            (_, Some(recorded)) => {
                Some(recorded + FOLLOWED).filter(|due| *due > now).map(|due| due.duration_since(now))
            }
            (Some(since), None) => {
                Some((since + PATIENCE).duration_since(now).max(SignedDuration::from_secs(1)))
            }
            (None, None) => None,
        }
    }

    async fn stand_in(&self, existing: Option<EndpointSlice>) -> Result<Option<EndpointSlice>, Error> {
        let pods = self.cluster.pods(&self.group.namespace, STAND_IN_SELECTOR).await?;
        // What is there is no worse than nothing; and it knows since when.
        let Some(wanted) = children::stand_in(self.group, &pods) else { return Ok(existing) };
        if existing.is_none() {
            tracing::info!(group = self.group.name, "no gateway is ready: the stand-in answers");
        }
        let child = Child::new(&wanted)?;
        let existing = self.inventory.get(&child.reference);
        self.cluster.apply(self.group, &child, existing).await.map(Some)
    }

    async fn step_back(&self, slice: Option<EndpointSlice>) -> Result<(), Error> {
        let Some(slice) = slice else { return Ok(()) };
        tracing::info!(group = self.group.name, "the stand-in steps back");
        self.cluster.delete_one(&Reference::stand_in(self.group), slice.uid()).await
    }

    async fn write(&self) -> Result<ConfigMap, Error> {
        let namespaces: Api<Namespace> = Api::all(self.cluster.client());
        let listed = namespaces.list_metadata(&ListParams::default()).await;
        let listed = listed.map_err(|error| Error::kube("cannot list namespaces", error))?;
        let uids: NamespaceUids = listed
            .items
            .iter()
            .map(|namespace| (namespace.name_any(), namespace.uid().unwrap_or_default()))
            .collect();
        let record = children::absence(self.group, &uids);
        let length: usize = record.data.iter().flatten().map(|(_, value)| value.len()).sum();
        if length > LONGEST {
            return Err(Error::Reported(format!(
                "the cluster has too many namespaces ({}) to write them down: those that are deleted wait for a gateway",
                uids.len()
            )));
        }
        tracing::info!(
            group = self.group.name,
            namespaces = uids.len(),
            "namespaces wait for the group no longer"
        );
        self.cluster.find_and_apply(self.group, &Child::new(&record)?).await
    }
}

fn created<K: ResourceExt>(object: &K) -> Option<Timestamp> {
    object.creation_timestamp().map(|time| time.0)
}

fn decide(known: Known<'_>, now: Timestamp) -> Step {
    match (known.absent, known.record) {
        (true, None)
            if known.stores && known.since.is_some_and(|since| now.duration_since(since) >= PATIENCE) =>
        {
            Step::Write
        }
        (false, Some(record)) if !known.stores || known.followed == Some(record) => Step::Remove,
        _ => Step::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000);
        let ago = |seconds| Some(now - SignedDuration::from_secs(seconds));
        for (case, absent, since, record, followed, stores, want) in [
            ("a gateway is ready", false, None, None, None, true, Step::Keep),
            ("just away", true, ago(0), None, None, true, Step::Keep),
            ("nobody stands in", true, None, None, None, true, Step::Keep),
            ("nearly too long", true, ago(119), None, None, true, Step::Keep),
            ("too long", true, ago(120), None, None, true, Step::Write),
            ("nothing is stored", true, ago(120), None, None, false, Step::Keep),
            ("it is written", true, ago(500), Some("u"), None, true, Step::Keep),
            ("back", false, None, Some("u"), None, true, Step::Keep),
            ("back, and an earlier one is followed", false, None, Some("u"), Some("t"), true, Step::Keep),
            ("back, and it is followed", false, None, Some("u"), Some("u"), true, Step::Remove),
            ("back, and nothing is stored any more", false, None, Some("u"), None, false, Step::Remove),
            ("away again", true, ago(1), Some("u"), Some("u"), true, Step::Keep),
        ] {
            let known = Known { absent, since, record, followed, stores };
            assert_eq!(decide(known, now), want, "{case}");
        }
    }
}
