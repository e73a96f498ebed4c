//! The operator, installed from deploy/ into a cluster with a node; its images are those of `make images`.

mod drift;
mod example;
mod examples;
mod ownership;
mod refusals;
mod restart;
mod state;
mod strangers;
mod uninstall;
mod views;
