//! Values for variables. They are borrowed: nothing is copied.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::environment::Environment;
use crate::time::Timestamp;
use crate::value::{Key, List, Map, Text, Val};

/// What a variable, or a field of an [`Input::Object`], stands for.
#[derive(Debug, Clone)]
pub enum Input<'v> {
    /// JSON: integers of 64 bits are int, other numbers double.
    Json(&'v Value),
    /// A list of values that are held apart, as a join's.
    List(&'v [&'v Value]),
    /// A string.
    Text(&'v str),
    /// An object put together of other inputs.
    Object(BTreeMap<&'v str, Input<'v>>),
    /// A timestamp, in seconds and nanoseconds since the epoch. Beyond the years 1 to 9999 it is null.
    Timestamp {
        /// Whole seconds.
        seconds: i64,
        /// And these.
        nanos: u32,
    },
}

/// The variables of an evaluation. One that is not set fails where it is used.
#[derive(Debug)]
pub struct Bindings<'v> {
    values: Vec<Option<Val<'v>>>,
}

// === impl Bindings ===

impl<'v> Bindings<'v> {
    /// No variable set yet; for expressions of this environment only.
    pub fn new(environment: &Environment) -> Self {
        Self { values: vec![None; environment.len()] }
    }

    /// Sets a variable; a name that the environment does not have is ignored, since no expression can use it.
    pub fn set(&mut self, environment: &Environment, name: &str, input: Input<'v>) -> &mut Self {
        if let Some(index) = environment.index(name) {
            self.values[index] = Some(value(input));
        }
        self
    }

    pub(crate) fn values(&self) -> &[Option<Val<'v>>] {
        &self.values
    }
}

fn value(input: Input<'_>) -> Val<'_> {
    match input {
        Input::Json(json) => Val::of(json),
        Input::List(items) => Val::List(List::Objects(items)),
        Input::Text(text) => Val::String(Text::Borrowed(text)),
        Input::Object(fields) => {
            let fields =
                fields.into_iter().map(|(name, input)| (Key::String(Cow::Borrowed(name)), value(input)));
            Val::Map(Map::Made(Rc::new(fields.collect())))
        }
        Input::Timestamp { seconds, nanos } => {
            Timestamp::new(seconds, nanos.min(999_999_999), 0).map_or(Val::Null, Val::Timestamp)
        }
    }
}
