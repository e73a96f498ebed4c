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
    /// `x-kubernetes-embedded-resource`: an object with apiVersion, kind and metadata.
    pub(crate) embedded: bool,
    pub(crate) list_type: ListType,
    /// Absent where there are none, which is almost everywhere.
    pub(crate) junctors: Option<Box<Junctors>>,
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

/// `x-kubernetes-list-type`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ListType {
    /// Any list.
    #[default]
    Atomic,
    /// No item occurs twice.
    Set,
    /// No two items agree in these fields.
    Map(Vec<String>),
}

/// Schemas that judge the same value once more. Their nodes only validate: they prune, default and declare nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Junctors {
    pub(crate) all_of: Vec<Node>,
    pub(crate) any_of: Vec<Node>,
    pub(crate) one_of: Vec<Node>,
    pub(crate) not: Option<Node>,
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

    /// Checks a new object and gives the causes of a Status 422, in Kubernetes' order (fields by name).
    pub fn validate(&self, object: &Map<String, Value>) -> Vec<field::Error> {
        self.validate_object(object, None)
    }

    /// Checks what an object becomes. What was wrong `before` and did not change is not held against it.
    pub fn validate_update(
        &self,
        object: &Map<String, Value>,
        before: &Map<String, Value>,
    ) -> Vec<field::Error> {
        self.validate_object(object, Some(before))
    }

    /// Checks what the status of an object becomes, by its own schema and for itself.
    pub fn validate_status(&self, status: &Value, before: Option<&Value>) -> Vec<field::Error> {
        let Some(node) = self.root.properties.get("status") else { return Vec::new() };
        let at = field::Path::new("status");
        let mut validation = Validation::new(&at);
        validation.start(node, status, before);
        validation.into_errors()
    }

    /// The declared type of the field at `path`, the names of nested fields or keys; none if the schema does not know it.
    pub fn type_at(&self, path: &[String]) -> Option<&str> {
        path.iter().try_fold(&self.root, |node, name| node.field(name))?.declared_type()
    }

    fn validate_object(
        &self,
        object: &Map<String, Value>,
        before: Option<&Map<String, Value>>,
    ) -> Vec<field::Error> {
        let root = field::Path::root();
        let mut validation = Validation::new(&root);
        validation.root(&self.root, object, before);
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

    /// The `type` that the schema writes, also beside `x-kubernetes-int-or-string`.
    pub(crate) fn declared_type(&self) -> Option<&str> {
        self.keywords.get("type").and_then(Value::as_str).filter(|name| Type::named(name).is_some())
    }
}

// === impl Junctors ===

impl Junctors {
    /// Every schema with the way to it: keyword and, in a list, index.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, Option<usize>, &Node)> {
        let lists = [("allOf", &self.all_of), ("anyOf", &self.any_of), ("oneOf", &self.one_of)];
        let listed = lists.into_iter().flat_map(|(keyword, nodes)| {
            nodes.iter().enumerate().map(move |(index, node)| (keyword, Some(index), node))
        });
        listed.chain(self.not.iter().map(|node| ("not", None, node)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.each().next().is_none()
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
