//! Brings a group's certificates to where nothing is to be done for the moment.

use jiff::Timestamp;

use super::decision::{Decision, Known, decide};
use super::issue::{issue_authority, issue_leaf};
use super::read::{Signer, signer, valid};
use super::{Authority, CertificateError, Leaf, Terms};

/// The most decisions in a row: another CA, a certificate of it, and that both are kept.
const MOST: usize = 4;

/// What the Secrets hold.
#[derive(Clone, Debug)]
pub(crate) struct Stand {
    /// The CA that issues, and those before it.
    pub(crate) authority: Result<Authority, CertificateError>,
    /// The serving certificate.
    pub(crate) leaf: Result<Leaf, CertificateError>,
    /// The CAs beside that, PEM.
    pub(crate) companions: String,
    /// From when all have followed the last step of a change, as it was noted.
    pub(crate) since: Option<Timestamp>,
}

/// What was observed of those who use them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// The caBundle of each APIService.
    pub(crate) bundles: Vec<Vec<u8>>,
    /// The fingerprint of the certificate that all ready gateways serve; none if it is not one, or not known.
    pub(crate) served: Option<String>,
}

/// What the Secrets are to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renewed {
    /// The CA that issues, and those before it.
    pub(crate) authority: Authority,
    /// The serving certificate.
    pub(crate) leaf: Leaf,
    /// From when all have followed the last step of a change; none if there is none under way.
    pub(crate) since: Option<Timestamp>,
    /// When it is to be looked at again.
    pub(crate) next: Timestamp,
}

/// Takes every step that is due for the group `name`, whose gateways serve `dns_names`.
///
/// # Errors
/// [`CertificateError::Issue`] when nothing can be issued.
pub(crate) fn renew(
    (name, dns_names): (&str, &[String]),
    stand: Stand,
    observed: &Observed,
    terms: &Terms,
    now: Timestamp,
) -> Result<Renewed, CertificateError> {
    let Stand { mut authority, mut leaf, companions, mut since } = stand;
    for _ in 0..MOST {
        let signer = match (&authority, &leaf) {
            (Ok(authority), Ok(leaf)) => signer(leaf, authority),
            _ => Signer::Foreign,
        };
        since = is_followed(&authority, &leaf, signer, observed).then(|| since.unwrap_or(now));
        let known = Known { authority: &authority, leaf: &leaf, signer, since };
        match (decide(now, &known, terms), &mut authority, &leaf) {
            (Decision::Keep(next), Ok(authority), Ok(leaf)) => {
                return Ok(Renewed { authority: authority.clone(), leaf: leaf.clone(), since, next });
            }
            (Decision::StartAuthority(why), before, _) => {
                tracing::info!(group = name, why, "another CA begins to issue");
                let before = before.as_ref().map_or_else(|_| companions.clone(), Authority::bundle);
                let previous = valid(&before, now);
                authority = Ok(Authority { previous, ..issue_authority(name, terms, now)? });
            }
            (Decision::RenewLeaf(why), Ok(authority), _) => {
                tracing::info!(group = name, why, "issuing a serving certificate");
                leaf = Ok(issue_leaf(authority, dns_names, terms, now)?);
            }
            (Decision::SwitchLeaf, Ok(authority), _) => {
                tracing::info!(
                    group = name,
                    "issuing a serving certificate of the new CA, which is trusted everywhere"
                );
                leaf = Ok(issue_leaf(authority, dns_names, terms, now)?);
            }
            (Decision::DropPrevious, Ok(authority), _) => {
                tracing::info!(
                    group = name,
                    "the CA before is trusted no more: all gateways have changed over"
                );
                authority.previous.clear();
            }
            (decision, _, _) => {
                return Err(CertificateError::Issue(format!("no certificate for {decision:?}")));
            }
        }
        // What was followed was the step before.
        since = None;
    }
    Err(CertificateError::Issue(format!("nothing is settled after {MOST} steps")))
}

/// Whether all have followed the last step of a change: while the serving certificate is of a CA before, every APIService has the
/// whole bundle; after, every gateway serves it.
fn is_followed(
    authority: &Result<Authority, CertificateError>,
    leaf: &Result<Leaf, CertificateError>,
    signer: Signer,
    observed: &Observed,
) -> bool {
    let (Ok(authority), Ok(leaf)) = (authority, leaf) else { return false };
    if authority.previous.is_empty() {
        return false;
    }
    match signer {
        Signer::Foreign => false,
        Signer::Previous => {
            let bundle = authority.bundle();
            observed.bundles.iter().all(|held| held == bundle.as_bytes())
        }
        Signer::Current => observed.served.is_some() && observed.served == leaf.fingerprint(),
    }
}

#[cfg(test)]
#[path = "renew_tests.rs"]
mod tests;
