//! Lists and maps that are written out: their elements are of one type.

use super::types::Type;
use super::{Checker, Typed};
use crate::error::CompileError;
use crate::ir::{self, Node, Step};
use crate::syntax::{Element, Entry};

impl<'a> Checker<'a> {
    pub(super) fn list(&mut self, at: u32, elements: &'a [Element]) -> Result<Typed, CompileError> {
        let mut common = None;
        let mut nodes = Vec::with_capacity(elements.len());
        for element in elements {
            let (value, of) = self.node(&element.value)?;
            let of = if element.optional { self.unwrapped(value.at, &of)? } else { of };
            common = Some(self.join(value.at, common, of)?);
            nodes.push(ir::Element { value, optional: element.optional });
        }
        let of = common.unwrap_or_else(|| self.types.fresh());
        Ok((Node { at, step: Step::List(nodes) }, Type::list(of)))
    }

    pub(super) fn map(&mut self, at: u32, entries: &'a [Entry]) -> Result<Typed, CompileError> {
        let (mut keys, mut values) = (None, None);
        let mut nodes = Vec::with_capacity(entries.len());
        for entry in entries {
            let (key, of) = self.node(&entry.key)?;
            keys = Some(self.join(key.at, keys, of)?);
            let (value, of) = self.node(&entry.value)?;
            let of = if entry.optional { self.unwrapped(value.at, &of)? } else { of };
            values = Some(self.join(value.at, values, of)?);
            nodes.push(ir::Entry { key, value, optional: entry.optional });
        }
        let of = Type::map(
            keys.unwrap_or_else(|| self.types.fresh()),
            values.unwrap_or_else(|| self.types.fresh()),
        );
        Ok((Node { at, step: Step::Map(nodes) }, of))
    }

    /// What an element after `?` adds to its literal.
    fn unwrapped(&mut self, at: u32, of: &Type) -> Result<Type, CompileError> {
        match self.types.known(of) {
            Type::Optional(of) => Ok(of.as_ref().clone()),
            Type::Dyn | Type::Unknown(_) => Ok(Type::Dyn),
            of => Err(self.error(at, format!("expected type 'optional_type({of})' but found '{of}'"))),
        }
    }

    /// The type of elements so far and one more.
    fn join(&mut self, at: u32, before: Option<Type>, of: Type) -> Result<Type, CompileError> {
        let Some(before) = before else { return Ok(of) };
        if !self.types.assign(&before, &of) {
            let (before, of) = (self.types.known(&before), self.types.known(&of));
            return Err(self.error(at, format!("expected type '{before}' but found '{of}'")));
        }
        let general = if before.is_as_general_as(&of) { before.clone() } else { of.clone() };
        self.mixed.push((at, before, of));
        Ok(general)
    }

    /// Elements that may stand for each other, as null for a time, are still of two types.
    pub(super) fn refuse_mixed_literals(&self) -> Result<(), CompileError> {
        for (at, first, other) in &self.mixed {
            let (first, other) = (self.types.known(first), self.types.known(other));
            if !first.agrees_with(&other) {
                return Err(self.error(*at, format!("expected type '{first}' but found '{other}'")));
            }
        }
        Ok(())
    }
}
