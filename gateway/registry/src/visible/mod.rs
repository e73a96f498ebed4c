//! Views that show each caller only what that caller may see (`visibleIf`).
//!
//! An object's [`Guard`] is made when the object is; a [`Viewer`] answers for a caller. What a caller was answered is
//! kept by [`Reader`], shared by all lists and watches of that caller, and asked again every few seconds. A watch tells a
//! right that was lost as DELETED and one that was gained as ADDED. Whoever comes back to a revision from before
//! such a change has to list anew, since nobody knows what was told at which moment.

mod guard;
mod read;
mod reader;
mod watch;

#[cfg(test)]
mod tests;

pub use guard::{Guard, Viewer};
pub(crate) use reader::Readers;
pub use watch::VisibleWatch;
