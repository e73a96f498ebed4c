//! Expressions of columns that failed.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often expressions of columns failed, and the last failure. Never data.
#[derive(Debug, Default)]
pub struct ColumnFailures(Mutex<State>);

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnFailure {
    /// The column's place among those that are declared.
    pub column: usize,
    /// The kind of error.
    pub kind: String,
}

#[derive(Debug, Default)]
struct State {
    count: u64,
    last: Option<ColumnFailure>,
    told: bool,
}

impl ColumnFailures {
    /// How many there were, and the last one.
    pub fn report(&self) -> (u64, Option<ColumnFailure>) {
        let state = self.lock();
        (state.count, state.last.clone())
    }

    /// A failure, if nobody was told of any yet.
    pub fn news(&self) -> Option<ColumnFailure> {
        let mut state = self.lock();
        let news = state.last.clone().filter(|_| !state.told);
        state.told |= news.is_some();
        news
    }

    pub(super) fn add(&self, column: usize, kind: impl Display) {
        let mut state = self.lock();
        state.count += 1;
        state.last = Some(ColumnFailure { column, kind: kind.to_string() });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
