//! How deep the values are that an expression makes, at most: what walks over them recurses as deep.
//!
//! No macro folds, so that a value passes each place of an expression once, and the bound is what all places on its
//! way add. Values of the input add their own depth, which the reader of their JSON has bounded.

use crate::ir::{Node, Step, Yields};

/// The bound for a tree with so many slots.
pub(crate) fn of(root: &Node, slots: usize) -> usize {
    Depths { locals: vec![0; slots] }.node(root)
}

struct Depths {
    /// Of what a slot holds.
    locals: Vec<usize>,
}

impl Depths {
    fn node(&mut self, node: &Node) -> usize {
        match &node.step {
            Step::Constant(_) | Step::Variable(_) => 0,
            Step::Local(slot) => self.locals[*slot],
            Step::Field(operand, _) | Step::HasField(operand, _) | Step::Not(operand) => self.node(operand),
            Step::OptionalField(operand, _) => 1 + self.node(operand),
            Step::Index(nodes)
            | Step::Equal(nodes)
            | Step::NotEqual(nodes)
            | Step::Compare(_, nodes)
            | Step::In(nodes)
            | Step::OptionalOr(nodes)
            | Step::OptionalOrValue(nodes) => self.most(nodes.iter()),
            Step::OptionalIndex(nodes) => 1 + self.most(nodes.iter()),
            Step::Conditional(nodes) => self.most(nodes.iter()),
            Step::And(nodes) | Step::Or(nodes) => self.most(nodes),
            // A function may wrap what it is given once: in an optional, in a list.
            Step::Call(_, nodes) | Step::Regex(_, _, nodes) => 1 + self.most(nodes),
            Step::List(elements) => 1 + self.most(elements.iter().map(|element| &element.value)),
            Step::Map(entries) => {
                1 + self
                    .most(entries.iter().map(|entry| &entry.value))
                    .max(self.most(entries.iter().map(|entry| &entry.key)))
            }
            Step::Loop(made) => {
                let over = self.node(&made.over);
                self.locals[made.first] = over;
                if let Some(second) = made.second {
                    self.locals[second] = over;
                }
                let filter = made.filter.as_ref().map_or(0, |filter| self.node(filter));
                let body = self.node(&made.body).max(filter);
                match made.yields {
                    Yields::Filter | Yields::Sorted => over.max(body),
                    Yields::All
                    | Yields::Exists
                    | Yields::ExistsOne
                    | Yields::Entries
                    | Yields::FlatOptional => body,
                    Yields::List | Yields::Map | Yields::Optional => 1 + body,
                }
            }
        }
    }

    fn most<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node>) -> usize {
        nodes.into_iter().map(|node| self.node(node)).max().unwrap_or(0)
    }
}
