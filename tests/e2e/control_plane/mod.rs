//! Gateways as processes, behind the aggregator of a control plane without a node.

mod author;
mod changes;
mod clients;
mod discovery;
mod explanations;
mod informers;
mod kubectl;
mod namespaces;
mod openapi;
mod parity;
mod pressure;
mod python;
mod refusals;
mod requests;
mod rights;
mod slow_watchers;
mod state;
mod storage;
mod strangers;
mod views;
mod watchers;
