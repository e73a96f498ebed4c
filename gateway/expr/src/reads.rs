//! What an expression reads of its variables: the fields that a source object must keep, and no others.

use std::collections::BTreeMap;

use crate::environment::Environment;
use crate::ir::{Constant, Loop, Node, Step, Yields};
use crate::shape::Shape;

/// What is read, by variable. A variable that is not read is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    variables: BTreeMap<String, Shape>,
}

/// Where a value comes from: a variable, and the way from there.
#[derive(Debug, Clone)]
struct Path {
    variable: usize,
    steps: Vec<PathStep>,
}

#[derive(Debug, Clone)]
enum PathStep {
    Field(String),
    Element,
}

// === impl Reads ===

impl Reads {
    pub(crate) fn of(root: &Node, environment: &Environment) -> Self {
        let names: Vec<&str> = environment.variables().collect();
        let mut walk = Walk { names, locals: BTreeMap::new(), reads: Self::default() };
        walk.whole(root);
        walk.reads
    }

    /// What is read of a variable, if anything is.
    pub fn variable(&self, name: &str) -> Option<&Shape> {
        self.variables.get(name)
    }

    /// Adds what others read.
    pub fn merge(&mut self, other: &Self) {
        for (name, shape) in &other.variables {
            self.variables.entry(name.clone()).or_default().merge(shape);
        }
    }
}

fn at<'a>(shape: &'a mut Shape, steps: &[PathStep]) -> &'a mut Shape {
    steps.iter().fold(shape, |shape, step| match step {
        PathStep::Field(name) => shape.fields.entry(name.clone()).or_default(),
        PathStep::Element => shape.elements.get_or_insert_default(),
    })
}

struct Walk<'a> {
    names: Vec<&'a str>,
    /// Slots that hold elements of what a path leads to.
    locals: BTreeMap<usize, Path>,
    reads: Reads,
}

impl Walk<'_> {
    /// The path of a node that is nothing but a path.
    fn path(&self, node: &Node) -> Option<Path> {
        match &node.step {
            Step::Variable(index) => Some(Path { variable: *index, steps: Vec::new() }),
            Step::Local(slot) => self.locals.get(slot).cloned(),
            Step::Field(operand, name) | Step::OptionalField(operand, name) => {
                self.path(operand).map(|path| path.field(name))
            }
            Step::Index(nodes) | Step::OptionalIndex(nodes) => match &nodes[1].step {
                Step::Constant(Constant::String(name)) => self.path(&nodes[0]).map(|path| path.field(name)),
                _ => None,
            },
            _ => None,
        }
    }

    fn note(&mut self, path: &Path) -> &mut Shape {
        let name = self.names.get(path.variable).copied().unwrap_or_default();
        at(self.reads.variables.entry(name.to_owned()).or_default(), &path.steps)
    }

    /// A node whose value is used in a way that may need all of it.
    fn whole(&mut self, node: &Node) {
        if let Some(path) = self.path(node) {
            self.note(&path).whole = true;
            return;
        }
        match &node.step {
            Step::Constant(_) | Step::Variable(_) | Step::Local(_) => {}
            // Only whether it is there matters, but a copy cannot tell that without the field.
            Step::HasField(operand, name) => match self.path(operand) {
                Some(path) => self.note(&path.field(name)).whole = true,
                None => self.whole(operand),
            },
            Step::Field(operand, _) | Step::OptionalField(operand, _) | Step::Not(operand) => {
                self.whole(operand)
            }
            Step::Index(nodes)
            | Step::OptionalIndex(nodes)
            | Step::Equal(nodes)
            | Step::NotEqual(nodes)
            | Step::Compare(_, nodes)
            | Step::In(nodes)
            | Step::OptionalOr(nodes)
            | Step::OptionalOrValue(nodes) => nodes.iter().for_each(|node| self.whole(node)),
            Step::Conditional(nodes) => nodes.iter().for_each(|node| self.whole(node)),
            Step::And(nodes) | Step::Or(nodes) | Step::Call(_, nodes) | Step::Regex(_, _, nodes) => {
                nodes.iter().for_each(|node| self.whole(node));
            }
            Step::List(elements) => elements.iter().for_each(|element| self.whole(&element.value)),
            Step::Map(entries) => entries.iter().for_each(|entry| {
                self.whole(&entry.key);
                self.whole(&entry.value);
            }),
            Step::Loop(made) => {
                let keeps_elements = matches!(made.yields, Yields::Filter | Yields::Sorted);
                let elements = self.loop_over(made);
                match elements {
                    Some(path) if keeps_elements => self.note(&path).whole = true,
                    _ => {}
                }
            }
        }
    }

    /// Notes what a loop reads; the path of its elements, if they have one.
    fn loop_over(&mut self, made: &Loop) -> Option<Path> {
        let optional = matches!(made.yields, Yields::Optional | Yields::FlatOptional);
        let elements = match (&made.over.step, optional) {
            (_, true) => self.path(&made.over),
            // The elements of a filtered or sorted list are those of the list.
            (Step::Loop(inner), false)
                if matches!(inner.yields, Yields::Filter | Yields::Sorted) && inner.second.is_none() =>
            {
                self.loop_over(inner)
            }
            _ => self.path(&made.over).map(Path::element),
        };
        match &elements {
            Some(path) => {
                self.note(path);
                self.locals.insert(made.second.unwrap_or(made.first), path.clone());
            }
            None => self.whole(&made.over),
        }
        if let Some(filter) = &made.filter {
            self.whole(filter);
        }
        self.whole(&made.body);
        elements
    }
}

impl Path {
    fn field(mut self, name: &str) -> Self {
        self.steps.push(PathStep::Field(name.to_owned()));
        self
    }

    fn element(mut self) -> Self {
        self.steps.push(PathStep::Element);
        self
    }
}
