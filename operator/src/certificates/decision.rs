//! What is to happen to a group's certificates: a pure decision over time and what the Secrets hold.
//!
//! The renewal of a CA that is still good, with an overlap of two, is not built yet: a CA serves until its end, and is
//! then replaced at once.

use jiff::{SignedDuration, Timestamp};

use super::{Authority, CertificateError, Leaf, Terms};

/// A CA is replaced this long before its end, so that nothing is ever served with an expired one.
const AUTHORITY_MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// What is to happen; the text says why, for log and Events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing, until the time.
    Keep(Timestamp),
    /// A new serving certificate from the same CA.
    RenewLeaf(String),
    /// A new CA and a new serving certificate.
    ReplaceAuthority(String),
}

/// Decides, given what was read from the Secrets.
pub(crate) fn decide(
    now: Timestamp,
    authority: &Result<Authority, CertificateError>,
    leaf: &Result<Leaf, CertificateError>,
    terms: &Terms,
) -> Decision {
    let authority = match authority {
        Ok(authority) => authority,
        Err(error) => return Decision::ReplaceAuthority(format!("CA: {error}")),
    };
    if authority.not_before > now {
        return Decision::ReplaceAuthority(format!("CA: not valid before {}", authority.not_before));
    }
    let authority_end = authority.not_after - AUTHORITY_MARGIN;
    if authority_end <= now {
        return Decision::ReplaceAuthority(format!("CA: valid only until {}", authority.not_after));
    }
    let leaf = match leaf {
        Ok(leaf) => leaf,
        Err(error) => return Decision::RenewLeaf(format!("serving certificate: {error}")),
    };
    if leaf.not_before > now {
        return Decision::RenewLeaf(format!("serving certificate: not valid before {}", leaf.not_before));
    }
    if leaf.not_after.duration_since(now) > terms.leaf {
        return Decision::RenewLeaf("serving certificate: valid for longer than declared".to_owned());
    }
    // One that ends with its CA cannot be renewed for longer.
    if leaf.not_after >= authority.not_after {
        return Decision::Keep(authority_end);
    }
    let renewal = leaf.not_after - terms.renew_before;
    if renewal <= now {
        return Decision::RenewLeaf(format!("serving certificate: valid only until {}", leaf.not_after));
    }
    Decision::Keep(renewal.min(authority_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        authority: SignedDuration::from_hours(1000),
        leaf: SignedDuration::from_hours(100),
        renew_before: SignedDuration::from_hours(30),
    };

    /// Hours from now.
    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hours)
    }

    fn authority(from: i64, to: i64) -> Result<Authority, CertificateError> {
        Ok(Authority {
            certificate: String::new(),
            key: String::new(),
            not_before: at(from),
            not_after: at(to),
        })
    }

    fn leaf(from: i64, to: i64) -> Result<Leaf, CertificateError> {
        Ok(Leaf { certificate: String::new(), key: String::new(), not_before: at(from), not_after: at(to) })
    }

    enum Want {
        Keep(Timestamp),
        Leaf(&'static str),
        Authority(&'static str),
    }

    fn check(
        case: &str,
        authority: Result<Authority, CertificateError>,
        leaf: Result<Leaf, CertificateError>,
        want: Want,
    ) {
        match (decide(at(0), &authority, &leaf, &TERMS), want) {
            (Decision::Keep(until), Want::Keep(want)) => assert_eq!(until, want, "{case}"),
            (Decision::RenewLeaf(why), Want::Leaf(part))
            | (Decision::ReplaceAuthority(why), Want::Authority(part)) => {
                assert!(why.contains(part), "{case}: {why}");
            }
            (decision, _) => panic!("{case}: {decision:?}"),
        }
    }

    #[test]
    fn decisions() {
        use CertificateError::{ForeignIssuer, KeyMismatch, Missing};
        let margin = AUTHORITY_MARGIN;
        check("new", Err(Missing), Err(Missing), Want::Authority("CA: there is none"));
        check("CA lost", Err(Missing), leaf(-1, 99), Want::Authority("CA: there is none"));
        check("CA damaged", Err(KeyMismatch), leaf(-1, 99), Want::Authority("do not belong together"));
        check("CA expired", authority(-1000, 0), leaf(-99, 0), Want::Authority("CA: valid only until"));
        check("CA of the future", authority(1, 1000), leaf(-1, 99), Want::Authority("CA: not valid before"));
        check("leaf lost", authority(-1, 999), Err(Missing), Want::Leaf("there is none"));
        check("leaf foreign", authority(-1, 999), Err(ForeignIssuer), Want::Leaf("not issued by"));
        check("leaf of the future", authority(-1, 999), leaf(1, 99), Want::Leaf("not valid before"));
        check("leaf too long", authority(-1, 999), leaf(-1, 101), Want::Leaf("longer than declared"));
        check("leaf due", authority(-1, 999), leaf(-70, 30), Want::Leaf("valid only until"));
        check("leaf expired", authority(-200, 999), leaf(-110, -10), Want::Leaf("valid only until"));
        check("both good", authority(-1, 999), leaf(-1, 99), Want::Keep(at(69)));
        check("leaf ends with its CA", authority(-990, 10), leaf(-20, 10), Want::Keep(at(10) - margin));
        check("CA ends before the renewal", authority(-900, 80), leaf(-1, 80), Want::Keep(at(80) - margin));
    }
}
