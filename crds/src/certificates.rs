//! How long a group's certificates live.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::{Duration, schema};

/// The shortest life of a CA, and of what is left of a serving certificate when it is renewed: another CA takes two pauses of a minute
/// and what observing takes, and no certificate is to end meanwhile. The rule of the CustomResourceDefinition has them too.
pub const MIN_CA_DURATION: std::time::Duration = std::time::Duration::from_mins(8);
/// See [`MIN_CA_DURATION`].
pub const MIN_RENEW_BEFORE: std::time::Duration = std::time::Duration::from_mins(2);

/// How long the group's certificates live: `renewBefore < duration < caDuration`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("duration(self.renewBefore) < duration(self.duration) && duration(self.duration) < duration(self.caDuration)")
        .message("renewBefore must be shorter than duration, and duration shorter than caDuration"),
    validation = Rule::new("duration(self.renewBefore) >= duration('2m') && duration(self.caDuration) >= duration('8m')")
        .message("renewBefore must be at least 2m, and caDuration at least 8m: what a change of the CA takes"),
)]
pub struct Certificates {
    /// The life of the CA.
    #[serde(default = "schema::ca_duration")]
    pub ca_duration: Duration,
    /// The life of a serving certificate.
    #[serde(default = "schema::serving_duration")]
    pub duration: Duration,
    /// How long before its end a certificate is renewed.
    #[serde(default = "schema::renew_before")]
    pub renew_before: Duration,
}

// === impl Certificates ===

impl Default for Certificates {
    fn default() -> Self {
        Self {
            ca_duration: schema::ca_duration(),
            duration: schema::serving_duration(),
            renew_before: schema::renew_before(),
        }
    }
}
