//! Names, types and macros: a syntax tree becomes a tree that can be evaluated, or a compile error.
//!
//! Types follow Kubernetes' checker, which knows those of literals and functions; variables are `dyn`, and nothing is
//! refused for what a variable might hold. So where Kubernetes refuses a literal of `dyn` and other elements, as
//! `[object.a, 1]`, this accepts it: there, schemas would have given `object.a` its type.

mod calls;
mod catalogue;
mod formats;
mod literals;
mod macros;
mod types;

use self::types::{Bindings, Type};
use crate::depth;
use crate::environment::Environment;
use crate::error::CompileError;
use crate::ir::{Constant, Node, Step};
use crate::kind::Kind;
use crate::limits;
use crate::syntax::{Form, Syntax};

/// A tree that can be evaluated, and how many slots its macros' variables take.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) root: Node,
    pub(crate) slots: usize,
}

/// Identifiers that the language keeps for itself.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

struct Checker<'a> {
    source: &'a str,
    environment: &'a Environment,
    types: Bindings,
    /// Variables of the macros around a node: name, slot, type.
    locals: Vec<(&'a str, usize, Type)>,
    slots: usize,
    /// Types of literals' elements, which must agree once all is known.
    mixed: Vec<(u32, Type, Type)>,
    /// How many calls of `format` are around a node.
    in_format: usize,
    /// Places and types of the elements of the list literal that was checked last.
    element_types: Vec<(u32, Type)>,
}

type Typed = (Node, Type);

/// Checks an expression.
pub(crate) fn check(source: &str, tree: &Syntax, environment: &Environment) -> Result<Checked, CompileError> {
    let mut checker = Checker {
        source,
        environment,
        types: Bindings::default(),
        locals: Vec::new(),
        slots: 0,
        mixed: Vec::new(),
        in_format: 0,
        element_types: Vec::new(),
    };
    let (root, _) = checker.node(tree)?;
    checker.refuse_mixed_literals()?;
    if depth::of(&root, checker.slots) > limits::VALUE_DEPTH {
        return Err(checker.error(root.at, "values are nested too deeply"));
    }
    Ok(Checked { root, slots: checker.slots })
}

impl<'a> Checker<'a> {
    fn error(&self, at: u32, message: impl Into<String>) -> CompileError {
        CompileError::at(self.source, at, message.into())
    }

    fn node(&mut self, syntax: &'a Syntax) -> Result<Typed, CompileError> {
        let at = syntax.at;
        let constant = |constant, kind| Ok((Node { at, step: Step::Constant(constant) }, Type::Plain(kind)));
        match &syntax.form {
            Form::Null => constant(Constant::Null, Kind::Null),
            Form::Bool(value) => constant(Constant::Bool(*value), Kind::Bool),
            Form::Int(value) => constant(Constant::Int(*value), Kind::Int),
            Form::Uint(value) => constant(Constant::Uint(*value), Kind::Uint),
            Form::Double(value) => constant(Constant::Double(*value), Kind::Double),
            Form::String(value) => constant(Constant::String(value.as_str().into()), Kind::String),
            Form::Bytes(value) => constant(Constant::Bytes(value.as_slice().into()), Kind::Bytes),
            Form::Name(name) => self.name(at, name),
            Form::Field { operand, name } => self.field(syntax, operand, name),
            Form::List(elements) => self.list(at, elements),
            Form::Map(entries) => self.map(at, entries),
            Form::Call { target, name, arguments } => self.call(at, target.as_deref(), name, arguments),
            Form::Message(name) => {
                Err(self.error(at, format!("message '{name}' is not supported by this version")))
            }
        }
    }

    fn name(&self, at: u32, name: &str) -> Result<Typed, CompileError> {
        if let Some((_, slot, of)) = self.locals.iter().rev().find(|(local, ..)| *local == name) {
            return Ok((Node { at, step: Step::Local(*slot) }, self.types.known(of)));
        }
        if let Some(index) = self.environment.index(name) {
            return Ok((Node { at, step: Step::Variable(index) }, Type::Dyn));
        }
        match type_name(name) {
            Some(typed) => Ok(typed_name(at, typed)),
            None => Err(self.error(at, format!("undeclared reference to '{name}'"))),
        }
    }

    fn field(&mut self, whole: &'a Syntax, operand: &'a Syntax, name: &str) -> Result<Typed, CompileError> {
        if let Some(kind) = qualified_name(whole).as_deref().and_then(type_name) {
            return Ok(typed_name(whole.at, kind));
        }
        let (operand, of) = self.node(operand)?;
        let result = self.field_type(whole.at, &of, false)?;
        Ok((Node { at: whole.at, step: Step::Field(Box::new(operand), name.into()) }, result))
    }

    /// The type of a field of a value of type `of`.
    fn field_type(&mut self, at: u32, of: &Type, optional: bool) -> Result<Type, CompileError> {
        let (of, within) = match self.types.known(of) {
            Type::Optional(of) => (of.as_ref().clone(), true),
            of => (of, optional),
        };
        let result = match &of {
            Type::Map(_, value) => value.as_ref().clone(),
            Type::Dyn => Type::Dyn,
            Type::Unknown(_) => {
                self.types.assign(&Type::Dyn, &of);
                Type::Dyn
            }
            other => return Err(self.error(at, format!("type '{other}' does not support field selection"))),
        };
        Ok(if within { Type::optional(result) } else { result })
    }

    /// Refuses a value that is known to be of another type.
    fn require(&mut self, at: u32, given: &Type, wanted: &Type) -> Result<(), CompileError> {
        if self.types.assign(given, wanted) {
            return Ok(());
        }
        let given = self.types.known(given);
        Err(self.error(at, format!("expected type '{wanted}' but found '{given}'")))
    }

    fn require_bool(&mut self, node: &Node, given: &Type) -> Result<(), CompileError> {
        self.require(node.at, given, &Type::BOOL)
    }
}

fn type_name(name: &str) -> Option<Kind> {
    Kind::named(name)
}

fn typed_name(at: u32, kind: Kind) -> Typed {
    (Node { at, step: Step::Constant(Constant::Kind(kind)) }, Type::Named)
}

/// The dotted name that a node spells, if it is nothing but names.
fn qualified_name(node: &Syntax) -> Option<String> {
    match &node.form {
        Form::Name(name) => Some(name.clone()),
        Form::Field { operand, name } => qualified_name(operand).map(|before| format!("{before}.{name}")),
        _ => None,
    }
}
