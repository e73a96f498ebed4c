//! Operators and functions: which overloads a call fits, and what it is compiled to.

use std::sync::Arc;

use super::catalogue::{self, Overload};
use super::macros::MACROS;
use super::types::Type;
use super::{Checker, Typed, qualified_name};
use crate::error::CompileError;
use crate::evaluate;
use crate::functions;
use crate::ir::{Constant, Node, RegexUse, Relation, Step};
use crate::meter::Fuel;
use crate::pattern::Pattern;
use crate::quantity::Quantity;
use crate::syntax::{Form, Syntax, operator};
use crate::value::Val;

impl<'a> Checker<'a> {
    pub(super) fn call(
        &mut self,
        at: u32,
        target: Option<&'a Syntax>,
        name: &'a str,
        arguments: &'a [Syntax],
    ) -> Result<Typed, CompileError> {
        if name == operator::OPT_SELECT {
            return self.optional_field(at, arguments);
        }
        if let Some(result) = self.expand(at, target, name, arguments) {
            return result;
        }
        self.require_function(at, target, name, arguments.len())?;
        let Some(target) = target else {
            let typed = self.nodes(arguments)?;
            return self.resolved(at, name, false, typed);
        };
        if let Some(whole) = qualified_name(target).map(|before| format!("{before}.{name}"))
            && catalogue::overloads(&whole).is_some()
        {
            let typed = self.nodes(arguments)?;
            return self.resolved(at, &whole, false, typed);
        }
        if name == "format" {
            return self.format_call(at, target, arguments);
        }
        let rest = self.nodes(arguments)?;
        let mut typed = vec![self.node(target)?];
        typed.extend(rest);
        self.resolved(at, name, true, typed)
    }

    /// Refuses a name that is no function's before its arguments are looked at, among which a macro's are unknown.
    fn require_function(
        &self,
        at: u32,
        target: Option<&Syntax>,
        name: &str,
        arguments: usize,
    ) -> Result<(), CompileError> {
        let qualified = target.and_then(qualified_name).map(|before| format!("{before}.{name}"));
        let known = |name: &str| catalogue::overloads(name).is_some();
        if known(name) || qualified.as_deref().is_some_and(known) {
            return Ok(());
        }
        let whole = qualified.as_deref().filter(|whole| is_extension(whole)).unwrap_or(name);
        Err(self.error(
            at,
            match MACROS.contains(&name) {
                true => format!("macro '{name}' does not take {arguments} arguments here"),
                false => format!("undeclared reference to '{whole}'"),
            },
        ))
    }

    pub(super) fn nodes(&mut self, arguments: &'a [Syntax]) -> Result<Vec<Typed>, CompileError> {
        arguments.iter().map(|one| self.node(one)).collect()
    }

    fn optional_field(&mut self, at: u32, arguments: &'a [Syntax]) -> Result<Typed, CompileError> {
        let [operand, field] = arguments else {
            return Err(self.error(at, "unsupported optional field selection"));
        };
        let Form::String(name) = &field.form else {
            return Err(self.error(field.at, "unsupported optional field selection"));
        };
        let (operand, of) = self.node(operand)?;
        let result = self.field_type(at, &of, true)?;
        Ok((Node { at, step: Step::OptionalField(Box::new(operand), name.as_str().into()) }, result))
    }

    /// The call with its overloads resolved.
    pub(super) fn resolved(
        &mut self,
        at: u32,
        name: &str,
        member: bool,
        typed: Vec<Typed>,
    ) -> Result<Typed, CompileError> {
        let Some(overloads) = catalogue::overloads(name) else {
            return Err(self.error(at, format!("undeclared reference to '{name}'")));
        };
        let (nodes, given): (Vec<Node>, Vec<Type>) = typed.into_iter().unzip();
        if matches!(name, operator::LOGICAL_AND | operator::LOGICAL_OR) {
            for (node, of) in nodes.iter().zip(&given) {
                self.require_bool(node, of)?;
            }
            return Ok((Node { at, step: logic(name, nodes) }, Type::BOOL));
        }
        let fitting = overloads.iter().filter(|overload| overload.member == member);
        let Some(result) = self.overloads_result(fitting, &given) else {
            return Err(self.no_overload(at, name, member, &given));
        };
        let step = self.step(at, name, nodes)?;
        Ok((Node { at, step }, result))
    }

    /// The common result of all overloads that fit; none if none does.
    fn overloads_result<'o>(
        &mut self,
        overloads: impl Iterator<Item = &'o Overload>,
        given: &[Type],
    ) -> Option<Type> {
        let mut common: Option<Type> = None;
        for overload in overloads.filter(|overload| overload.arguments.len() == given.len()) {
            let fresh: Vec<Type> = (0..overload.parameters).map(|_| self.types.fresh()).collect();
            let wanted: Vec<Type> = overload.arguments.iter().map(|one| instantiated(one, &fresh)).collect();
            let pairs: Vec<(&Type, &Type)> = given.iter().zip(&wanted).collect();
            if !self.types.assign_all(&pairs) {
                continue;
            }
            let result = self.types.known(&instantiated(&overload.result, &fresh));
            common = Some(match common {
                Some(before) if before != Type::Dyn && before != result => Type::Dyn,
                Some(before) => before,
                None => result,
            });
        }
        common
    }

    fn no_overload(&self, at: u32, name: &str, member: bool, given: &[Type]) -> CompileError {
        let mut written: Vec<String> = given.iter().map(|one| self.types.known(one).to_string()).collect();
        let receiver = match member {
            true => format!("{}.", written.remove(0)),
            false => String::new(),
        };
        let message = format!(
            "found no matching overload for '{name}' applied to '{receiver}({})'",
            written.join(", ")
        );
        self.error(at, message)
    }

    fn step(&self, at: u32, name: &str, nodes: Vec<Node>) -> Result<Step, CompileError> {
        let nodes = match three(nodes) {
            Ok(three) if name == operator::CONDITIONAL => return Ok(Step::Conditional(Box::new(three))),
            Ok(three) => Vec::from(three),
            Err(nodes) => nodes,
        };
        let nodes = match two(nodes) {
            Ok(two) => match operation(name) {
                Some(operation) => return Ok(operation(Box::new(two))),
                None => Vec::from(two),
            },
            Err(nodes) => nodes,
        };
        if let Some(step) = self.folded(name, &nodes)? {
            return Ok(step);
        }
        if let (Some(kind), Some(Step::Constant(Constant::String(pattern)))) =
            (regex_use(name), nodes.get(1).map(|node| &node.step))
        {
            let pattern = Pattern::compile(pattern)
                .map_err(|error| self.error(nodes[1].at, format!("invalid {name} argument: {error}")))?;
            return Ok(Step::Regex(kind, Arc::new(pattern), nodes));
        }
        match (name, functions::find(name)) {
            (operator::LOGICAL_NOT, _) => nodes.into_iter().next().map(|node| Step::Not(Box::new(node))),
            (_, Some(function)) => Some(Step::Call(function, nodes)),
            _ => None,
        }
        .ok_or_else(|| self.error(at, format!("function '{name}' is not supported by this version")))
    }

    /// Conversions of literals are done once, and refused at once.
    fn folded(&self, name: &str, nodes: &[Node]) -> Result<Option<Step>, CompileError> {
        const FOLDED: [&str; 8] =
            ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];
        let [Node { at, step: Step::Constant(literal) }] = nodes else { return Ok(None) };
        // Kubernetes refuses no text of a quantity until it evaluates it.
        if let ("quantity", Constant::String(text)) = (name, literal) {
            return Ok(Quantity::parse(text).map(|value| Step::Constant(Constant::Quantity(value))));
        }
        let Some(function) = FOLDED.contains(&name).then(|| functions::find(name)).flatten() else {
            return Ok(None);
        };
        let converted = Fuel::default().spend(|meter| function(meter, &[evaluate::value_of(literal)]));
        match converted.ok().and_then(|value| constant_of(&value)) {
            Some(constant) => Ok(Some(Step::Constant(constant))),
            None => Err(self.error(*at, format!("invalid {name} argument"))),
        }
    }
}

fn constant_of(value: &Val<'_>) -> Option<Constant> {
    Some(match value {
        Val::Bool(value) => Constant::Bool(*value),
        Val::Int(value) => Constant::Int(*value),
        Val::Uint(value) => Constant::Uint(*value),
        Val::Double(value) => Constant::Double(*value),
        Val::String(text) => Constant::String(text.as_str().into()),
        Val::Bytes(bytes) => Constant::Bytes(bytes.as_slice().into()),
        Val::Timestamp(value) => Constant::Timestamp(*value),
        Val::Duration(nanos) => Constant::Duration(*nanos),
        _ => return None,
    })
}

/// Whether a name is that of a function in a library that Kubernetes leaves out.
fn is_extension(name: &str) -> bool {
    ["base64.", "cel.", "math.", "proto.", "regex."].iter().any(|prefix| name.starts_with(prefix))
}

fn instantiated(of: &Type, fresh: &[Type]) -> Type {
    match of {
        Type::Unknown(index) => fresh[*index].clone(),
        Type::List(of) => Type::list(instantiated(of, fresh)),
        Type::Optional(of) => Type::optional(instantiated(of, fresh)),
        Type::Map(key, value) => Type::map(instantiated(key, fresh), instantiated(value, fresh)),
        Type::Dyn | Type::Plain(_) | Type::Named => of.clone(),
    }
}

fn three(nodes: Vec<Node>) -> Result<[Node; 3], Vec<Node>> {
    nodes.try_into()
}

fn two(nodes: Vec<Node>) -> Result<[Node; 2], Vec<Node>> {
    nodes.try_into()
}

/// Terms of one operator in a row are one node.
fn logic(name: &str, nodes: Vec<Node>) -> Step {
    let is_and = name == operator::LOGICAL_AND;
    let mut terms = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node.step {
            Step::And(inner) if is_and => terms.extend(inner),
            Step::Or(inner) if !is_and => terms.extend(inner),
            step => terms.push(Node { at: node.at, step }),
        }
    }
    if is_and { Step::And(terms) } else { Step::Or(terms) }
}

type Operation = fn(Box<[Node; 2]>) -> Step;

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        operator::INDEX => Step::Index,
        operator::OPT_INDEX => Step::OptionalIndex,
        operator::EQUALS => Step::Equal,
        operator::NOT_EQUALS => Step::NotEqual,
        operator::LESS => |nodes| Step::Compare(Relation::Less, nodes),
        operator::LESS_EQUALS => |nodes| Step::Compare(Relation::LessOrEqual, nodes),
        operator::GREATER => |nodes| Step::Compare(Relation::Greater, nodes),
        operator::GREATER_EQUALS => |nodes| Step::Compare(Relation::GreaterOrEqual, nodes),
        operator::IN => Step::In,
        "or" => Step::OptionalOr,
        "orValue" => Step::OptionalOrValue,
        _ => return None,
    })
}

fn regex_use(name: &str) -> Option<RegexUse> {
    match name {
        "matches" => Some(RegexUse::Matches),
        "find" => Some(RegexUse::Find),
        "findAll" => Some(RegexUse::FindAll),
        _ => None,
    }
}
