//! The keywords of one schema: which are known, and reading their values.

use serde_json::{Map, Value};

use crate::field::{Error, Path};

/// What becomes of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Support {
    /// Read here.
    Supported,
    /// Kubernetes gives it a meaning that this version does not build.
    Later,
    /// Part of JSON Schema, refused by Kubernetes.
    Foreign,
    Unknown,
}

/// Reads the keywords of one schema and collects what is wrong with them.
pub(crate) struct Keywords<'a, 'e> {
    pub(crate) at: &'e Path,
    map: &'a Map<String, Value>,
    pub(crate) errors: &'e mut Vec<Error>,
}

fn support(keyword: &str) -> Support {
    match keyword {
        "additionalProperties"
        | "allOf"
        | "anyOf"
        | "default"
        | "description"
        | "enum"
        | "example"
        | "exclusiveMaximum"
        | "exclusiveMinimum"
        | "externalDocs"
        | "format"
        | "items"
        | "maxItems"
        | "maxLength"
        | "maxProperties"
        | "maximum"
        | "minItems"
        | "minLength"
        | "minProperties"
        | "minimum"
        | "multipleOf"
        | "not"
        | "nullable"
        | "oneOf"
        | "pattern"
        | "properties"
        | "required"
        | "title"
        | "type"
        | "uniqueItems"
        | "x-kubernetes-embedded-resource"
        | "x-kubernetes-int-or-string"
        | "x-kubernetes-list-map-keys"
        | "x-kubernetes-list-type"
        | "x-kubernetes-map-type"
        | "x-kubernetes-preserve-unknown-fields" => Support::Supported,
        "x-kubernetes-validations" => Support::Later,
        "$ref" | "$schema" | "additionalItems" | "definitions" | "dependencies" | "id"
        | "patternProperties" => Support::Foreign,
        _ => Support::Unknown,
    }
}

/// Whether Kubernetes leaves the keyword out when it encodes the schema: its Go field has omitempty.
fn is_absent(keyword: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(false) => !matches!(
            keyword,
            "additionalProperties" | "default" | "example" | "x-kubernetes-preserve-unknown-fields"
        ),
        Value::String(text) => text.is_empty() && !matches!(keyword, "default" | "example"),
        Value::Array(items) => items.is_empty() && !matches!(keyword, "default" | "example"),
        Value::Object(fields) => fields.is_empty() && matches!(keyword, "properties"),
        _ => false,
    }
}

/// Keywords whose values are schemas, kept apart from the others.
const NESTED: [&str; 7] = ["additionalProperties", "allOf", "anyOf", "items", "not", "oneOf", "properties"];

impl<'a, 'e> Keywords<'a, 'e> {
    /// Looks at the schema found at `at` and refuses every keyword that is not supported.
    pub(crate) fn new(map: &'a Map<String, Value>, at: &'e Path, errors: &'e mut Vec<Error>) -> Self {
        for (keyword, _) in map.iter().filter(|(keyword, value)| !is_absent(keyword, value)) {
            let detail = match support(keyword) {
                Support::Supported => continue,
                Support::Later => format!("{keyword} is not supported by this version"),
                Support::Foreign => format!("{keyword} is not supported"),
                Support::Unknown => format!("{keyword} is not a keyword of structural schemas"),
            };
            errors.push(Error::forbidden(&at.child(keyword), detail));
        }
        Self { at, map, errors }
    }

    /// Looks at a schema whose keywords were checked before, for its nested schemas.
    pub(crate) fn nested(map: &'a Map<String, Value>, at: &'e Path, errors: &'e mut Vec<Error>) -> Self {
        Self { at, map, errors }
    }

    /// The keyword's value, unless it says nothing.
    pub(crate) fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.map.get(keyword).filter(|value| !is_absent(keyword, value))
    }

    /// The keywords as OpenAPI publishes them, without nested schemas.
    pub(crate) fn published(&self) -> Map<String, Value> {
        let mut published = Map::new();
        for (keyword, value) in self.map {
            let known = support(keyword) == Support::Supported && !NESTED.contains(&keyword.as_str());
            if known && !is_absent(keyword, value) {
                published.insert(keyword.clone(), value.clone());
            }
        }
        published
    }

    /// A string; empty is absent.
    pub(crate) fn text(&mut self, keyword: &str) -> Option<&'a str> {
        self.read(keyword, "a string", Value::as_str)
    }

    /// A boolean; absent is false.
    pub(crate) fn flag(&mut self, keyword: &str) -> bool {
        self.read(keyword, "a boolean", Value::as_bool).unwrap_or(false)
    }

    /// A number.
    pub(crate) fn number(&mut self, keyword: &str) -> Option<f64> {
        self.read(keyword, "a number", Value::as_f64)
    }

    /// An int64.
    pub(crate) fn integer(&mut self, keyword: &str) -> Option<i64> {
        self.read(keyword, "an integer", Value::as_i64)
    }

    /// A list of anything.
    pub(crate) fn list(&mut self, keyword: &str) -> &'a [Value] {
        self.read(keyword, "a list", |value| value.as_array().map(Vec::as_slice)).unwrap_or_default()
    }

    /// A list of strings.
    pub(crate) fn texts(&mut self, keyword: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (index, item) in self.list(keyword).iter().enumerate() {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.errors.push(Error::type_invalid(
                    &self.at.child(keyword).index(index),
                    item,
                    "must be a string",
                )),
            }
        }
        texts
    }

    /// An object.
    pub(crate) fn object(&mut self, keyword: &str) -> Option<&'a Map<String, Value>> {
        self.read(keyword, "an object", Value::as_object)
    }

    /// Forbids the keyword for the given reason.
    pub(crate) fn forbid(&mut self, keyword: &str, detail: &str) {
        self.errors.push(Error::forbidden(&self.at.child(keyword), detail));
    }

    /// Calls the keyword's value invalid.
    pub(crate) fn invalid(&mut self, keyword: &str, value: &Value, detail: &str) {
        self.errors.push(Error::invalid(&self.at.child(keyword), value, detail));
    }

    fn read<T>(&mut self, keyword: &str, kind: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(keyword)?;
        let found = read(value);
        if found.is_none() {
            self.errors.push(Error::type_invalid(&self.at.child(keyword), value, format!("must be {kind}")));
        }
        found
    }
}
