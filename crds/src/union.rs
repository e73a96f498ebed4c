//! "Exactly one of": a union as a struct of options.

use thiserror::Error;

/// A union with none or more than one of its members set. The CRD's CEL rules refuse it, so it is seen only for
/// objects that no API server has checked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("exactly one of {} must be set, found {}", .members.join(", "), found(.set))]
pub struct UnionError {
    /// The names of all members, as in YAML.
    pub members: Vec<&'static str>,
    /// The names of those that are set.
    pub set: Vec<&'static str>,
}

fn found(set: &[&str]) -> String {
    if set.is_empty() { "none".to_owned() } else { set.join(", ") }
}

/// The one member that is set, out of `(name, value)` pairs.
pub(crate) fn exactly_one<T, const N: usize>(
    candidates: [(&'static str, Option<T>); N],
) -> Result<T, UnionError> {
    let members = candidates.iter().map(|(name, _)| *name).collect();
    let (set, mut values): (Vec<_>, Vec<_>) =
        candidates.into_iter().filter_map(|(name, value)| Some((name, value?))).unzip();
    match values.pop() {
        Some(value) if values.is_empty() => Ok(value),
        _ => Err(UnionError { members, set }),
    }
}
