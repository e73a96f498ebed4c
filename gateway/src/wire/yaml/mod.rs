//! YAML as Kubernetes reads and writes it: sigs.k8s.io/yaml, which is YAML 1.1 with JSON's data model.

mod breaks;
mod content;
mod extent;
mod go_syntax;
mod number;
mod order;
mod read;
mod refusal;
mod resolve;
mod scalar;
mod write;

pub(crate) use read::decode;
pub(crate) use write::{encode, encode_item};

#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tests;
