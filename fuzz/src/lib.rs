//! What the fuzz targets share: a registry with a rich definition, and the gateway's router without sockets.
//!
//! The gateway is a binary, so its sources are taken in here as modules; they must be at the root, where they look for
//! each other.

// What only `main` calls is not used here.
#![allow(dead_code)]

#[path = "../../gateway/src/held.rs"]
mod held;
#[path = "../../gateway/src/metrics/mod.rs"]
mod metrics;
#[path = "../../gateway/src/wire/mod.rs"]
mod wire;

mod exchange;
mod fixture;
mod listener;

pub use exchange::answer;
pub use fixture::{Rich, run, sample, write_options};

/// The parts of an input that is several texts, which a record separator (0x1E) stands between.
pub fn parts(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == 0x1e)
}
