//! Macros: `has`, the loops over lists and maps with one or two variables, and those of optionals.

use super::types::Type;
use super::{Checker, RESERVED, Typed};
use crate::error::CompileError;
use crate::ir::{Loop, Node, Step, Yields};
use crate::kind::Kind;
use crate::syntax::{Form, Syntax};

/// Names that are macros with the right arguments.
pub(super) const MACROS: [&str; 13] = [
    "all",
    "exists",
    "existsOne",
    "exists_one",
    "filter",
    "has",
    "map",
    "optFlatMap",
    "optMap",
    "sortBy",
    "transformList",
    "transformMap",
    "transformMapEntry",
];

/// The variables of a macro, its filter and its body.
struct Parts<'a> {
    names: &'a [Syntax],
    filter: Option<&'a Syntax>,
    body: &'a Syntax,
    yields: Yields,
}

impl<'a> Checker<'a> {
    /// The macro that a call is, if it is one.
    pub(super) fn expand(
        &mut self,
        at: u32,
        target: Option<&'a Syntax>,
        name: &str,
        arguments: &'a [Syntax],
    ) -> Option<Result<Typed, CompileError>> {
        let Some(target) = target else {
            return match (name, arguments) {
                ("has", [field]) => Some(self.has(at, field)),
                _ => None,
            };
        };
        let parts = parts(name, arguments)?;
        Some(match parts.yields {
            Yields::Optional | Yields::FlatOptional => self.optional_macro(at, target, &parts),
            _ => self.loop_macro(at, target, &parts),
        })
    }

    fn has(&mut self, at: u32, field: &'a Syntax) -> Result<Typed, CompileError> {
        let Form::Field { operand, name } = &field.form else {
            return Err(self.error(field.at, "invalid argument to has() macro"));
        };
        let (operand, of) = self.node(operand)?;
        self.field_type(field.at, &of, false)?;
        Ok((Node { at, step: Step::HasField(Box::new(operand), name.as_str().into()) }, Type::BOOL))
    }

    fn loop_macro(&mut self, at: u32, target: &'a Syntax, parts: &Parts<'a>) -> Result<Typed, CompileError> {
        let names = parts.names.iter().map(|name| self.variable(name)).collect::<Result<Vec<_>, _>>()?;
        if let [first, second] = names[..]
            && first == second
        {
            return Err(self.error(parts.names[1].at, format!("duplicate variable name: {first}")));
        }
        let (over, of) = self.node(target)?;
        let of = self.types.known(&of);
        let element = match &of {
            Type::List(element) if names.len() == 1 => (element.as_ref().clone(), None),
            Type::List(element) => (Type::INT, Some(element.as_ref().clone())),
            // Sorting takes a list, and a map's keys are none.
            Type::Map(key, value) if parts.yields != Yields::Sorted => {
                (key.as_ref().clone(), Some(value.as_ref().clone()))
            }
            Type::Dyn => (Type::Dyn, Some(Type::Dyn)),
            Type::Unknown(_) => {
                self.types.assign(&Type::Dyn, &of);
                (Type::Dyn, Some(Type::Dyn))
            }
            other => {
                let message = format!("expression of type '{other}' cannot be range of a comprehension");
                return Err(self.error(over.at, message));
            }
        };
        let first = self.declare(names[0], element.0.clone());
        let second = names.get(1).map(|name| self.declare(name, element.1.clone().unwrap_or(Type::Dyn)));
        let filter = parts.filter.map(|filter| self.node(filter)).transpose()?;
        let (body, body_type) = self.node(parts.body)?;
        self.locals.truncate(self.locals.len() - names.len());
        let filter = match filter {
            Some((filter, of)) => {
                self.require_bool(&filter, &of)?;
                Some(filter)
            }
            None => None,
        };
        let result = match parts.yields {
            Yields::Sorted => self.sorted_type(&of, &body, &body_type)?,
            yields => self.loop_type(yields, element.0, &body, &body_type)?,
        };
        let made = Loop { over, first, second, filter, body, yields: parts.yields };
        Ok((Node { at, step: Step::Loop(Box::new(made)) }, result))
    }

    fn loop_type(
        &mut self,
        yields: Yields,
        first: Type,
        body: &Node,
        of: &Type,
    ) -> Result<Type, CompileError> {
        Ok(match yields {
            Yields::All | Yields::Exists | Yields::ExistsOne => {
                self.require_bool(body, of)?;
                Type::BOOL
            }
            Yields::Filter => {
                self.require_bool(body, of)?;
                Type::list(first)
            }
            Yields::List => Type::list(self.types.known(of)),
            Yields::Map => Type::map(first, self.types.known(of)),
            Yields::Entries => {
                let (key, value) = (self.types.fresh(), self.types.fresh());
                let wanted = Type::map(key, value);
                self.require(body.at, of, &wanted)?;
                self.types.known(&wanted)
            }
            Yields::Sorted | Yields::Optional | Yields::FlatOptional => Type::Dyn,
        })
    }

    fn sorted_type(&mut self, list: &Type, body: &Node, of: &Type) -> Result<Type, CompileError> {
        let of = self.types.known(of);
        if !is_comparable(&of) {
            return Err(self.error(body.at, format!("elements cannot be sorted by values of type '{of}'")));
        }
        Ok(match list {
            Type::List(_) => list.clone(),
            // Of what is sorted nothing is known, nor by which overload.
            _ if of == Type::Dyn => Type::Dyn,
            _ => Type::list(self.types.fresh()),
        })
    }

    fn optional_macro(
        &mut self,
        at: u32,
        target: &'a Syntax,
        parts: &Parts<'a>,
    ) -> Result<Typed, CompileError> {
        let name = self.variable(&parts.names[0])?;
        let (over, of) = self.node(target)?;
        let value = self.types.fresh();
        self.require(over.at, &of, &Type::optional(value.clone()))?;
        let value = self.types.known(&value);
        let first = self.declare(name, value);
        let (body, body_type) = self.node(parts.body)?;
        self.locals.pop();
        let result = match parts.yields {
            Yields::FlatOptional if body_type == Type::Dyn => Type::Dyn,
            Yields::FlatOptional => {
                let wanted = Type::optional(self.types.fresh());
                self.require(body.at, &body_type, &wanted)?;
                self.types.known(&wanted)
            }
            _ => Type::optional(body_type),
        };
        let made = Loop { over, first, second: None, filter: None, body, yields: parts.yields };
        Ok((Node { at, step: Step::Loop(Box::new(made)) }, result))
    }

    /// The name of a macro's variable.
    fn variable(&self, name: &'a Syntax) -> Result<&'a str, CompileError> {
        match &name.form {
            Form::Name(word) if RESERVED.contains(&word.as_str()) => {
                Err(self.error(name.at, format!("reserved identifier: {word}")))
            }
            Form::Name(word) => Ok(word),
            _ => Err(self.error(name.at, "argument must be a simple name")),
        }
    }

    fn declare(&mut self, name: &'a str, of: Type) -> usize {
        self.locals.push((name, self.slots, of));
        self.slots += 1;
        self.slots - 1
    }
}

fn is_comparable(of: &Type) -> bool {
    match of {
        Type::Dyn | Type::Unknown(_) => true,
        Type::Plain(kind) => matches!(
            kind,
            Kind::Int
                | Kind::Uint
                | Kind::Double
                | Kind::Bool
                | Kind::Duration
                | Kind::Timestamp
                | Kind::String
                | Kind::Bytes
        ),
        _ => false,
    }
}

fn parts<'a>(name: &str, arguments: &'a [Syntax]) -> Option<Parts<'a>> {
    use Yields::{All, Entries, Exists, ExistsOne, Filter, FlatOptional, List, Map, Optional, Sorted};
    let (yields, variables, filtered) = match (name, arguments.len()) {
        ("all", 2) => (All, 1, false),
        ("all", 3) => (All, 2, false),
        ("exists", 2) => (Exists, 1, false),
        ("exists", 3) => (Exists, 2, false),
        ("exists_one", 2) => (ExistsOne, 1, false),
        ("exists_one" | "existsOne", 3) => (ExistsOne, 2, false),
        ("filter", 2) => (Filter, 1, false),
        ("map", 2) => (List, 1, false),
        ("map", 3) => (List, 1, true),
        ("transformList", 3) => (List, 2, false),
        ("transformList", 4) => (List, 2, true),
        ("transformMap", 3) => (Map, 2, false),
        ("transformMap", 4) => (Map, 2, true),
        ("transformMapEntry", 3) => (Entries, 2, false),
        ("transformMapEntry", 4) => (Entries, 2, true),
        ("sortBy", 2) => (Sorted, 1, false),
        ("optMap", 2) => (Optional, 1, false),
        ("optFlatMap", 2) => (FlatOptional, 1, false),
        _ => return None,
    };
    let (body, before) = arguments.split_last()?;
    let (names, rest) = before.split_at(variables);
    Some(Parts { names, filter: if filtered { rest.first() } else { None }, body, yields })
}
