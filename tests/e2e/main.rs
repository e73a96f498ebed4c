//! End-to-end tests against a real Kubernetes, in tiers that are chosen by module:
//!
//! - `control_plane::` runs gateways as processes beside a control plane without a node (`make test-control-plane`);
//! - `node::` installs the operator into a cluster with a node (`make test-node`).
//!
//! Where the cluster is, the environment says: see [`harness::Cluster`]. Each test has a group and namespaces of its
//! own, so they run in parallel and again on the same cluster, and takes down what it made, also when it fails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking")]

mod control_plane;
mod harness;
mod node;
mod tasks;
