//! For authors of definitions, without a cluster: `check` and `serve`.

mod certificate;
mod check;
mod declaration;
mod definitions;
mod folder;
mod kind;
mod kubeconfig;
mod lines;
mod manifest;
mod metadata;
mod objects;
mod problem;
mod readable;
mod rules;
mod selection;
mod serve;

pub(crate) use check::check;
pub(crate) use serve::serve;
