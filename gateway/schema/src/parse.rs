//! From the JSON of an `openAPIV3Schema` to compiled nodes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::field::{Error, Path};
use crate::format::Format;
use crate::invariants;
use crate::keyword::Keywords;
use crate::limits;
use crate::number::{Bound, Bounds, Capacity};
use crate::pattern::Pattern;
use crate::structural::{Additional, Expected, Junctors, ListType, Node, Range, Type};

/// Compiles the schema of a resource, or says everything that is wrong with it, sorted.
pub(crate) fn root(schema: &Value, at: &Path) -> Result<Node, Vec<Error>> {
    let mut parser = Parser::default();
    let root = parser.node(schema, at, 0);
    let mut errors = parser.errors;
    if let Some(root) = &root {
        invariants::structure(root, at, &mut errors);
        // As in Kubernetes, defaults are looked at once the schema stands.
        if errors.is_empty() {
            invariants::defaults(root, at, &mut errors);
        }
    }
    errors.sort_by_cached_key(Error::to_string);
    errors.dedup();
    match root {
        Some(root) if errors.is_empty() => Ok(root),
        _ => Err(errors),
    }
}

#[derive(Default)]
struct Parser {
    nodes: usize,
    patterns: usize,
    errors: Vec<Error>,
}

impl Parser {
    /// A node, or none when it cannot be read at all.
    fn node(&mut self, schema: &Value, at: &Path, depth: usize) -> Option<Node> {
        let Value::Object(map) = schema else {
            self.errors.push(Error::type_invalid(at, schema, "must be a schema"));
            return None;
        };
        if !self.admit(at, depth) {
            return None;
        }
        let node = self.own(map, at);
        let properties = self.properties(map, at, depth);
        let additional = self.additional(map, at, depth);
        let items = self.items(map, at, depth);
        let junctors = self.junctors(map, at, depth);
        Some(Node { properties, additional, items, junctors, ..node })
    }

    /// Counts the node and holds it to the limits; too many are told once.
    fn admit(&mut self, at: &Path, depth: usize) -> bool {
        self.nodes += 1;
        if depth >= limits::SCHEMA_DEPTH {
            let detail = format!("schemas may not be nested deeper than {} levels", limits::SCHEMA_DEPTH);
            self.errors.push(Error::forbidden(at, detail));
            return false;
        }
        if self.nodes == limits::SCHEMA_NODES + 1 {
            let detail = format!("a schema may not consist of more than {} schemas", limits::SCHEMA_NODES);
            self.errors.push(Error::forbidden(at, detail));
        }
        self.nodes <= limits::SCHEMA_NODES
    }

    /// The node without its nested schemas.
    fn own(&mut self, map: &Map<String, Value>, at: &Path) -> Node {
        let mut keywords = Keywords::new(map, at, &mut self.errors);
        let expected = expected(&mut keywords);
        documentation(&mut keywords);
        let list_type = list_and_map_types(&mut keywords);
        let (format, capacity) = format(&mut keywords, expected);
        Node {
            expected,
            nullable: keywords.flag("nullable"),
            preserves_unknown: preserves_unknown(&mut keywords),
            required: keywords.texts("required"),
            allowed: keywords.list("enum").to_vec(),
            default: keywords.get("default").cloned(),
            bounds: bounds(&mut keywords, capacity),
            length: range(&mut keywords, "minLength", "maxLength"),
            count: range(&mut keywords, "minItems", "maxItems"),
            fields: range(&mut keywords, "minProperties", "maxProperties"),
            pattern: pattern(&mut keywords, &mut self.patterns),
            format,
            embedded: keywords.flag("x-kubernetes-embedded-resource"),
            list_type,
            keywords: keywords.published(),
            ..Node::default()
        }
    }

    fn properties(&mut self, map: &Map<String, Value>, at: &Path, depth: usize) -> BTreeMap<String, Node> {
        let mut properties = BTreeMap::new();
        let declared = Keywords::nested(map, at, &mut self.errors).object("properties");
        for (name, schema) in declared.into_iter().flatten() {
            if let Some(node) = self.node(schema, &at.child("properties").key(name), depth + 1) {
                properties.insert(name.clone(), node);
            }
        }
        properties
    }

    fn additional(&mut self, map: &Map<String, Value>, at: &Path, depth: usize) -> Option<Additional> {
        match Keywords::nested(map, at, &mut self.errors).get("additionalProperties")? {
            Value::Bool(allowed) => Some(Additional::Allowed(*allowed)),
            schema => {
                let node = self.node(schema, &at.child("additionalProperties"), depth + 1)?;
                Some(Additional::Schema(Box::new(node)))
            }
        }
    }

    fn items(&mut self, map: &Map<String, Value>, at: &Path, depth: usize) -> Option<Box<Node>> {
        let mut keywords = Keywords::nested(map, at, &mut self.errors);
        let schema = keywords.get("items")?;
        if schema.is_array() {
            keywords.forbid("items", "items must be a schema object and not an array");
            return None;
        }
        self.node(schema, &at.child("items"), depth + 1).map(Box::new)
    }

    fn junctors(&mut self, map: &Map<String, Value>, at: &Path, depth: usize) -> Option<Box<Junctors>> {
        let mut list = |keyword: &str| -> Vec<Node> {
            let schemas = Keywords::nested(map, at, &mut self.errors).list(keyword);
            let at = at.child(keyword);
            let nodes = schemas.iter().enumerate();
            nodes.filter_map(|(index, schema)| self.node(schema, &at.index(index), depth + 1)).collect()
        };
        let (all_of, any_of, one_of) = (list("allOf"), list("anyOf"), list("oneOf"));
        let not = Keywords::nested(map, at, &mut self.errors).get("not");
        let not = not.and_then(|schema| self.node(schema, &at.child("not"), depth + 1));
        let junctors = Junctors { all_of, any_of, one_of, not };
        (!junctors.is_empty()).then(|| Box::new(junctors))
    }
}

fn expected(keywords: &mut Keywords<'_, '_>) -> Expected {
    let name = keywords.text("type");
    let int_or_string = keywords.flag("x-kubernetes-int-or-string");
    let named = name.and_then(Type::named);
    if let (Some(name), None) = (name, named) {
        let error = match name {
            "null" => Error::forbidden(
                &keywords.at.child("type"),
                "type cannot be set to null, use nullable as an alternative",
            ),
            _ => Error::not_supported(
                &keywords.at.child("type"),
                &Value::from(name),
                &Type::ALL.map(Type::name),
            ),
        };
        keywords.errors.push(error);
    }
    match (named, int_or_string) {
        (_, true) => Expected::IntOrString,
        (Some(one), false) => Expected::One(one),
        (None, false) => Expected::Any,
    }
}

/// Checks what is only published.
fn documentation(keywords: &mut Keywords<'_, '_>) {
    keywords.text("title");
    keywords.text("description");
    keywords.object("externalDocs");
}

/// `uniqueItems`, list and map types. Granular maps are what Kubernetes does unasked.
fn list_and_map_types(keywords: &mut Keywords<'_, '_>) -> ListType {
    if keywords.flag("uniqueItems") {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        keywords.forbid("uniqueItems", detail);
    }
    match keywords.text("x-kubernetes-map-type") {
        None | Some("atomic" | "granular") => {}
        Some(kind) => not_supported(keywords, "x-kubernetes-map-type", kind, &["atomic", "granular"]),
    }
    let keys = keywords.texts("x-kubernetes-list-map-keys");
    match keywords.text("x-kubernetes-list-type") {
        None | Some("atomic") => ListType::Atomic,
        Some("set") => ListType::Set,
        Some("map") => ListType::Map(keys),
        Some(kind) => {
            not_supported(keywords, "x-kubernetes-list-type", kind, &["atomic", "set", "map"]);
            ListType::Atomic
        }
    }
}

fn not_supported(keywords: &mut Keywords<'_, '_>, keyword: &str, value: &str, supported: &[&str]) {
    keywords.errors.push(Error::not_supported(&keywords.at.child(keyword), &Value::from(value), supported));
}

fn preserves_unknown(keywords: &mut Keywords<'_, '_>) -> bool {
    const KEYWORD: &str = "x-kubernetes-preserve-unknown-fields";
    if keywords.get(KEYWORD) == Some(&Value::Bool(false)) {
        keywords.invalid(KEYWORD, &Value::Bool(false), "must be true or undefined");
    }
    keywords.flag(KEYWORD)
}

/// Kubernetes enforces string formats on strings and on nodes without one type, number formats on their own type, and
/// ignores all others.
fn format(keywords: &mut Keywords<'_, '_>, expected: Expected) -> (Option<Format>, Capacity) {
    let name = keywords.text("format").unwrap_or_default();
    match (expected, name) {
        (Expected::One(Type::Integer), "int32") => (None, Capacity::Int32),
        (Expected::One(Type::Integer), "int64") => (None, Capacity::Int64),
        (Expected::One(Type::Integer), _) => (None, Capacity::Integer),
        (Expected::One(Type::Number), "float") => (None, Capacity::Float),
        (Expected::One(Type::Number), "double") => (None, Capacity::Double),
        (Expected::One(Type::String) | Expected::Any | Expected::IntOrString, _) => {
            (Format::find(name), Capacity::Any)
        }
        (Expected::One(_), _) => (None, Capacity::Any),
    }
}

fn bounds(keywords: &mut Keywords<'_, '_>, capacity: Capacity) -> Bounds {
    let exclusive = keywords.flag("exclusiveMinimum");
    let least = keywords.number("minimum").map(|value| Bound { value, exclusive });
    let exclusive = keywords.flag("exclusiveMaximum");
    let most = keywords.number("maximum").map(|value| Bound { value, exclusive });
    Bounds { capacity, least, most, factor: keywords.number("multipleOf") }
}

fn range(keywords: &mut Keywords<'_, '_>, least: &str, most: &str) -> Range {
    Range { least: keywords.integer(least), most: keywords.integer(most) }
}

fn pattern(keywords: &mut Keywords<'_, '_>, patterns: &mut usize) -> Option<Pattern> {
    let source = keywords.text("pattern")?;
    *patterns += 1;
    if *patterns > limits::SCHEMA_PATTERNS {
        keywords.forbid(
            "pattern",
            &format!("a schema may not have more than {} patterns", limits::SCHEMA_PATTERNS),
        );
        return None;
    }
    match Pattern::compile(source) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let detail = format!("must be a valid regular expression, but isn't: {error}");
            keywords.invalid("pattern", &Value::from(source), &detail);
            None
        }
    }
}
