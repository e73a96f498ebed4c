//! Which of several operators works: the one that holds a Lease, by the rules of client-go (`tools/leaderelection`).
//!
//! The clocks of two machines are never compared: a Lease counts as held for its duration after it was *seen* to change.

use std::time::Duration;

use anyhow::{Result, bail};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::{Client, Error, ResourceExt};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::group::MANAGER;

/// The Lease, in the operator's namespace.
const NAME: &str = "tributary-operator";
/// How long a Lease that does not change counts as held, in seconds.
const DURATION: i32 = 15;
/// How long an operator works on without having renewed its Lease: less than [`DURATION`], so that it has stopped when another one
/// begins.
const DEADLINE: Duration = Duration::from_secs(10);
/// How often it is renewed, or looked at.
const RETRY: Duration = Duration::from_secs(2);

/// An operator that works, or waits to.
pub(crate) struct Election {
    leases: Api<Lease>,
    candidate: Candidate,
    /// From before it was written last: others count from later on.
    renewed: Instant,
}

/// What one knows of the Lease.
struct Candidate {
    identity: String,
    /// Its last state, and when it was first seen.
    seen: Option<(LeaseSpec, Instant)>,
}

// === impl Election ===

impl Election {
    /// For the operator that is known as `identity`, of which there is no other.
    pub(crate) fn new(client: Client, namespace: &str, identity: String) -> Self {
        let candidate = Candidate { identity, seen: None };
        Self { leases: Api::namespaced(client, namespace), candidate, renewed: Instant::now() }
    }

    /// Waits for the Lease. False if it is cancelled before.
    pub(crate) async fn acquire(&mut self, cancel: &CancellationToken) -> bool {
        tracing::info!(identity = self.candidate.identity, "waiting for the Lease {NAME}");
        loop {
            self.renewed = Instant::now();
            if self.attempt(DEADLINE).await {
                tracing::info!(
                    identity = self.candidate.identity,
                    "holding the Lease {NAME}: this operator works"
                );
                return true;
            }
            tokio::select! {
                () = cancel.cancelled() => return false,
                () = sleep(RETRY) => {}
            }
        }
    }

    /// Renews the Lease for as long as that succeeds.
    ///
    /// # Errors
    /// Always, and then nothing may be written any more: another operator does.
    pub(crate) async fn hold(&mut self) -> Result<()> {
        loop {
            sleep(RETRY).await;
            let begun = Instant::now();
            if self.attempt(DEADLINE.saturating_sub(self.renewed.elapsed())).await {
                self.renewed = begun;
            } else if self.renewed.elapsed() + RETRY >= DEADLINE || self.candidate.is_beaten() {
                bail!("the Lease {NAME} is lost");
            }
        }
    }

    /// Gives the Lease back, so that another operator need not wait until it ends.
    pub(crate) async fn release(&mut self) {
        let released = async {
            let Some(lease) = self.leases.get_opt(NAME).await? else { return Ok(()) };
            let Some(lease) = self.candidate.released(lease) else { return Ok(()) };
            self.leases.replace(NAME, &params(), &lease).await.map(drop)
        };
        match timeout(RETRY, released).await {
            Ok(Ok(())) => tracing::info!("the Lease {NAME} is given back"),
            Ok(Err(error)) => tracing::warn!(%error, "the Lease {NAME} ends by itself"),
            Err(_) => tracing::warn!("the Lease {NAME} ends by itself: no answer"),
        }
    }

    /// Takes or renews the Lease, if it is free or ours; whether it is ours then.
    async fn attempt(&mut self, limit: Duration) -> bool {
        match timeout(limit, self.write()).await {
            Ok(Ok(held)) => held,
            // Somebody else was faster.
            Ok(Err(Error::Api(status))) if status.code == 409 => false,
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot take or renew the Lease {NAME}");
                false
            }
            Err(_) => {
                tracing::warn!("cannot take or renew the Lease {NAME}: no answer");
                false
            }
        }
    }

    async fn write(&mut self) -> Result<bool, Error> {
        let found = self.leases.get_opt(NAME).await?;
        let Some(lease) = self.candidate.next(found, Instant::now(), Timestamp::now()) else {
            return Ok(false);
        };
        let written = match lease.resource_version() {
            None => self.leases.create(&params(), &lease).await?,
            Some(_) => self.leases.replace(NAME, &params(), &lease).await?,
        };
        self.candidate.see(written.spec.unwrap_or_default(), Instant::now());
        Ok(true)
    }
}

fn params() -> PostParams {
    PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() }
}

// === impl Candidate ===

impl Candidate {
    /// The Lease to be written; none while it is another's.
    fn next(&mut self, found: Option<Lease>, now: Instant, wall: Timestamp) -> Option<Lease> {
        let mut lease = found.unwrap_or_else(|| Lease {
            metadata: ObjectMeta { name: Some(NAME.to_owned()), ..ObjectMeta::default() },
            spec: None,
        });
        let before = lease.spec.take().unwrap_or_default();
        let seen = self.see(before.clone(), now);
        let holder = holder(&before);
        let lasts = Duration::from_secs(
            before.lease_duration_seconds.unwrap_or(DURATION).max(0).unsigned_abs().into(),
        );
        if holder.is_some_and(|holder| holder != self.identity) && now < seen + lasts {
            return None;
        }
        let is_ours = holder == Some(&self.identity);
        let transitions = before.lease_transitions.unwrap_or(0);
        lease.spec = Some(LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: Some(DURATION),
            acquire_time: before.acquire_time.clone().filter(|_| is_ours).or(Some(MicroTime(wall))),
            renew_time: Some(MicroTime(wall)),
            lease_transitions: Some(if is_ours || holder.is_none() { transitions } else { transitions + 1 }),
            ..before
        });
        Some(lease)
    }

    /// Notes the Lease; returns since when it has been as it is.
    fn see(&mut self, spec: LeaseSpec, now: Instant) -> Instant {
        match &self.seen {
            Some((known, since)) if *known == spec => *since,
            _ => {
                self.seen = Some((spec, now));
                now
            }
        }
    }

    /// Whether another one was seen to hold the Lease.
    fn is_beaten(&self) -> bool {
        let seen = self.seen.as_ref().and_then(|(spec, _)| holder(spec));
        seen.is_some_and(|holder| holder != self.identity)
    }

    /// The Lease without a holder, if that was this one.
    fn released(&self, lease: Lease) -> Option<Lease> {
        let spec = lease.spec.clone().filter(|spec| holder(spec) == Some(&self.identity))?;
        let spec = LeaseSpec { holder_identity: None, lease_duration_seconds: Some(1), ..spec };
        Some(Lease { spec: Some(spec), ..lease })
    }
}

fn holder(spec: &LeaseSpec) -> Option<&str> {
    spec.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(identity: &str) -> Candidate {
        Candidate { identity: identity.to_owned(), seen: None }
    }

    fn wall(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
    }

    fn spec(lease: &Option<Lease>) -> LeaseSpec {
        lease.clone().and_then(|lease| lease.spec).expect("a Lease")
    }

    #[test]
    fn one_holds_and_another_follows_when_it_is_silent() {
        let (mut a, mut b) = (candidate("a"), candidate("b"));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let taken = a.next(None, at(0), wall(0));
        assert_eq!(spec(&taken).holder_identity.as_deref(), Some("a"));
        // The clock of the other machine is an hour ahead.
        assert!(b.next(taken.clone(), at(1), wall(3600)).is_none());
        let renewed = a.next(taken.clone(), at(2), wall(2));
        assert_eq!(spec(&renewed).acquire_time, spec(&taken).acquire_time);
        assert!(b.next(renewed.clone(), at(3), wall(3603)).is_none(), "it was renewed");
        assert!(b.next(renewed.clone(), at(17), wall(3617)).is_none(), "seen to change 14 s ago");
        let followed = b.next(renewed.clone(), at(18), wall(3618));
        assert_eq!(spec(&followed).holder_identity.as_deref(), Some("b"));
        assert_eq!(spec(&followed).lease_transitions, Some(1));
        assert!(a.next(followed, at(19), wall(19)).is_none());
        assert!(a.is_beaten());
    }

    #[test]
    fn what_is_given_back_is_free_at_once() {
        let (mut a, mut b) = (candidate("a"), candidate("b"));
        let now = Instant::now();
        let taken = a.next(None, now, wall(0)).expect("a Lease");
        assert!(b.released(taken.clone()).is_none(), "it is not b's");
        let released = a.released(taken);
        assert!(b.next(released, now, wall(0)).is_some());
    }

    #[test]
    fn a_lease_of_nobody_is_taken() {
        for spec in [None, Some(LeaseSpec { holder_identity: Some(String::new()), ..LeaseSpec::default() })] {
            let lease = Lease { metadata: ObjectMeta::default(), spec };
            assert!(candidate("a").next(Some(lease), Instant::now(), wall(0)).is_some());
        }
    }
}
