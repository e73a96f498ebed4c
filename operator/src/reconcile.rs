//! One reconciliation of one AggregatedAPI: judge, make, report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;
use kube::api::Api;
use kube::runtime::controller::Action;
use tributary_crds::AggregatedApi;

use crate::absence::{self, Absence};
use crate::certificates::Terms;
use crate::children;
use crate::claim::ClaimSeen;
use crate::cluster::{Error, Inventory};
use crate::conditions::{Facts, SETTLING, is_available};
use crate::deletion::{self, Progress};
use crate::group::Group;
use crate::observation::{Failure, Observation, Stage};
use crate::operator::Operator;
use crate::reports::{Report, Served, Target};
use crate::rollout::Rollout;
use crate::status;
use crate::verdict::{Accepted, Refusal, RefusalReason, judge};

/// How often a group is looked at when nothing happens: a missed event is repaired within this time.
const RESYNC: Duration = Duration::from_mins(5);
/// How long a pass may take: some twenty requests. An answer that never comes must not keep a group waiting for ever.
const PASS: Duration = Duration::from_secs(30);
/// How soon a deletion goes on: APIServices go within milliseconds.
const DELETION_STEP: Duration = Duration::from_millis(500);
/// How soon a refused name is looked at again: nothing tells when an object that is not ours goes.
const REFUSED: Duration = Duration::from_secs(30);

/// Reconciles, and counts it.
///
/// # Errors
/// [`Error`], after which it is tried again.
pub(crate) async fn reconcile(api: Arc<AggregatedApi>, operator: Arc<Operator>) -> Result<Action, Error> {
    let started = Instant::now();
    let passed = tokio::time::timeout(PASS, pass(&api.name_any(), &operator)).await;
    let result =
        passed.unwrap_or_else(|_| Err(Error::Reported(format!("not done within {} s", PASS.as_secs()))));
    operator.metrics.observe(result.is_ok(), started.elapsed());
    if result.is_ok() {
        operator.retries.succeeded(&api.name_any());
    }
    result
}

/// When to try again after an error.
pub(crate) fn retry(api: Arc<AggregatedApi>, error: &Error, operator: Arc<Operator>) -> Action {
    let wait = operator.retries.failed(&api.name_any());
    tracing::warn!(group = api.name_any(), %error, ?wait, "reconciliation failed");
    Action::requeue(wait)
}

/// The live object is read, not the watched copy: times of conditions are carried over from it.
async fn pass(name: &str, operator: &Operator) -> Result<Action, Error> {
    let apis: Api<AggregatedApi> = Api::all(operator.cluster.client());
    let live =
        apis.get_opt(name).await.map_err(|error| Error::kube("cannot read the AggregatedAPI", error))?;
    let Some(api) = live else {
        operator.polls.forget(name);
        return Ok(Action::await_change());
    };
    let group = Group::of(&api, &operator.site.namespace);
    if api.metadata.deletion_timestamp.is_some() {
        operator.polls.forget(name);
        return Ok(match deletion::end(&operator.cluster, &api, &group).await? {
            Progress::Waiting => Action::requeue(DELETION_STEP),
            Progress::Done => Action::await_change(),
        });
    }
    if operator.stores.is_leaving() {
        deletion::unregister(&operator.cluster, &group).await?;
        deletion::release(&operator.cluster, &api).await?;
        return Ok(Action::await_change());
    }
    serve(&api, &group, operator).await
}

async fn serve(api: &AggregatedApi, group: &Group, operator: &Operator) -> Result<Action, Error> {
    let inventory = operator.cluster.find(&children::references(group)).await?;
    let verdict = verdict(api, group, operator, &inventory).await?;
    let now = Timestamp::now();
    let told = operator.polls.report(&group.name);
    let rollout = Rollout {
        cluster: &operator.cluster,
        group,
        site: &operator.site,
        inventory: &inventory,
        absence: absence::record(&inventory, group, now)?,
        served: told.as_ref().map(Report::served).unwrap_or_default(),
        now,
    };
    let mut observation = match &verdict {
        Ok(accepted) => {
            deletion::hold(&operator.cluster, api).await?;
            rollout.apply(api, accepted).await?
        }
        Err(_) => rollout.maintain(Terms::of(&api.spec.certificates).ok()).await?,
    };
    let absence = Absence {
        cluster: &operator.cluster,
        group,
        inventory: &inventory,
        stores: api.spec.gateway.storage.is_some(),
        report: told.as_ref(),
        now,
    };
    stand_in(&absence, &mut observation).await;
    follow(api, group, operator, &verdict, &observation);
    report(api, group, operator, &verdict, &observation, now).await?;
    match &observation.failure {
        Some(failure) => Err(Error::Reported(failure.message.clone())),
        None if is_name_taken(&verdict) => Ok(Action::requeue(REFUSED)),
        None => Ok(Action::requeue(next(&observation, now))),
    }
}

/// Sees to it that a group without a ready gateway hurts nobody else.
async fn stand_in(absence: &Absence<'_>, observation: &mut Observation) {
    match absence.follow(observation).await {
        Ok(seen) => observation.absence = seen,
        // What is wrong with the group comes first.
        Err(error) => {
            let failure = Failure { stage: Stage::Absence, message: error.to_string() };
            observation.failure.get_or_insert(failure);
        }
    }
}

/// Judges by the stores. Before a group is refused as taken it is judged by the API server itself: a store that lags
/// may still hold what an earlier AggregatedAPI of this name has left.
async fn verdict(
    api: &AggregatedApi,
    group: &Group,
    operator: &Operator,
    inventory: &Inventory,
) -> Result<Result<Accepted, Refusal>, Error> {
    let api_services = operator.stores.api_services.state();
    let definitions = operator.stores.definitions.state();
    let mut verdict = judge(
        api,
        group,
        &operator.site,
        api_services.iter().map(|service| &**service),
        definitions.iter().map(|definition| &**definition),
    );
    if verdict.as_ref().is_err_and(|refusal| refusal.reason == RefusalReason::GroupTaken) {
        let (api_services, definitions) = operator.cluster.registrations().await?;
        verdict = judge(api, group, &operator.site, api_services.iter(), definitions.iter());
    }
    Ok(verdict.and_then(|accepted| match inventory.foreign(group) {
        Some(object) => Err(Refusal::name_taken(&object)),
        None => Ok(accepted),
    }))
}

/// Lets the gateways that run be asked how they fare.
fn follow(
    api: &AggregatedApi,
    group: &Group,
    operator: &Operator,
    verdict: &Result<Accepted, Refusal>,
    observation: &Observation,
) {
    let ready = observation.ready_replicas();
    if ready == 0 {
        return operator.polls.forget(&group.name);
    }
    // Without the CA, for once, those that are asked go on being asked.
    let Some(seen) = &observation.certificates else { return };
    operator.polls.follow(Target {
        group: group.clone(),
        authority: seen.authority.clone(),
        to_serve: Served {
            definition: verdict.as_ref().ok().and_then(|accepted| accepted.definition(api)),
            certificate: seen.serving.clone(),
        },
        ready,
    });
}

/// Writes the status if it differs, and announces what changed.
async fn report(
    api: &AggregatedApi,
    group: &Group,
    operator: &Operator,
    verdict: &Result<Accepted, Refusal>,
    observation: &Observation,
    now: Timestamp,
) -> Result<(), Error> {
    let told = operator.polls.report(&group.name);
    let storage = api.spec.gateway.storage.as_ref();
    let facts = Facts { verdict, storage, observation, report: told.as_ref() };
    let status = status::status(api, group, facts, now);
    if api.status.as_ref() == Some(&status) {
        return Ok(());
    }
    status::write(&operator.cluster, api, &status, None).await?;
    let before = api.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    operator.events.announce(api, before, &status.conditions).await;
    Ok(())
}

fn is_name_taken(verdict: &Result<Accepted, Refusal>) -> bool {
    verdict.as_ref().is_err_and(|refusal| refusal.reason == RefusalReason::NameTaken)
}

/// When to look again: when certificates are due, soon while a version is not available or the claim not what it is to be,
/// of which Events and StorageClasses tell that are not watched, or after [`RESYNC`].
fn next(observation: &Observation, now: Timestamp) -> Duration {
    let due = observation.certificates.as_ref().map(|seen| seen.next.duration_since(now));
    let due = due.map(|due| due.max(SignedDuration::from_secs(1)).unsigned_abs()).unwrap_or(RESYNC);
    let available = observation.api_services.iter().all(is_available);
    let settled = observation.claim.as_ref().is_none_or(ClaimSeen::is_settled);
    let absence = observation.absence.as_ref().and_then(|seen| Absence::next(seen, now));
    let due = absence.map_or(due, |absence| due.min(absence.unsigned_abs()));
    due.min(if available && settled { RESYNC } else { SETTLING.unsigned_abs() })
}
