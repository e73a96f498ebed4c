//! The compiled schema: a tree of nodes, and what can be done with it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::field;
use crate::format::Format;
use crate::number::Bounds;
use crate::parse;
use crate::pattern::Pattern;
use crate::validate::Validation;

/// A parsed, compiled structural schema of a custom resource.
#[derive(Debug, Clone)]
pub struct Structural {
    pub(crate) root: Node,
}

/// One schema of the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) expected: Expected,
    pub(crate) nullable: bool,
    pub(crate) preserves_unknown: bool,
    pub(crate) properties: BTreeMap<String, Node>,
    pub(crate) additional: Option<Additional>,
    pub(crate) items: Option<Box<Node>>,
    pub(crate) required: Vec<String>,
    pub(crate) allowed: Vec<Value>,
    pub(crate) default: Option<Value>,
    pub(crate) bounds: Bounds,
    pub(crate) length: Range,
    pub(crate) count: Range,
    pub(crate) fields: Range,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) format: Option<Format>,
    /// Every keyword as OpenAPI publishes it, without the schemas below this one.
    pub(crate) keywords: Map<String, Value>,
}

/// The types that a node allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Expected {
    /// No `type`: with `x-kubernetes-preserve-unknown-fields` only.
    #[default]
    Any,
    One(Type),
    IntOrString,
}

/// A type of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
}

/// `additionalProperties`.
#[derive(Debug, Clone)]
pub(crate) enum Additional {
    Allowed(bool),
    Schema(Box<Node>),
}

/// Smallest and largest length or number of items.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Range {
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

// === impl Structural ===

impl Structural {
    /// Compiles `schema`, the value of `openAPIV3Schema`, found at `at`.
    ///
    /// # Errors
    /// Everything that a CustomResourceDefinition would be refused for, and every keyword that this version does not
    /// support, sorted.
    pub fn parse(schema: &Value, at: &field::Path) -> Result<Self, Vec<field::Error>> {
        parse::root(schema, at).map(|root| Self { root })
    }

    /// The schema of a version without one: any object, nothing pruned.
    pub fn any_object() -> Self {
        let keywords = [
            ("type".to_owned(), Value::from("object")),
            ("x-kubernetes-preserve-unknown-fields".to_owned(), Value::Bool(true)),
        ];
        let root = Node {
            expected: Expected::One(Type::Object),
            preserves_unknown: true,
            keywords: keywords.into_iter().collect(),
            ..Node::default()
        };
        Self { root }
    }

    /// Checks `object` and gives the causes of a Status 422, in Kubernetes' order (fields by name).
    pub fn validate(&self, object: &Map<String, Value>) -> Vec<field::Error> {
        let root = field::Path::root();
        let mut validation = Validation::new(&root);
        validation.root(&self.root, object);
        validation.into_errors()
    }
}

// === impl Node ===

impl Node {
    /// The schema of an object's field, if it is declared.
    pub(crate) fn field(&self, name: &str) -> Option<&Node> {
        match (self.properties.get(name), &self.additional) {
            (Some(property), _) => Some(property),
            (None, Some(Additional::Schema(schema))) => Some(schema),
            (None, _) => None,
        }
    }
}

// === impl Expected ===

impl Expected {
    /// Whether a value of this type is allowed without looking at it.
    pub(crate) fn contains(self, given: Type) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == given,
            Self::IntOrString => matches!(given, Type::Integer | Type::String),
        }
    }

    /// The name in errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::One(one) => one.name(),
            Self::IntOrString => "integer,string",
        }
    }
}

// === impl Type ===

impl Type {
    /// All, in the order in which Kubernetes names them.
    pub(crate) const ALL: [Type; 6] =
        [Self::Array, Self::Boolean, Self::Integer, Self::Number, Self::Object, Self::String];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}
