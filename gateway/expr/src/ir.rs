//! What an expression is compiled to: a tree whose names are slots, whose functions are pointers and whose macros are
//! loops.

use std::sync::Arc;

use crate::functions::Function;
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::quantity::Quantity;
use crate::time::Timestamp;

/// A node, and where it is in the source (an offset in bytes).
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) at: u32,
    pub(crate) step: Step,
}

#[derive(Debug)]
pub(crate) enum Step {
    Constant(Constant),
    /// A variable, by its index in the environment.
    Variable(usize),
    /// A variable of a macro.
    Local(usize),
    Field(Box<Node>, Box<str>),
    OptionalField(Box<Node>, Box<str>),
    HasField(Box<Node>, Box<str>),
    Index(Box<[Node; 2]>),
    OptionalIndex(Box<[Node; 2]>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Conditional(Box<[Node; 3]>),
    Equal(Box<[Node; 2]>),
    NotEqual(Box<[Node; 2]>),
    Compare(Relation, Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    List(Vec<Element>),
    Map(Vec<Entry>),
    Call(Function, Vec<Node>),
    Regex(RegexUse, Arc<Pattern>, Vec<Node>),
    /// `a.or(b)`: b is evaluated only if a has no value.
    OptionalOr(Box<[Node; 2]>),
    OptionalOrValue(Box<[Node; 2]>),
    Loop(Box<Loop>),
}

#[derive(Debug)]
pub(crate) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
    Kind(Kind),
    Timestamp(Timestamp),
    Duration(i64),
    Quantity(Quantity),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is done with a pattern that is known when the expression is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegexUse {
    Matches,
    Find,
    FindAll,
}

#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) value: Node,
    pub(crate) optional: bool,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Node,
    pub(crate) value: Node,
    pub(crate) optional: bool,
}

/// A macro.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) over: Node,
    /// The slot of the element; of a map's keys.
    pub(crate) first: usize,
    /// With two variables: the slot of the value, `first` being that of index or key.
    pub(crate) second: Option<usize>,
    pub(crate) filter: Option<Node>,
    pub(crate) body: Node,
    pub(crate) yields: Yields,
}

/// What a macro makes of its bodies' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    All,
    Exists,
    ExistsOne,
    /// The elements for which the body holds.
    Filter,
    List,
    Map,
    /// The bodies' maps, joined.
    Entries,
    /// The elements, ordered by their bodies' values.
    Sorted,
    /// The body's value for an optional's, in an optional.
    Optional,
    /// The body's optional for an optional's value.
    FlatOptional,
}
