//! What fills Collections: `stored`, the objects that the gateway itself keeps, in memory; and the pure part of `view`.

mod clock;
mod stored;
pub mod view;

pub use stored::{Expect, Stored, StoredError, Write};
