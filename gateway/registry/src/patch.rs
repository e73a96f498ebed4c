//! JSON patch and merge patch.

use json_patch::{Patch as Operations, PatchOperation};
use serde_json::Value;

use crate::status::{Details, Reason, Status};

/// The most operations of a JSON patch (apiserver, `maxJSONPatchOperations`).
const OPERATIONS_MOST: usize = 10_000;
/// The most bytes that the copies of a JSON patch may add up to (apiserver, `JSONPatchMaxCopyBytes`).
const COPIES_MOST: usize = 3 << 20;
/// The most bytes that its moves may add up to.
const MOVES_MOST: usize = 64 << 20;
/// The most items of lists that it may shift.
const SHIFTS_MOST: usize = 50_000_000;
/// How deep it may make an object: what serde_json reads (128), with some room.
const DEPTH_MOST: usize = 100;

/// A change of an object, relative to what it is.
#[derive(Clone, Debug)]
pub enum Patch {
    /// RFC 6902.
    Json(Vec<PatchOperation>),
    /// RFC 7396.
    Merge(Value),
}

impl Patch {
    /// Reads a JSON patch.
    pub fn json(value: Value) -> Result<Self, Status> {
        let Operations(operations) =
            serde_json::from_value(value).map_err(|error| Status::bad_request(error.to_string()))?;
        if operations.len() > OPERATIONS_MOST {
            let text = format!(
                "Request entity too large: The allowed maximum operations in a JSON patch is {OPERATIONS_MOST}, got {}",
                operations.len()
            );
            return Err(Status::failure(Reason::RequestEntityTooLarge, text));
        }
        Ok(Self::Json(operations))
    }

    /// Reads a merge patch.
    pub fn merge(value: Value) -> Result<Self, Status> {
        if value.is_object() {
            return Ok(Self::Merge(value));
        }
        Err(Status::bad_request("error decoding patch: a merge patch is a JSON object"))
    }

    /// The object after the patch.
    pub(crate) fn apply(&self, mut object: Value) -> Result<Value, Status> {
        match self {
            Self::Merge(patch) => {
                json_patch::merge(&mut object, patch);
                Ok(object)
            }
            Self::Json(operations) => {
                apply_operations(&mut object, operations)?;
                Ok(object)
            }
        }
    }
}

/// One by one, so that what an operation costs is known before it is done: a few dozen copies of themselves make
/// gigabytes, thousands of moves into each other make a document that is too deep to be read again.
fn apply_operations(object: &mut Value, operations: &[PatchOperation]) -> Result<(), Status> {
    let mut budget = Budget { copies: COPIES_MOST, moves: MOVES_MOST, shifts: SHIFTS_MOST };
    for operation in operations {
        budget.charge(object, operation).ok_or_else(not_applicable)?;
        json_patch::patch(object, std::slice::from_ref(operation)).map_err(|_| not_applicable())?;
    }
    Ok(())
}

/// What a patch may still cost.
struct Budget {
    /// Bytes that are copied.
    copies: usize,
    /// Bytes that are moved, which are looked at for their depth.
    moves: usize,
    /// Items of lists that are shifted for one that comes or goes.
    shifts: usize,
}

impl Budget {
    /// Takes off what the operation costs; None: there is not enough left, or the object would become too deep.
    fn charge(&mut self, object: &Value, operation: &PatchOperation) -> Option<()> {
        let pointer = operation.path().as_str();
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let shifted = object.pointer(parent).and_then(Value::as_array).map_or(0, Vec::len);
        self.shifts = self.shifts.checked_sub(shifted)?;
        let source = |from: &str| object.pointer(from).unwrap_or(&Value::Null);
        let placed = match operation {
            PatchOperation::Add(add) => &add.value,
            PatchOperation::Replace(replace) => &replace.value,
            PatchOperation::Copy(copy) => {
                let value = source(copy.from.as_str());
                self.copies = self.copies.checked_sub(size(value))?;
                value
            }
            PatchOperation::Move(from) => {
                let value = source(from.from.as_str());
                self.moves = self.moves.checked_sub(size(value))?;
                value
            }
            PatchOperation::Remove(_) | PatchOperation::Test(_) => &Value::Null,
        };
        (pointer.matches('/').count() + depth(placed) <= DEPTH_MOST).then_some(())
    }
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

/// What the reference answers, which drops the reason (`NewGenericServerResponse`).
fn not_applicable() -> Status {
    Status::failure(Reason::Invalid, "the server rejected our request due to an error in our request")
        .with(Details::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(patch: Result<Patch, Status>, expected: Result<Value, u16>) {
        let object = json!({"a": {"b": [1, 2]}, "c": "x"});
        let patched = patch.and_then(|patch| patch.apply(object)).map_err(|status| status.code());
        assert_eq!(patched, expected);
    }

    #[test]
    fn json_patches() {
        let patch = |operations: Value| Patch::json(operations);
        check(patch(json!([])), Ok(json!({"a": {"b": [1, 2]}, "c": "x"})));
        let replace = json!([{"op": "test", "path": "/c", "value": "x"}, {"op": "replace", "path": "/a/b/0", "value": 3}]);
        check(patch(replace), Ok(json!({"a": {"b": [3, 2]}, "c": "x"})));
        check(patch(json!([{"op": "test", "path": "/c", "value": "y"}])), Err(422));
        check(patch(json!([{"op": "remove", "path": "/d"}])), Err(422));
        check(patch(json!([{"op": "odd", "path": "/d"}])), Err(400));
        check(patch(json!({"op": "remove"})), Err(400));
        check(patch(Value::Array(vec![json!({"op": "remove", "path": "/d"}); 10_001])), Err(413));
        let doubling: Vec<_> =
            (0..40).map(|n| json!({"op": "copy", "from": "", "path": format!("/n{n}")})).collect();
        check(patch(Value::Array(doubling)), Err(422));
        let nested = (0..99).fold(json!({}), |inner, _| json!([inner]));
        check(patch(json!([{"op": "add", "path": "/a/b/0", "value": nested}])), Err(422));
        let deeper: Vec<_> = (0..200)
            .flat_map(|_| {
                [
                    json!({"op": "add", "path": "/t", "value": {}}),
                    json!({"op": "move", "from": "/a", "path": "/t/a"}),
                    json!({"op": "move", "from": "/t", "path": "/a"}),
                ]
            })
            .collect();
        check(patch(Value::Array(deeper)), Err(422));
    }

    #[test]
    fn merge_patches() {
        check(
            Patch::merge(json!({"a": {"b": null}, "c": null, "d": {"e": null}})),
            Ok(json!({"a": {}, "d": {}})),
        );
        check(Patch::merge(json!([])), Err(400));
    }
}
