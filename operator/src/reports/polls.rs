//! Which gateways are asked when, and what they told last. Asking waits for nobody: no reconciliation waits for it, and no
//! group for another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tributary_crds::{AggregatedApi, GatewayState};

use super::ask::{Asker, describe};
use super::merge::merge;
use super::{Report, Served};
use crate::certificates::{Authority, issue_reader};
use crate::cluster::{Cluster, Error};
use crate::group::Group;
use crate::operator::Operator;
use crate::pods::is_serving;
use crate::{rollout, status};

/// How soon gateways are asked again that do not serve yet what they are to; each time twice as long, up to [`SOON`]. They follow
/// a change at once.
const AT_FIRST: Duration = Duration::from_millis(250);
/// How soon gateways are asked again while something is awaited, and when nothing is.
const SOON: Duration = Duration::from_secs(10);
const LATER: Duration = Duration::from_secs(60);
/// Groups that are asked at once: each is a connection for each of its gateways.
const AT_ONCE: usize = 16;
/// For the list of a group's Pods.
const LISTING: Duration = Duration::from_secs(5);
/// From so many polls in a row on that it is told when gateways do not answer: one that ends just now does not either.
const SILENT_FOR: u32 = 2;

/// What gateways told, and when they are asked again.
#[derive(Default)]
pub(crate) struct Polls {
    groups: Mutex<HashMap<String, Polled>>,
    /// Something is due.
    due: Notify,
}

/// The gateways of a group that are to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The group.
    pub(crate) group: Group,
    /// Its CA.
    pub(crate) authority: Authority,
    /// What they are to serve; none of what is not known.
    pub(crate) to_serve: Served,
    /// The number of ready gateways.
    pub(crate) ready: i32,
}

/// A group whose gateways are asked.
struct Polled {
    target: Target,
    /// None while they are being asked.
    due: Option<Instant>,
    report: Option<Report>,
    /// How many polls in a row had gateways that did not answer.
    silent: u32,
    /// How many polls in a row had gateways that do not serve yet what they are to.
    behind: u32,
}

/// What gateways told: each its state, or why it did not tell.
type Told = Vec<Result<GatewayState, String>>;

/// What is to be done about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// It is as before.
    None,
    /// Conditions are the same; what is said of resources is not.
    Details,
    /// Conditions change.
    Conditions,
}

// === impl Polls ===

impl Polls {
    /// Asks these gateways from now on; at once if they are new, or others than before.
    pub(crate) fn follow(&self, target: Target) {
        let now = Instant::now();
        let mut groups = self.lock();
        match groups.get_mut(&target.group.name) {
            Some(polled) if polled.target == target => return,
            Some(polled) => {
                // Those that are being asked are asked again after.
                polled.due = polled.due.map(|_| now);
                if polled.target.group.uid != target.group.uid {
                    polled.report = None;
                }
                polled.target = target;
                polled.behind = 0;
            }
            None => {
                let name = target.group.name.clone();
                groups.insert(name, Polled { target, due: Some(now), report: None, silent: 0, behind: 0 });
            }
        }
        drop(groups);
        self.due.notify_one();
    }

    /// Asks the gateways of a group no more, and forgets what they told.
    pub(crate) fn forget(&self, group: &str) {
        self.lock().remove(group);
    }

    /// What the gateways of a group told last; none if they have not been asked yet.
    pub(crate) fn report(&self, group: &str) -> Option<Report> {
        self.lock().get(group)?.report.clone()
    }

    /// The groups that are due, which are then being asked; and when the next one is.
    fn take_due(&self, most: usize) -> (Vec<Target>, Option<Instant>) {
        let now = Instant::now();
        let mut groups = self.lock();
        let mut taken = Vec::new();
        for polled in groups.values_mut() {
            if taken.len() < most && polled.due.is_some_and(|due| due <= now) {
                polled.due = None;
                taken.push(polled.target.clone());
            }
        }
        (taken, groups.values().filter_map(|polled| polled.due).min())
    }

    /// Takes over what the gateways of `asked` told.
    fn told(&self, asked: &Target, told: Told) -> News {
        let now = Instant::now();
        let mut groups = self.lock();
        let Some(polled) = groups.get_mut(&asked.group.name) else { return News::None };
        let is_current = polled.target == *asked;
        let (report, silent) = next(polled.report.as_ref(), polled.silent, told);
        polled.silent = silent;
        let serves = report.as_ref().is_none_or(|report| report.serves(&asked.to_serve));
        polled.behind = if serves { 0 } else { polled.behind.saturating_add(1) };
        let settled = report.as_ref().is_some_and(|report| report.is_settled(&asked.to_serve));
        let wait = match polled.behind {
            0 if settled => LATER,
            0 => SOON,
            behind => AT_FIRST.saturating_mul(1 << (behind - 1).min(10)).min(SOON),
        };
        polled.due = Some(if is_current { now + wait } else { now });
        let news = compare(polled.report.as_ref(), report.as_ref());
        polled.report = report;
        news
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Polled>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The report after a poll, and for how many polls some gateway has been silent.
fn next(before: Option<&Report>, silent: u32, told: Told) -> (Option<Report>, u32) {
    let (mut states, mut silences) = (Vec::new(), Vec::new());
    for told in told {
        match told {
            Ok(state) => states.push(state),
            Err(silence) => silences.push(silence),
        }
    }
    if states.is_empty() && silences.is_empty() {
        return (before.cloned(), silent);
    }
    if silences.is_empty() {
        return (Some(merge(&states)), 0);
    }
    let silent = silent.saturating_add(1);
    // What was known stays until it is known that it is old; what all of them serve is not known from now on.
    let mut report = if states.is_empty() { before.cloned() } else { Some(merge(&states)) };
    if let Some(report) = &mut report {
        report.is_complete = false;
    }
    if silent >= SILENT_FOR {
        report.get_or_insert_default().silence = Some(silences.join("; "));
    }
    (report, silent)
}

fn compare(before: Option<&Report>, after: Option<&Report>) -> News {
    match (before, after) {
        (before, after) if before == after => News::None,
        (Some(before), Some(after)) if before.means_the_same(after) => News::Details,
        _ => News::Conditions,
    }
}

/// Asks whom it is time to ask, until cancelled. Groups whose conditions change are told to `changed`.
pub(crate) async fn run(
    operator: Arc<Operator>,
    mut changed: mpsc::Sender<ObjectRef<AggregatedApi>>,
    cancel: CancellationToken,
) {
    let mut asking = FuturesUnordered::new();
    loop {
        let (due, next) = operator.polls.take_due(AT_ONCE - asking.len());
        asking.extend(due.into_iter().map(|target| poll(&operator, target)));
        let wait = next.unwrap_or_else(|| Instant::now() + LATER);
        tokio::select! {
            () = cancel.cancelled() => return,
            Some((group, news)) = asking.next(), if !asking.is_empty() => {
                let reference: ObjectRef<AggregatedApi> = ObjectRef::new(&group);
                // A full queue has so many groups in it that the next look at this one comes soon, too.
                if news == News::Conditions && changed.try_send(reference).is_err() {
                    tracing::warn!(group, "a reconciliation waits for the next look");
                }
            }
            () = operator.polls.due.notified() => {}
            // With all places taken, whoever is done makes place.
            () = tokio::time::sleep_until(wait), if asking.len() < AT_ONCE => {}
        }
    }
}

/// Asks the gateways of one group, and writes what only concerns its resources.
async fn poll(operator: &Operator, target: Target) -> (String, News) {
    let told = match ask(&operator.cluster, &target).await {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!(group = target.group.name, %error, "gateways cannot be asked how they fare");
            Vec::new()
        }
    };
    let news = operator.polls.told(&target, told);
    if news == News::Details
        && let Some(report) = operator.polls.report(&target.group.name)
        && let Err(error) = status::write_resources(&operator.cluster, &target.group, &report).await
    {
        // The next reconciliation does it.
        tracing::debug!(group = target.group.name, %error, "the status of resources waits");
    }
    (target.group.name, news)
}

async fn ask(cluster: &Cluster, target: &Target) -> Result<Told, Error> {
    let Target { group, authority, .. } = target;
    let reader = issue_reader(authority, Timestamp::now())?;
    let [name, _] = group.dns_names();
    let asker = match Asker::new(authority, &reader, &name) {
        Ok(asker) => asker,
        Err(error) => return Ok(vec![Err(error.to_string())]),
    };
    let listed = tokio::time::timeout(LISTING, rollout::pods(cluster, group)).await;
    let pods = listed.map_err(|_| Error::Reported("cannot list Pods: no answer".to_owned()))??;
    let serving = pods.iter().filter(|pod| is_serving(pod));
    let asked = serving.map(|pod| {
        let asker = &asker;
        async move { asker.ask(pod).await.map_err(|error| describe(pod, &error)) }
    });
    Ok(futures::future::join_all(asked).await)
}

#[cfg(test)]
#[path = "polls_tests.rs"]
mod tests;
