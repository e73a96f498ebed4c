//! What a JSON patch may cost: a few dozen copies of themselves make gigabytes, thousands of moves into each other make
//! a document that is too deep to be read again.

use serde_json::Value;

use super::document::{get, place};
use super::operation::{Kind, Operation};

/// The most bytes that the copies of a JSON patch may add up to (apiserver, `JSONPatchMaxCopyBytes`).
const COPIES_MOST: usize = 3 << 20;
/// The most bytes that its moves may add up to.
const MOVES_MOST: usize = 64 << 20;
/// The most items of lists that it may shift.
const SHIFTS_MOST: usize = 50_000_000;
/// How deep it may make an object: what serde_json reads (128), with some room.
const DEPTH_MOST: usize = 100;

/// What a patch may still cost.
pub(super) struct Budget {
    /// Bytes that are copied.
    copies: usize,
    /// Bytes that are moved, which are looked at for their depth.
    moves: usize,
    /// Items of lists that are shifted for one that comes or goes.
    shifts: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { copies: COPIES_MOST, moves: MOVES_MOST, shifts: SHIFTS_MOST }
    }
}

impl Budget {
    /// Takes off what the operation costs; None: there is not enough left, or the object would become too deep.
    pub(super) fn charge(&mut self, object: &Value, operation: &Operation) -> Option<()> {
        let pointer = operation.path.as_deref().unwrap_or_default();
        let from = operation.from.as_deref().unwrap_or_default();
        self.shifts = self.shifts.checked_sub(shifted(object, pointer))?;
        let placed = match operation.kind {
            Kind::Add | Kind::Replace => &operation.value,
            Kind::Copy => {
                let value = source(object, from);
                self.copies = self.copies.checked_sub(size(value))?;
                value
            }
            Kind::Move => {
                self.shifts = self.shifts.checked_sub(shifted(object, from))?;
                let value = source(object, from);
                self.moves = self.moves.checked_sub(size(value))?;
                value
            }
            Kind::Remove | Kind::Test | Kind::Unknown => &Value::Null,
        };
        (pointer.matches('/').count() + depth(placed) <= DEPTH_MOST).then_some(())
    }
}

/// How many items there are where one comes or goes.
fn shifted(object: &Value, pointer: &str) -> usize {
    place(object, pointer).and_then(|(holder, _)| holder.as_array()).map_or(0, Vec::len)
}

fn source<'a>(object: &'a Value, pointer: &str) -> &'a Value {
    let found = place(object, pointer).and_then(|(holder, key)| get(holder, &key)).flatten();
    found.unwrap_or(&Value::Null)
}

/// How deep a value is; not deeper than [`DEPTH_MOST`], as none is that was let in.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn size(value: &Value) -> usize {
    serde_json::to_vec(value).map_or(0, |bytes| bytes.len())
}
