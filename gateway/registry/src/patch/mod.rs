//! What a PATCH asks for: a JSON patch or a merge patch.

mod budget;
mod document;
mod merge;
mod operation;

use serde_json::{Map, Value};

use crate::mismatch;
use crate::options::FieldValidation;
use crate::status::{Details, Reason, Status};
use budget::Budget;
use operation::{FIELDS, Operation};

/// The most operations of a JSON patch (apiserver, `maxJSONPatchOperations`).
const OPERATIONS_MOST: usize = 10_000;
/// The most unknown fields that are told.
const UNKNOWN_MOST: usize = 64;
/// What the reference says of a merge patch that it cannot use.
const NO_PATCH: &str = "Invalid JSON Patch";

/// A change of an object, relative to what it is.
#[derive(Clone, Debug)]
pub enum Patch {
    /// RFC 6902.
    Json(Vec<Operation>),
    /// RFC 7396. What is no object takes the place of all that there is.
    Merge(Value),
    /// A body that is no patch: what that is answered with, once there is something to patch.
    Undecodable(Box<Status>),
}

impl Patch {
    /// A JSON patch, of JSON or of why it is none. What is no operation is only found out when it is to be done, as in the
    /// reference.
    pub fn json(read: Result<Value, String>, validation: FieldValidation) -> Self {
        let operations = match read {
            Ok(Value::Array(operations)) => operations,
            Ok(Value::Null) => Vec::new(),
            Ok(other) => {
                let of = if is_strict(validation) { "[]handlers.jsonPatchOp" } else { "jsonpatch.Patch" };
                return undecodable(validation, &unlike(&other, &format!("value of type {of}")));
            }
            Err(why) => return undecodable(validation, &why),
        };
        if let Some(why) = operations.iter().find_map(|operation| type_fault(operation, validation)) {
            return undecodable(validation, &why);
        }
        if operations.len() > OPERATIONS_MOST {
            let text = format!(
                "Request entity too large: The allowed maximum operations in a JSON patch is {OPERATIONS_MOST}, got {}",
                operations.len()
            );
            return Self::refused(Status::failure(Reason::RequestEntityTooLarge, text));
        }
        Self::Json(operations.into_iter().map(Operation::read).collect())
    }

    /// A merge patch, of JSON or of why it is none. Where fields are ignored, it is not decoded before it is applied.
    pub fn merge(read: Result<Value, String>, validation: FieldValidation) -> Self {
        match read {
            Ok(patch @ Value::Object(_)) => Self::Merge(patch),
            Ok(Value::Null) => Self::refused(Status::bad_request(NO_PATCH)),
            Ok(patch @ Value::Array(_)) if !is_strict(validation) => Self::Merge(patch),
            _ if !is_strict(validation) => Self::refused(Status::bad_request(NO_PATCH)),
            Ok(other) => undecodable(validation, &unlike(&other, "value of type map[string]interface {}")),
            Err(why) => undecodable(validation, &why),
        }
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

    /// The object after the patch, if it is one then.
    pub(crate) fn apply(&self, mut object: Value) -> Result<Value, Status> {
        match self {
            Self::Merge(patch) => {
                merge::apply(&mut object, patch.clone());
                Ok(object)
            }
            Self::Json(operations) => {
                let mut budget = Budget::default();
                let mut each = operations.iter();
                // One by one, so that what an operation costs is known before it is done.
                each.try_for_each(|operation| {
                    budget.charge(&object, operation)?;
                    operation.apply(&mut object)
                })
                .ok_or_else(not_applicable)?;
                Ok(object)
            }
            Self::Undecodable(refusal) => Err(Status::clone(refusal)),
        }
    }

    fn refused(refusal: Status) -> Self {
        Self::Undecodable(Box::new(refusal))
    }
}

/// Whether a body is decoded by the strict decoder first, which has texts of its own.
fn is_strict(validation: FieldValidation) -> bool {
    validation != FieldValidation::Ignore
}

fn undecodable(validation: FieldValidation, why: &str) -> Patch {
    let text = if is_strict(validation) { format!("error decoding patch: {why}") } else { why.to_owned() };
    Patch::refused(Status::bad_request(text))
}

fn unlike(value: &Value, wanted: &str) -> String {
    format!("json: cannot unmarshal {} into Go {wanted}", mismatch::kind(value))
}

/// An operation is an object; to the strict decoder, op, path and from are texts.
fn type_fault(operation: &Value, validation: FieldValidation) -> Option<String> {
    let fields = match operation {
        Value::Object(fields) => fields,
        Value::Null => return None,
        other => {
            let of = if is_strict(validation) { "handlers.jsonPatchOp" } else { "jsonpatch.Operation" };
            return Some(unlike(other, &format!("value of type {of}")));
        }
    };
    let mut texts = fields.iter().filter(|(field, _)| FIELDS[..3].contains(&field.as_str()));
    let (field, value) = texts.find(|(_, value)| !value.is_string() && !value.is_null())?;
    is_strict(validation).then(|| unlike(value, &format!("struct field jsonPatchOp.{field} of type string")))
}

/// What the reference answers, which drops the reason (`NewGenericServerResponse`).
fn not_applicable() -> Status {
    Status::failure(Reason::Invalid, "the server rejected our request due to an error in our request")
        .with(Details::default())
}

#[cfg(test)]
mod tests;
