//! Lists and maps that are written out: their elements are of one type.

use super::types::Type;
use super::{Checker, Typed};
use crate::error::CompileError;
use crate::ir::{self, Node, Step};
use crate::syntax::{Element, Entry};

/// What the elements of a literal have in common.
#[derive(Default)]
struct Common {
    first: Option<Type>,
    all: Option<Type>,
}

impl<'a> Checker<'a> {
    pub(super) fn list(&mut self, at: u32, elements: &'a [Element]) -> Result<Typed, CompileError> {
        let mut common = Common::default();
        let mut nodes = Vec::with_capacity(elements.len());
        let mut types = Vec::with_capacity(elements.len());
        for element in elements {
            let (value, of) = self.node(&element.value)?;
            let of = if element.optional { self.unwrapped(value.at, &of)? } else { of };
            types.push((value.at, self.types.known(&of)));
            self.join(value.at, &mut common, of);
            nodes.push(ir::Element { value, optional: element.optional });
        }
        self.element_types = types;
        Ok((Node { at, step: Step::List(nodes) }, Type::list(self.common(common))))
    }

    pub(super) fn map(&mut self, at: u32, entries: &'a [Entry]) -> Result<Typed, CompileError> {
        let (mut keys, mut values) = (Common::default(), Common::default());
        let mut nodes = Vec::with_capacity(entries.len());
        for entry in entries {
            let (key, of) = self.node(&entry.key)?;
            self.join(key.at, &mut keys, of);
            let (value, of) = self.node(&entry.value)?;
            let of = if entry.optional { self.unwrapped(value.at, &of)? } else { of };
            self.join(value.at, &mut values, of);
            nodes.push(ir::Entry { key, value, optional: entry.optional });
        }
        let of = Type::map(self.common(keys), self.common(values));
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

    /// Adds an element to what the others have in common.
    fn join(&mut self, at: u32, common: &mut Common, of: Type) {
        let Some(first) = &common.first else {
            *common = Common { first: Some(of.clone()), all: Some(of) };
            return;
        };
        if self.in_format == 0 {
            self.mixed.push((at, first.clone(), of.clone()));
        }
        let before = common.all.take().unwrap_or(Type::Dyn);
        common.all = Some(match self.types.assign(&before, &of) {
            true if before.is_as_general_as(&of) => before,
            true => of,
            false => Type::Dyn,
        });
    }

    fn common(&mut self, common: Common) -> Type {
        common.all.unwrap_or_else(|| self.types.fresh())
    }

    /// Refuses literals of elements of several types, except within `format`, which takes any.
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
