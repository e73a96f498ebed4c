//! The operator, installed from deploy/ into a cluster with a node; its images are those of `make images`.

mod drift;
mod example;
mod ownership;
mod refusals;
mod restart;
mod strangers;
mod uninstall;
mod views;
