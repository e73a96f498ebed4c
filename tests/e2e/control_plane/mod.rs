//! Gateways as processes, behind the aggregator of a control plane without a node.

mod changes;
mod clients;
mod discovery;
mod explanations;
mod kubectl;
mod namespaces;
mod openapi;
mod parity;
mod pressure;
mod refusals;
mod requests;
mod rights;
mod strangers;
