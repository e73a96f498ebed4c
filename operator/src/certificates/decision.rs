//! What is to happen to a group's certificates: a pure decision over time, what the Secrets hold, and what was observed of those
//! who use them.
//!
//! A CA is changed in three steps, so that whoever calls a gateway trusts what it serves at every moment: another CA begins to
//! issue and both are trusted; when all callers trust both for a while, gateways get a certificate of the new one; when all
//! have served that for a while, the old CA is dropped.

use jiff::{SignedDuration, Timestamp};

use super::read::Signer;
use super::{Authority, CertificateError, Leaf, Terms};

/// How long the last step of a change must have been followed by all before the next one: every kube-apiserver takes its time
/// to learn of an APIService, and so do connections.
pub(super) const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// How soon it is looked at again whether a step was followed; mostly a watch or a gateway's report tells before.
const LOOK: SignedDuration = SignedDuration::from_secs(10);
/// A CA is changed this long before its end whatever it disturbs, so that nothing is ever served with an expired one.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// What is known of a group's certificates.
pub(super) struct Known<'a> {
    /// The CA, and those before it.
    pub(super) authority: &'a Result<Authority, CertificateError>,
    /// The serving certificate.
    pub(super) leaf: &'a Result<Leaf, CertificateError>,
    /// Who issued that.
    pub(super) signer: Signer,
    /// From when all have followed the last step of a change; none if some have not.
    pub(super) since: Option<Timestamp>,
}

/// What is to happen; the text says why, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing, until the time.
    Keep(Timestamp),
    /// A new serving certificate of the CA that issues.
    RenewLeaf(String),
    /// Another CA, beside the one before it.
    StartAuthority(String),
    /// A serving certificate of the new CA, which everybody trusts by now.
    SwitchLeaf,
    /// The end of the CAs before, which nobody needs any more.
    DropPrevious,
}

/// Decides.
pub(super) fn decide(now: Timestamp, known: &Known<'_>, terms: &Terms) -> Decision {
    let authority = match known.authority {
        Ok(authority) => authority,
        Err(error) => return Decision::StartAuthority(format!("CA: {error}")),
    };
    if authority.not_before > now {
        return Decision::StartAuthority(format!("CA: not valid before {}", authority.not_before));
    }
    // While one change is under way no other begins, unless it must.
    let lead = if authority.previous.is_empty() { lead(terms) } else { MARGIN };
    let change = authority.not_after - lead;
    if change <= now {
        return Decision::StartAuthority(format!("CA: valid only until {}", authority.not_after));
    }
    let leaf = match known.leaf {
        Ok(leaf) => leaf,
        Err(error) => return Decision::RenewLeaf(format!("serving certificate: {error}")),
    };
    if leaf.not_before > now {
        return Decision::RenewLeaf(format!("serving certificate: not valid before {}", leaf.not_before));
    }
    if leaf.not_after <= now {
        return Decision::RenewLeaf(format!("serving certificate: valid only until {}", leaf.not_after));
    }
    match known.signer {
        Signer::Foreign => {
            Decision::RenewLeaf("serving certificate: not issued by the group's CA".to_owned())
        }
        Signer::Previous => followed(now, known.since, Decision::SwitchLeaf, change.min(leaf.not_after)),
        Signer::Current => match renewal(now, leaf, authority, terms) {
            Err(why) => Decision::RenewLeaf(format!("serving certificate: {why}")),
            Ok(until) if authority.previous.is_empty() => Decision::Keep(until.min(change)),
            Ok(until) => followed(now, known.since, Decision::DropPrevious, until.min(change)),
        },
    }
}

/// The next step of a change once the last one has been followed for a while; looked at again at `until` at the latest.
fn followed(now: Timestamp, since: Option<Timestamp>, next: Decision, until: Timestamp) -> Decision {
    match since.map(|since| since + PAUSE) {
        Some(due) if due <= now => next,
        Some(due) => Decision::Keep(due.min(until)),
        None => Decision::Keep((now + LOOK).min(until)),
    }
}

/// When a serving certificate is renewed, or why it is now.
fn renewal(now: Timestamp, leaf: &Leaf, authority: &Authority, terms: &Terms) -> Result<Timestamp, String> {
    if leaf.not_after.duration_since(now) > terms.leaf {
        return Err("valid for longer than declared".to_owned());
    }
    // One that ends with its CA cannot be renewed for longer.
    if leaf.not_after >= authority.not_after {
        return Ok(authority.not_after);
    }
    let renewal = leaf.not_after - terms.renew_before;
    if renewal <= now { Err(format!("valid only until {}", leaf.not_after)) } else { Ok(renewal) }
}

/// How long before its end a CA is changed: soon enough that no serving certificate is cut short by it, and that there is time
/// for all steps; but not before half of its life.
fn lead(terms: &Terms) -> SignedDuration {
    terms.leaf.max(PAUSE * 4).min(terms.authority / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        authority: SignedDuration::from_hours(1000),
        leaf: SignedDuration::from_hours(100),
        renew_before: SignedDuration::from_hours(30),
    };
    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    /// Hours from now.
    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hours)
    }

    /// Seconds before now.
    fn ago(seconds: i64) -> Option<Timestamp> {
        Some(at(0) - SECOND * i32::try_from(seconds).expect("a few"))
    }

    fn authority(from: i64, to: i64) -> Result<Authority, CertificateError> {
        Ok(Authority {
            certificate: String::new(),
            key: String::new(),
            previous: String::new(),
            not_before: at(from),
            not_after: at(to),
        })
    }

    /// One with another before it.
    fn changing(from: i64, to: i64) -> Result<Authority, CertificateError> {
        authority(from, to).map(|authority| Authority { previous: "PEM".to_owned(), ..authority })
    }

    fn leaf(from: i64, to: i64) -> Result<Leaf, CertificateError> {
        Ok(Leaf { certificate: String::new(), key: String::new(), not_before: at(from), not_after: at(to) })
    }

    fn check(
        case: &str,
        authority: Result<Authority, CertificateError>,
        (leaf, signer): (Result<Leaf, CertificateError>, Signer),
        since: Option<Timestamp>,
        want: &str,
    ) {
        let known = Known { authority: &authority, leaf: &leaf, signer, since };
        let decision = format!("{:?}", decide(at(0), &known, &TERMS));
        assert!(decision.starts_with(want), "{case}: {decision}, not {want}");
    }

    #[test]
    fn decisions() {
        use CertificateError::{KeyMismatch, Missing};
        use Signer::{Current, Foreign, Previous};
        let keep = |until: Timestamp| format!("{:?}", Decision::Keep(until));
        let good = || (leaf(-1, 99), Current);
        let new = "StartAuthority(\"CA: ";
        let renew = "RenewLeaf(\"serving certificate: ";
        for (case, authority, leaf, since, want) in [
            ("new", Err(Missing), (Err(Missing), Foreign), None, format!("{new}there is none")),
            ("CA lost", Err(Missing), good(), None, format!("{new}there is none")),
            ("CA damaged", Err(KeyMismatch), good(), None, format!("{new}certificate and key do not")),
            (
                "CA expired",
                authority(-1000, 0),
                (leaf(-99, 0), Current),
                None,
                format!("{new}valid only until"),
            ),
            ("CA of the future", authority(1, 1000), good(), None, format!("{new}not valid before")),
            ("CA due", authority(-900, 100), good(), None, format!("{new}valid only until")),
            ("CA due while it changes", changing(-900, 99), good(), None, keep(at(0) + LOOK)),
            ("CA at its end while it changes", changing(-1000, 0), good(), None, format!("{new}valid only")),
            ("leaf lost", authority(-1, 999), (Err(Missing), Foreign), None, format!("{renew}there is none")),
            (
                "leaf lost in a change",
                changing(-1, 999),
                (Err(Missing), Foreign),
                None,
                format!("{renew}there is"),
            ),
            ("leaf foreign", authority(-1, 999), (leaf(-1, 99), Foreign), None, format!("{renew}not issued")),
            (
                "leaf of the future",
                authority(-1, 999),
                (leaf(1, 99), Current),
                None,
                format!("{renew}not valid"),
            ),
            (
                "leaf too long",
                authority(-1, 999),
                (leaf(-1, 101), Current),
                None,
                format!("{renew}valid for longer"),
            ),
            (
                "leaf due",
                authority(-1, 999),
                (leaf(-70, 30), Current),
                None,
                format!("{renew}valid only until"),
            ),
            (
                "leaf expired",
                authority(-1, 999),
                (leaf(-110, -1), Current),
                None,
                format!("{renew}valid only"),
            ),
            ("both good", authority(-1, 999), good(), None, keep(at(69))),
            ("CA is due before the leaf", authority(-890, 110), (leaf(-1, 99), Current), None, keep(at(10))),
            ("not everywhere yet", changing(-1, 999), (leaf(-1, 99), Previous), None, keep(at(0) + LOOK)),
            ("just everywhere", changing(-1, 999), (leaf(-1, 99), Previous), ago(59), keep(at(0) + SECOND)),
            ("everywhere", changing(-1, 999), (leaf(-1, 99), Previous), ago(60), "SwitchLeaf".to_owned()),
            ("old leaf due", changing(-1, 999), (leaf(-90, 10), Previous), ago(1), keep(at(0) + SECOND * 59)),
            ("old leaf expired", changing(-1, 999), (leaf(-90, 0), Previous), ago(1), renew.to_owned()),
            ("not served yet", changing(-1, 999), good(), None, keep(at(0) + LOOK)),
            ("just served", changing(-1, 999), good(), ago(59), keep(at(0) + SECOND)),
            ("served", changing(-1, 999), good(), ago(60), "DropPrevious".to_owned()),
            (
                "due before it is served",
                changing(-1, 999),
                (leaf(-70, 30), Current),
                ago(1),
                renew.to_owned(),
            ),
        ] {
            check(case, authority, leaf, since, &want);
        }
    }

    #[test]
    fn when_a_ca_is_changed() {
        let minutes = SignedDuration::from_mins;
        for (authority, leaf, want) in [(1000, 100, 100), (100, 90, 50), (1000, 1, 4), (5, 1, 2)] {
            let terms =
                Terms { authority: minutes(authority), leaf: minutes(leaf), renew_before: minutes(0) };
            assert_eq!(lead(&terms).as_mins(), want, "{authority} {leaf}");
        }
    }
}
