//! JSON patch and merge patch.

use json_patch::{AddOperation, PatchOperation};
use serde_json::{Map, Value};

use crate::status::{Details, Reason, Status};

/// The most operations of a JSON patch (apiserver, `maxJSONPatchOperations`).
const OPERATIONS_MOST: usize = 10_000;
/// The most bytes that the copies of a JSON patch may add up to (apiserver, `JSONPatchMaxCopyBytes`).
const COPIES_MOST: usize = 3 << 20;
/// The most bytes that its moves may add up to.
const MOVES_MOST: usize = 64 << 20;
/// The most items of lists that it may shift.
const SHIFTS_MOST: usize = 50_000_000;
/// The fields of an operation; the first three are texts.
const FIELDS: [&str; 4] = ["op", "path", "from", "value"];
/// The most unknown fields that are told.
const UNKNOWN_MOST: usize = 64;
/// How deep it may make an object: what serde_json reads (128), with some room.
const DEPTH_MOST: usize = 100;

/// A change of an object, relative to what it is.
#[derive(Clone, Debug)]
pub enum Patch {
    /// RFC 6902. None: an operation that can apply to no object.
    Json(Vec<Option<PatchOperation>>),
    /// RFC 7396.
    Merge(Value),
    /// A body that is no patch: what that is answered with, once there is something to patch.
    Undecodable(Box<Status>),
}

impl From<Status> for Patch {
    fn from(refusal: Status) -> Self {
        Self::Undecodable(Box::new(refusal))
    }
}

impl Patch {
    /// Reads a JSON patch. What is no operation is only found out when it is to be done, as in the reference.
    pub fn json(value: Value) -> Result<Self, Status> {
        let operations = match value {
            Value::Array(operations) => operations,
            Value::Null => Vec::new(),
            other => {
                return Err(undecodable(&format!(
                    "{} into Go value of type []handlers.jsonPatchOp",
                    go_kind(&other)
                )));
            }
        };
        operations.iter().try_for_each(check_types)?;
        if operations.len() > OPERATIONS_MOST {
            let text = format!(
                "Request entity too large: The allowed maximum operations in a JSON patch is {OPERATIONS_MOST}, got {}",
                operations.len()
            );
            return Err(Status::failure(Reason::RequestEntityTooLarge, text));
        }
        Ok(Self::Json(operations.into_iter().map(operation).collect()))
    }

    /// The paths of what a JSON patch has beside the fields of operations.
    pub fn unknown_fields(patch: &Value) -> Vec<String> {
        let operations = patch.as_array().into_iter().flatten().enumerate();
        let fields = operations.flat_map(|(at, operation)| {
            operation.as_object().into_iter().flat_map(Map::keys).map(move |field| (at, field))
        });
        let unknown = fields.filter(|(_, field)| !FIELDS.contains(&field.as_str()));
        unknown.take(UNKNOWN_MOST).map(|(at, field)| format!("[{at}].{field}")).collect()
    }

    /// Reads a merge patch.
    pub fn merge(value: Value) -> Result<Self, Status> {
        match value {
            Value::Object(_) => Ok(Self::Merge(value)),
            Value::Null => Err(Status::bad_request("Invalid JSON Patch")),
            other => Err(undecodable(&format!(
                "{} into Go value of type map[string]interface {{}}",
                go_kind(&other)
            ))),
        }
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
                // The whole can be replaced as well.
                if object.is_object() { Ok(object) } else { Err(not_applicable()) }
            }
            Self::Undecodable(refusal) => Err(Status::clone(refusal)),
        }
    }
}

fn undecodable(what: &str) -> Status {
    Status::bad_request(format!("error decoding patch: json: cannot unmarshal {what}"))
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// An operation is an object whose op, path and from are texts.
fn check_types(operation: &Value) -> Result<(), Status> {
    let fields = match operation {
        Value::Object(fields) => fields,
        Value::Null => return Ok(()),
        other => {
            return Err(undecodable(&format!(
                "{} into Go value of type handlers.jsonPatchOp",
                go_kind(other)
            )));
        }
    };
    for (field, value) in fields.iter().filter(|(field, _)| FIELDS[..3].contains(&field.as_str())) {
        if !value.is_string() && !value.is_null() {
            let kind = go_kind(value);
            return Err(undecodable(&format!(
                "{kind} into Go struct field jsonPatchOp.{field} of type string"
            )));
        }
    }
    Ok(())
}

/// An operation, if it is one; a value that is not there is null.
fn operation(mut value: Value) -> Option<PatchOperation> {
    let fields = value.as_object_mut()?;
    if matches!(fields.get("op").and_then(Value::as_str), Some("add" | "replace" | "test")) {
        fields.entry("value").or_insert(Value::Null);
    }
    serde_json::from_value(value).ok()
}

/// One by one, so that what an operation costs is known before it is done: a few dozen copies of themselves make
/// gigabytes, thousands of moves into each other make a document that is too deep to be read again.
fn apply_operations(object: &mut Value, operations: &[Option<PatchOperation>]) -> Result<(), Status> {
    let mut budget = Budget { copies: COPIES_MOST, moves: MOVES_MOST, shifts: SHIFTS_MOST };
    for operation in operations {
        let operation = operation.as_ref().ok_or_else(not_applicable)?;
        budget.charge(object, operation).ok_or_else(not_applicable)?;
        let of_nothing = match operation {
            PatchOperation::Copy(copy) if lacks(object, copy.from.as_str()) => {
                Some(PatchOperation::Add(AddOperation { path: copy.path.clone(), value: Value::Null }))
            }
            PatchOperation::Replace(replace) if lacks(object, replace.path.as_str()) => {
                let (path, value) = (replace.path.clone(), replace.value.clone());
                Some(PatchOperation::Add(AddOperation { path, value }))
            }
            PatchOperation::Test(test) if test.value.is_null() && lacks(object, test.path.as_str()) => {
                continue;
            }
            _ => None,
        };
        let operation = of_nothing.as_ref().unwrap_or(operation);
        json_patch::patch(object, std::slice::from_ref(operation)).map_err(|_| not_applicable())?;
    }
    Ok(())
}

/// Whether a pointer leads to a field that an object does not have: to copy it, to replace it, or to compare it with
/// null, the reference takes it for null.
fn lacks(object: &Value, pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').and_then(|(parent, _)| object.pointer(parent));
    parent.is_some_and(Value::is_object) && object.pointer(pointer).is_none()
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
        for impossible in [
            json!([{"op": "odd", "path": "/d"}]),
            json!([{"path": "/d"}]),
            json!([{"op": "add", "value": 1}]),
            json!([{"op": "add", "path": "d", "value": 1}]),
            json!([{"op": "move", "path": "/d"}]),
            json!([{"op": "copy", "from": "/d/e", "path": "/d"}]),
            json!([{"op": "test", "path": "/d", "value": 1}]),
            json!([null]),
            json!([{"op": "add", "path": "", "value": "a b"}]),
        ] {
            check(patch(impossible), Err(422));
        }
        check(
            patch(json!([{"op": "replace", "path": "/d", "value": 1}])),
            Ok(json!({"a": {"b": [1, 2]}, "c": "x", "d": 1})),
        );
        let nothing = json!([{"op": "copy", "from": "/d", "path": "/c"}, {"op": "test", "path": "/e"}, {"op": "add", "path": "/a"}]);
        check(patch(nothing), Ok(json!({"a": null, "c": null})));
        check(patch(json!(null)), Ok(json!({"a": {"b": [1, 2]}, "c": "x"})));
        for (undecodable, why) in [
            (json!({"op": "x"}), "object into Go value of type []handlers.jsonPatchOp"),
            (json!([1]), "number into Go value of type handlers.jsonPatchOp"),
            (json!([{"op": 1}]), "number into Go struct field jsonPatchOp.op of type string"),
        ] {
            let status = Patch::json(undecodable).unwrap_err();
            assert_eq!(status.message, format!("error decoding patch: json: cannot unmarshal {why}"));
        }
        let unknown = json!([{"op": "test", "foo": 1}, 1, {"a": 1, "value": {"b": 1}}]);
        assert_eq!(Patch::unknown_fields(&unknown), ["[0].foo", "[2].a"]);
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
        check(Ok(Patch::from(Status::bad_request("no patch"))), Err(400));
    }
}
