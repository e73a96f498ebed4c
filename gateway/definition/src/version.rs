//! The order of API versions: GA before beta before alpha, newer before older, anything else last and by name.

use std::cmp::Ordering;

/// How mature a version is; the order is that of preference.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Maturity {
    Alpha,
    Beta,
    Stable,
}

/// Compares two version names so that the preferred one comes first, as kube-apiserver orders them
/// (`v2`, `v1`, `v1beta1`, `v1alpha1`, `others`).
pub(crate) fn by_preference(a: &str, b: &str) -> Ordering {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => b.cmp(&a),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// `v1beta2` as (beta, 1, 2). None for a name that is not a kube version.
fn parse(name: &str) -> Option<(Maturity, u64, u64)> {
    let (major, rest) = number(name.strip_prefix('v')?)?;
    if rest.is_empty() {
        return Some((Maturity::Stable, major, 0));
    }
    let (maturity, rest) = match (rest.strip_prefix("alpha"), rest.strip_prefix("beta")) {
        (Some(rest), _) => (Maturity::Alpha, rest),
        (_, Some(rest)) => (Maturity::Beta, rest),
        _ => return None,
    };
    match number(rest)? {
        (minor, "") => Some((maturity, major, minor)),
        _ => None,
    }
}

/// A decimal number without a leading zero, and what follows it.
fn number(s: &str) -> Option<(u64, &str)> {
    let end = s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    if s.starts_with('0') {
        return None;
    }
    Some((s[..end].parse().ok()?, &s[end..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_total(names in prop::collection::vec("v?[0-9]{0,2}(alpha|beta|)[0-9]{0,2}", 3)) {
            let [a, b, c] = names.as_slice() else { unreachable!() };
            prop_assert_eq!(by_preference(a, b), by_preference(b, a).reverse());
            if by_preference(a, b).is_le() && by_preference(b, c).is_le() {
                prop_assert!(by_preference(a, c).is_le());
            }
        }
    }

    #[test]
    fn versions_are_in_the_order_of_the_crd_documentation() {
        let want = [
            "v10",
            "v2",
            "v1",
            "v11beta2",
            "v10beta3",
            "v3beta1",
            "v12alpha1",
            "v11alpha2",
            "bar10",
            "foo1",
            "foo10",
            "v1beta",
            "v1gamma1",
        ];
        let mut got = want;
        got.reverse();
        got.sort_by(|a, b| by_preference(a, b));
        assert_eq!(got, want);
    }
}
