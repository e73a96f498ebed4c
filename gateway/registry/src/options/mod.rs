//! The options of requests: read from query parameters or a body, checked as apimachinery checks them.
//!
//! As there, all of them are decoded before any is judged: what cannot be decoded is told first.

mod delete;
mod list;
mod parameters;
mod watch;
mod write;

pub use delete::{DeleteOptions, Preconditions, Propagation};
pub use list::{GetOptions, ListOptions};
pub use parameters::Parameters;
pub use watch::{Start, WatchOptions};
pub use write::{FieldValidation, WriteOptions};
