//! What fills Collections. So far: `stored`, the objects that the gateway itself keeps, in memory.

mod clock;
mod stored;

pub use stored::{Expect, Stored, StoredError, Write};
