//! Fields, indexes and membership.

use super::{Evaluation, Outcome};
use crate::compare;
use crate::error::{ErrorKind, Failure};
use crate::ir::Node;
use crate::value::{Key, List, Val};

impl<'v> Evaluation<'_, 'v> {
    pub(super) fn field(&mut self, operand: &'v Node, name: &'v str) -> Outcome<'v> {
        match self.node(operand)? {
            Val::Map(map) => map.field(name).ok_or_else(|| ErrorKind::NoSuchKey.into()),
            // What is selected from an optional is optional.
            Val::Optional(value) => optional_field_of(value.as_deref(), name),
            _ => Err(ErrorKind::NoSuchOverload.into()),
        }
    }

    pub(super) fn optional_field(&mut self, operand: &'v Node, name: &'v str) -> Outcome<'v> {
        match self.node(operand)? {
            Val::Optional(value) => optional_field_of(value.as_deref(), name),
            value => optional_field_of(Some(&value), name),
        }
    }

    pub(super) fn has_field(&mut self, operand: &'v Node, name: &'v str) -> Outcome<'v> {
        let found = match self.node(operand)? {
            Val::Optional(None) => return Ok(Val::Bool(false)),
            Val::Optional(Some(value)) => optional_field_of(Some(&value), name)?,
            value => optional_field_of(Some(&value), name)?,
        };
        Ok(Val::Bool(matches!(found, Val::Optional(Some(_)))))
    }

    pub(super) fn index(&mut self, nodes: &'v [Node; 2]) -> Outcome<'v> {
        let value = self.node(&nodes[0])?;
        if matches!(value, Val::Optional(None)) {
            return Ok(Val::NONE);
        }
        let index = self.node(&nodes[1])?;
        match value {
            Val::Optional(Some(value)) => self.find_optional(&value, &index),
            Val::List(_) => self.find(&value, &index)?.ok_or_else(|| ErrorKind::IndexOutOfRange.into()),
            _ => self.find(&value, &index)?.ok_or_else(|| ErrorKind::NoSuchKey.into()),
        }
    }

    pub(super) fn optional_index(&mut self, nodes: &'v [Node; 2]) -> Outcome<'v> {
        let value = self.node(&nodes[0])?;
        if matches!(value, Val::Optional(None)) {
            return Ok(Val::NONE);
        }
        let index = self.node(&nodes[1])?;
        match value {
            Val::Optional(Some(value)) => self.find_optional(&value, &index),
            value => self.find_optional(&value, &index),
        }
    }

    fn find_optional(&mut self, value: &Val<'v>, index: &Val<'v>) -> Outcome<'v> {
        match value {
            Val::List(_) | Val::Map(_) => self.find(value, index).map(optional),
            _ if Key::to_find(index).is_some() || matches!(index, Val::Double(_)) => Ok(Val::NONE),
            _ => Err(ErrorKind::NoSuchOverload.into()),
        }
    }

    fn find(&mut self, value: &Val<'v>, index: &Val<'v>) -> Result<Option<Val<'v>>, Failure> {
        match value {
            Val::List(list) => list_index(index).map(|index| index.and_then(|index| list.get(index))),
            Val::Map(map) => {
                if let Val::String(key) = index {
                    self.meter.bytes(key.as_str().len())?;
                }
                Ok(map.get(index))
            }
            _ => Err(ErrorKind::NoSuchOverload.into()),
        }
    }

    pub(super) fn membership(&mut self, nodes: &'v [Node; 2]) -> Outcome<'v> {
        let (value, within) = (self.node(&nodes[0])?, self.node(&nodes[1])?);
        match &within {
            Val::List(list) => self.is_in(&value, list).map(Val::Bool),
            Val::Map(_) => Ok(Val::Bool(self.find(&within, &value)?.is_some())),
            _ => Err(ErrorKind::NoSuchOverload.into()),
        }
    }

    fn is_in(&mut self, value: &Val<'v>, list: &List<'v>) -> Result<bool, Failure> {
        for item in list.iter() {
            if compare::equal(self.meter, &item, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn optional(value: Option<Val<'_>>) -> Val<'_> {
    value.map_or(Val::NONE, Val::some)
}

fn optional_field_of<'v>(value: Option<&Val<'v>>, name: &str) -> Outcome<'v> {
    match value {
        None => Ok(Val::NONE),
        Some(Val::Map(map)) => Ok(optional(map.field(name))),
        Some(Val::List(_)) => Err(ErrorKind::NoSuchOverload.into()),
        // What has no fields has not this one.
        Some(_) => Ok(Val::NONE),
    }
}

/// Where an index points to: a double or unsigned integer may be one; none is before the list.
fn list_index(index: &Val<'_>) -> Result<Option<usize>, Failure> {
    match index {
        Val::Int(index) => Ok(usize::try_from(*index).ok()),
        Val::Uint(index) => Ok(usize::try_from(*index).ok()),
        Val::Double(index) if index.fract() == 0.0 && *index >= 0.0 => Ok(Some(*index as usize)),
        _ => Err(ErrorKind::NoSuchOverload.into()),
    }
}
