//! How long certificates live, parsed.

use jiff::SignedDuration;
use thiserror::Error;
use tributary_crds::{Certificates, Duration, DurationError, MIN_CA_DURATION, MIN_RENEW_BEFORE};

/// The longest life of a certificate: X.509 dates end with the year 9999, and CEL's durations with 292 years.
const MAX_LIFE: SignedDuration = SignedDuration::from_hours(24 * 365 * 200);

/// How long certificates live: `renew_before < leaf < authority`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The life of a CA.
    pub(crate) authority: SignedDuration,
    /// The life of a serving certificate.
    pub(crate) leaf: SignedDuration,
    /// How long before its end a serving certificate is renewed.
    pub(crate) renew_before: SignedDuration,
}

/// Why `spec.certificates` is refused, with the field's path.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum TermsError {
    /// Not a duration.
    #[error("spec.certificates.{field}: {error}")]
    Duration {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        error: DurationError,
    },
    /// Not in order.
    #[error(
        "spec.certificates: renewBefore must be shorter than duration, and duration shorter than caDuration"
    )]
    Order,
    /// Too short.
    #[error(
        "spec.certificates: renewBefore must be at least 2m, and caDuration at least 8m: what a change of the CA takes"
    )]
    Short,
    /// Too long.
    #[error("spec.certificates.caDuration: at most 200 years")]
    Range,
}

// === impl Terms ===

impl Terms {
    /// The terms that a spec states.
    ///
    /// # Errors
    /// [`TermsError`] for what the CustomResourceDefinition's rules refuse too.
    pub(crate) fn of(spec: &Certificates) -> Result<Self, TermsError> {
        let terms = Self {
            authority: parse("caDuration", &spec.ca_duration)?,
            leaf: parse("duration", &spec.duration)?,
            renew_before: parse("renewBefore", &spec.renew_before)?,
        };
        if terms.authority > MAX_LIFE {
            return Err(TermsError::Range);
        }
        if terms.renew_before >= terms.leaf || terms.leaf >= terms.authority {
            return Err(TermsError::Order);
        }
        if terms.renew_before.unsigned_abs() < MIN_RENEW_BEFORE
            || terms.authority.unsigned_abs() < MIN_CA_DURATION
        {
            return Err(TermsError::Short);
        }
        Ok(terms)
    }
}

fn parse(field: &'static str, duration: &Duration) -> Result<SignedDuration, TermsError> {
    let parsed = duration.parse().map_err(|error| TermsError::Duration { field, error })?;
    SignedDuration::try_from(parsed).map_err(|_| TermsError::Range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ca: &str, leaf: &str, renew: &str, want: Result<(), &str>) {
        let spec = Certificates { ca_duration: ca.into(), duration: leaf.into(), renew_before: renew.into() };
        match (Terms::of(&spec), want) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (got, want) => panic!("{ca} {leaf} {renew}: {got:?}, want {want:?}"),
        }
    }

    #[test]
    fn terms() {
        check("87600h", "2160h", "720h", Ok(()));
        check("10h", "10h", "1h", Err("spec.certificates: renewBefore"));
        check("10h", "1h", "1h", Err("spec.certificates: renewBefore"));
        check("10h", "forever", "1h", Err("spec.certificates.duration: invalid duration \"forever\""));
        check("8m", "4m", "2m", Ok(()));
        check("7m59s", "4m", "2m", Err("caDuration at least 8m"));
        check("1h", "30m", "1m59s", Err("renewBefore must be at least 2m"));
        check("9999999h", "10h", "1h", Err("spec.certificates.caDuration: at most"));
    }
}
