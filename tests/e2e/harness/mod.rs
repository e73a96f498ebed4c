//! What the tests of all tiers stand on.

mod answer;
mod author;
mod authority;
mod caller;
mod cluster;
mod declared;
mod garbage;
mod gateway;
mod kubectl;
mod ledger;
mod served;
mod wait;
mod watching;
mod way;

pub(crate) use answer::Answer;
pub(crate) use author::{Author, gateway};
pub(crate) use authority::{Authority, Identity, Subject};
pub(crate) use caller::Caller;
pub(crate) use cluster::{Cluster, path, unique, workspace};
pub(crate) use declared::{Declared, ROLLOUT, SYSTEM, operator, operator_alone};
pub(crate) use kubectl::{SPACE, words};
pub(crate) use ledger::{Ledger, agree};
pub(crate) use served::Served;
pub(crate) use wait::{OPENAPI, QUICK, until};
pub(crate) use watching::{Streams, Watching};
