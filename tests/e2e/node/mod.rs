//! The operator, installed from deploy/ into a cluster with a node; its images are those of `make images`.

mod absence;
mod drift;
mod example;
mod examples;
mod kills;
mod leader;
mod live;
mod ownership;
mod refusals;
mod restart;
mod rights;
mod rotation;
mod state;
mod storage;
mod strangers;
mod uninstall;
mod views;
