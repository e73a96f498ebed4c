//! Evaluation: a walk over the compiled tree. Every node costs fuel, so does what is read or made.
//!
//! The walk recurses as deep as the tree, which the parser's limit bounds; its cases are functions of their own so that
//! a level takes little stack.

mod access;
mod construct;
mod loops;
mod patterns;

use crate::compare;
use crate::error::{ErrorKind, Failure};
use crate::ir::{Constant, Node, Relation, Step};
use crate::meter::Meter;
use crate::value::{Octets, Text, Val};

pub(crate) type Outcome<'v> = Result<Val<'v>, Failure>;

/// One evaluation.
pub(crate) struct Evaluation<'e, 'v> {
    /// By the environment's index.
    pub(crate) variables: &'e [Option<Val<'v>>],
    pub(crate) locals: Vec<Val<'v>>,
    pub(crate) meter: &'e mut Meter,
}

impl<'v> Evaluation<'_, 'v> {
    pub(crate) fn node(&mut self, node: &'v Node) -> Outcome<'v> {
        self.meter.spend(1).and_then(|()| self.step(&node.step)).map_err(|failure| failure.or_at(node.at))
    }

    fn step(&mut self, step: &'v Step) -> Outcome<'v> {
        match step {
            Step::Constant(constant) => Ok(value_of(constant)),
            Step::Variable(index) => {
                self.variables.get(*index).cloned().flatten().ok_or_else(|| ErrorKind::NoSuchKey.into())
            }
            Step::Local(slot) => Ok(self.locals[*slot].clone()),
            Step::Field(operand, name) => self.field(operand, name),
            Step::OptionalField(operand, name) => self.optional_field(operand, name),
            Step::HasField(operand, name) => self.has_field(operand, name),
            Step::Index(nodes) => self.index(nodes),
            Step::OptionalIndex(nodes) => self.optional_index(nodes),
            Step::Not(operand) => Ok(Val::Bool(!self.node(operand)?.as_bool()?)),
            Step::And(terms) => self.logic(terms, false),
            Step::Or(terms) => self.logic(terms, true),
            Step::Conditional(nodes) => {
                let [condition, yes, no] = nodes.as_ref();
                let chosen = self.node(condition)?.as_bool()?;
                self.node(if chosen { yes } else { no })
            }
            Step::Equal(nodes) => self.equality(nodes).map(Val::Bool),
            Step::NotEqual(nodes) => self.inequality(nodes),
            Step::Compare(relation, nodes) => self.comparison(*relation, nodes),
            Step::In(nodes) => self.membership(nodes),
            Step::List(elements) => self.list(elements),
            Step::Map(entries) => self.map(entries),
            Step::Call(function, arguments) => self.call(*function, arguments),
            Step::Regex(kind, pattern, arguments) => self.pattern(*kind, pattern, arguments),
            Step::OptionalOr(nodes) => self.optional_or(nodes, false),
            Step::OptionalOrValue(nodes) => self.optional_or(nodes, true),
            Step::Loop(made) => self.run(made),
        }
    }

    /// `&&` (deciding false) and `||` (deciding true): a term that decides does so even if others fail.
    fn logic(&mut self, terms: &'v [Node], deciding: bool) -> Outcome<'v> {
        let mut failed = None;
        for term in terms {
            match self.node(term).and_then(|value| value.as_bool().map_err(|failure| failure.or_at(term.at)))
            {
                Ok(value) if value == deciding => return Ok(Val::Bool(deciding)),
                Ok(_) => {}
                Err(failure) => note(&mut failed, failure)?,
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok(Val::Bool(!deciding)),
        }
    }

    fn equality(&mut self, nodes: &'v [Node; 2]) -> Result<bool, Failure> {
        let (one, other) = (self.node(&nodes[0])?, self.node(&nodes[1])?);
        compare::equal(self.meter, &one, &other)
    }

    /// Values that cannot be compared are not equal, though whether they are cannot be asked.
    fn inequality(&mut self, nodes: &'v [Node; 2]) -> Outcome<'v> {
        let (one, other) = (self.node(&nodes[0])?, self.node(&nodes[1])?);
        match compare::equal(self.meter, &one, &other) {
            Ok(equal) => Ok(Val::Bool(!equal)),
            Err(failure) if failure.kind == ErrorKind::NoSuchOverload => Ok(Val::Bool(true)),
            Err(failure) => Err(failure),
        }
    }

    fn comparison(&mut self, relation: Relation, nodes: &'v [Node; 2]) -> Outcome<'v> {
        let (one, other) = (self.node(&nodes[0])?, self.node(&nodes[1])?);
        let order = compare::order(self.meter, &one, &other)?;
        Ok(Val::Bool(match relation {
            Relation::Less => order.is_lt(),
            Relation::LessOrEqual => order.is_le(),
            Relation::Greater => order.is_gt(),
            Relation::GreaterOrEqual => order.is_ge(),
        }))
    }

    #[inline(never)]
    fn call(&mut self, function: crate::functions::Function, arguments: &'v [Node]) -> Outcome<'v> {
        match arguments {
            [one] => {
                let one = self.node(one)?;
                function(self.meter, &[one])
            }
            [one, two] => {
                let arguments = [self.node(one)?, self.node(two)?];
                function(self.meter, &arguments)
            }
            _ => {
                let arguments = arguments.iter().map(|one| self.node(one)).collect::<Result<Vec<_>, _>>()?;
                function(self.meter, &arguments)
            }
        }
    }

    /// What is no optional stands for itself, on either side.
    fn optional_or(&mut self, nodes: &'v [Node; 2], unwrap: bool) -> Outcome<'v> {
        match self.node(&nodes[0])? {
            Val::Optional(None) => self.node(&nodes[1]),
            Val::Optional(Some(value)) if unwrap => Ok(value.as_ref().clone()),
            value => Ok(value),
        }
    }
}

/// Keeps the first failure; one for want of fuel ends the evaluation.
fn note(failed: &mut Option<Failure>, failure: Failure) -> Result<(), Failure> {
    if failure.kind == ErrorKind::LimitExceeded {
        return Err(failure);
    }
    failed.get_or_insert(failure);
    Ok(())
}

/// A literal as a value.
pub(crate) fn value_of(constant: &Constant) -> Val<'_> {
    match constant {
        Constant::Null => Val::Null,
        Constant::Bool(value) => Val::Bool(*value),
        Constant::Int(value) => Val::Int(*value),
        Constant::Uint(value) => Val::Uint(*value),
        Constant::Double(value) => Val::Double(*value),
        Constant::String(text) => Val::String(Text::Borrowed(text)),
        Constant::Bytes(bytes) => Val::Bytes(Octets::Borrowed(bytes)),
        Constant::Kind(kind) => Val::Type(*kind),
        Constant::Timestamp(value) => Val::Timestamp(*value),
        Constant::Duration(nanos) => Val::Duration(*nanos),
        Constant::Quantity(value) => Val::Quantity(std::rc::Rc::new(value.clone())),
    }
}
