//! Simulated hours: at every moment whoever calls a gateway trusts what it serves.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Secret;

use super::*;
use crate::certificates::{companions, read_authority, read_leaf};
use crate::children::{ca_secret, followed_since, tls_secret};
use crate::fixture;

/// The time between two looks at everything, in seconds.
const STEP: usize = 10;
/// How long it goes on, in minutes.
const MINUTES: i64 = 90;

/// A cluster in which everybody learns of a change some time after it, in seconds.
struct World {
    /// How late each kube-apiserver has a caBundle.
    callers: [i64; 2],
    /// How late each gateway serves what is in its Secret.
    gateways: [i64; 2],
    terms: Terms,
    secrets: Option<(Option<Secret>, Secret)>,
    /// What was written when, in seconds: bundle and serving certificate.
    written: Vec<(i64, String, Leaf)>,
    authorities: BTreeSet<String>,
    leaves: BTreeSet<String>,
    /// What a caller trusted and a gateway served: it is verified once.
    verified: BTreeSet<(String, String)>,
    /// How often only one CA was trusted after there had been several.
    settled: usize,
}

impl World {
    fn new(terms: Terms, callers: [i64; 2], gateways: [i64; 2]) -> Self {
        Self {
            callers,
            gateways,
            terms,
            secrets: None,
            written: Vec::new(),
            authorities: BTreeSet::new(),
            leaves: BTreeSet::new(),
            verified: BTreeSet::new(),
            settled: 0,
        }
    }

    /// What was written when it was `late` seconds ago; the first of all if there was nothing.
    fn known(&self, second: i64, late: i64) -> Option<&(i64, String, Leaf)> {
        let mut before = self.written.iter().rev().filter(|(at, _, _)| *at <= second - late);
        before.next().or(self.written.first())
    }

    /// The operator looks at it all, once.
    fn look(&mut self, second: i64) {
        let now = time(second);
        let (group, names) = (fixture::group(), fixture::group().dns_names());
        let (ca, tls) = match &self.secrets {
            Some((ca, tls)) => (ca.as_ref(), Some(tls)),
            None => (None, None),
        };
        let stand = Stand {
            authority: read_authority(ca, now),
            leaf: read_leaf(tls, &names),
            companions: companions(tls, now),
            since: ca.and_then(followed_since),
        };
        let serve = self.gateways.iter().filter_map(|late| self.known(second, *late));
        let served: BTreeSet<_> = serve.filter_map(|(_, _, leaf)| leaf.fingerprint()).collect();
        let bundle = self.written.last().map(|(_, bundle, _)| bundle.clone().into_bytes());
        let observed = Observed {
            bundles: bundle.into_iter().collect(),
            served: served.first().filter(|_| served.len() == 1).cloned(),
        };
        let renewed = renew((&group.name, &names), stand, &observed, &self.terms, now).expect("certificates");
        assert!(renewed.next > now, "{second}: it is looked at again later");
        let Renewed { authority, leaf, since, .. } = renewed;
        let several = self.written.last().is_some_and(|(_, bundle, _)| bundle.matches("BEGIN").count() > 1);
        self.settled += usize::from(several && authority.previous.is_empty());
        self.authorities.insert(authority.certificate.clone());
        self.leaves.insert(leaf.certificate.clone());
        let secrets = (Some(ca_secret(&group, &authority, since)), tls_secret(&group, &authority, &leaf));
        self.secrets = Some(secrets);
        self.written.push((second, authority.bundle(), leaf));
    }

    /// Every caller trusts what every gateway serves.
    fn check(&mut self, second: i64) {
        let pairs = self.callers.iter().flat_map(|caller| self.gateways.map(|gateway| (*caller, gateway)));
        for (caller, gateway) in pairs.collect::<Vec<_>>() {
            let Some((_, bundle, _)) = self.known(second, caller).cloned() else { continue };
            let Some((_, _, leaf)) = self.known(second, gateway).cloned() else { continue };
            assert!(leaf.not_after > time(second), "{second}: an expired certificate is served");
            if self.verified.insert((bundle.clone(), leaf.certificate.clone())) {
                let late = format!("{second}: a caller {caller} s late, a gateway {gateway} s late");
                assert!(is_trusted(&leaf, bundle), "{late}");
            }
        }
    }
}

fn is_trusted(leaf: &Leaf, bundle: String) -> bool {
    let (not_before, not_after) = (leaf.not_before, leaf.not_after);
    let authority = Authority {
        certificate: bundle.clone(),
        key: String::new(),
        previous: bundle,
        not_before,
        not_after,
    };
    signer(leaf, &authority) != Signer::Foreign
}

fn time(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + second)
}

fn minutes(authority: i64, leaf: i64, renew_before: i64) -> Terms {
    let minutes = SignedDuration::from_mins;
    Terms { authority: minutes(authority), leaf: minutes(leaf), renew_before: minutes(renew_before) }
}

#[test]
fn callers_always_trust_what_is_served() {
    for (terms, callers, gateways, away, lost) in [
        (minutes(20, 6, 2), [0, 0], [0, 0], 0..0, None),
        (minutes(20, 6, 2), [0, 40], [0, 45], 0..0, None),
        (minutes(10, 9, 2), [5, 30], [10, 20], 0..0, None),
        // The shortest there are.
        (minutes(8, 4, 2), [0, 20], [5, 30], 0..0, None),
        (minutes(8, 7, 2), [0, 20], [5, 30], 0..0, None),
        // The operator is away while a CA is changed.
        (minutes(20, 6, 2), [0, 40], [0, 45], 860..930, None),
        (minutes(20, 6, 2), [0, 40], [0, 45], 900..990, None),
        // The Secret of the CA is lost: in calm, and while it is changed.
        (minutes(60, 30, 5), [0, 40], [0, 45], 0..0, Some(300)),
        (minutes(20, 6, 2), [0, 40], [0, 45], 0..0, Some(870)),
    ] {
        let mut world = World::new(terms, callers, gateways);
        for second in (0..MINUTES * 60).step_by(STEP) {
            if lost == Some(second)
                && let Some((ca, _)) = &mut world.secrets
            {
                *ca = None;
            }
            if !away.contains(&second) {
                world.look(second);
            }
            world.check(second);
        }
        let changes = usize::try_from(MINUTES / terms.authority.as_mins()).unwrap();
        assert!(world.authorities.len() > changes, "{} CAs", world.authorities.len());
        assert!(world.authorities.len() < 3 * changes + 4, "{} CAs", world.authorities.len());
        assert!(
            world.settled + 2 >= world.authorities.len(),
            "{} of {} ended",
            world.settled,
            world.authorities.len()
        );
        assert!(world.leaves.len() >= world.authorities.len());
    }
}
