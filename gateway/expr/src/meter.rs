//! Fuel: what bounds the time and the memory of evaluations.

use std::rc::Rc;

use crate::error::{ErrorKind, Failure};
use crate::limits;
use crate::pattern::{self, Pattern};

/// The fuel of all evaluations for one object. One evaluation takes at most [`limits::CALL_FUEL`] of it.
#[derive(Debug, Clone)]
pub struct Fuel {
    left: u64,
}

/// The fuel of one evaluation.
#[derive(Debug)]
pub(crate) struct Meter {
    left: u64,
    /// The pattern that was compiled last: in a loop it is that of the next turn as a rule.
    pattern: Option<(String, Rc<Pattern>)>,
}

// === impl Fuel ===

impl Default for Fuel {
    fn default() -> Self {
        Self::new(limits::OBJECT_FUEL)
    }
}

impl Fuel {
    /// So many units.
    pub fn new(units: u64) -> Self {
        Self { left: units }
    }

    /// Units that are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Takes units for what is done between evaluations.
    pub(crate) fn take(&mut self, units: u64) -> Result<(), Failure> {
        self.spend(|meter| meter.spend(units))
    }

    /// Runs one evaluation, and takes what it spent.
    pub(crate) fn spend<T>(&mut self, evaluation: impl FnOnce(&mut Meter) -> T) -> T {
        let given = self.left.min(limits::CALL_FUEL);
        let mut meter = Meter { left: given, pattern: None };
        let result = evaluation(&mut meter);
        self.left -= given - meter.left;
        result
    }
}

// === impl Meter ===

impl Meter {
    /// Spends units. A meter that once ran dry stays dry.
    #[inline]
    pub(crate) fn spend(&mut self, units: u64) -> Result<(), Failure> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(ErrorKind::LimitExceeded.into())
            }
        }
    }

    /// A pattern that no literal is, compiled unless it was the last one.
    pub(crate) fn pattern(&mut self, source: &str) -> Result<Rc<Pattern>, Failure> {
        match &self.pattern {
            Some((last, pattern)) if last == source => Ok(Rc::clone(pattern)),
            _ => {
                self.spend(pattern::COMPILE_FUEL)?;
                let pattern = Rc::new(Pattern::compile(source).map_err(|_| ErrorKind::InvalidArgument)?);
                self.spend(pattern.size_fuel())?;
                self.pattern = Some((source.to_owned(), Rc::clone(&pattern)));
                Ok(pattern)
            }
        }
    }

    /// Spends what reading or making so many bytes costs.
    #[inline]
    pub(crate) fn bytes(&mut self, count: usize) -> Result<(), Failure> {
        self.spend(count as u64 / limits::BYTES_PER_FUEL)
    }
}
