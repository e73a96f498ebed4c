//! Views: objects made of those of their sources, when these change.

mod feed;
mod recipe;
mod state;
#[cfg(test)]
mod tests;

pub use feed::ViewFeed;
pub use state::{SourceFault, ViewReport, ViewState};
