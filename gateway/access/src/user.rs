//! The caller of a request, as Kubernetes' `user.Info` describes it.

use std::collections::BTreeMap;

/// User name of a request that carried no credentials.
pub(crate) const ANONYMOUS: &str = "system:anonymous";
/// Group of every request without credentials.
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";
/// Group of every request with accepted credentials.
pub(crate) const AUTHENTICATED: &str = "system:authenticated";
/// Group that may do everything, without a review.
pub(crate) const MASTERS: &str = "system:masters";

/// Who makes a request: what RBAC, reviews and expressions see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct User {
    /// User name, unique among active users.
    pub name: String,
    /// Unique over time, empty if the authenticator gave none.
    pub uid: String,
    /// Groups in the order the authenticator gave them, `system:authenticated` last where the server added it.
    pub groups: Vec<String>,
    /// Further attributes; every key may have several values.
    pub extra: BTreeMap<String, Vec<String>>,
}

// === impl User ===

impl User {
    /// The user of a request without credentials: `system:anonymous` in `system:unauthenticated`.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { name: ANONYMOUS.into(), groups: vec![UNAUTHENTICATED.into()], ..Self::default() }
    }

    /// Whether clients behind this identity are unauthenticated; the wire closes their HTTP/2 connections after one
    /// request (UnauthenticatedHTTP2DOSMitigation).
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.name == ANONYMOUS || self.is_member(UNAUTHENTICATED)
    }

    /// Whether the user is in `group`.
    #[must_use]
    pub fn is_member(&self, group: &str) -> bool {
        self.groups.iter().any(|member| member == group)
    }

    /// The user with `system:authenticated`, as the server adds it: not for `system:anonymous`, nor where either of
    /// the two groups is there. The aggregator's own calls come without it and need it for RBAC.
    pub(crate) fn with_authenticated_group(mut self) -> Self {
        let decided = self.groups.iter().any(|group| group == AUTHENTICATED || group == UNAUTHENTICATED);
        if self.name != ANONYMOUS && !decided {
            self.groups.push(AUTHENTICATED.into());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticated_group_is_added_unless_decided() {
        let check = |name: &str, groups: &[&str], expected: &[&str]| {
            let user = User {
                name: name.into(),
                groups: groups.iter().map(ToString::to_string).collect(),
                ..User::default()
            };
            assert_eq!(user.with_authenticated_group().groups, expected, "{name} {groups:?}");
        };
        check("jane", &[], &[AUTHENTICATED]);
        check("jane", &["dev"], &["dev", AUTHENTICATED]);
        check("jane", &["dev", AUTHENTICATED, "ops"], &["dev", AUTHENTICATED, "ops"]);
        check("jane", &[UNAUTHENTICATED], &[UNAUTHENTICATED]);
        check(ANONYMOUS, &[], &[]);
        check(ANONYMOUS, &[UNAUTHENTICATED], &[UNAUTHENTICATED]);
    }

    #[test]
    fn anonymity_follows_name_or_group() {
        let check = |name: &str, group: &str, expected: bool| {
            let user = User { name: name.into(), groups: vec![group.into()], ..User::default() };
            assert_eq!(user.is_anonymous(), expected, "{name} {group}");
        };
        check("jane", AUTHENTICATED, false);
        check("jane", UNAUTHENTICATED, true);
        check(ANONYMOUS, "dev", true);
        assert!(User::anonymous().is_anonymous());
    }
}
