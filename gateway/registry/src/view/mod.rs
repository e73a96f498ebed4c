//! Views: objects made of those of their sources, when these change.

mod feed;
mod recipe;
mod state;
#[cfg(test)]
mod tests;

pub use feed::ViewFeed;
pub(crate) use feed::are_comparable;
pub use state::{SourceFault, ViewReport, ViewState};
