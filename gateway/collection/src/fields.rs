//! Field selectors, as apimachinery's `fields` package reads them.

use thiserror::Error;

use crate::object::Object;

/// Terms that all must hold: `metadata.name=a,metadata.namespace!=b`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<FieldRequirement>);

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRequirement {
    /// The field, such as `metadata.name`.
    pub field: String,
    /// `=` and `==`, or `!=`.
    pub equal: bool,
    /// What the field is compared with, escapes resolved.
    pub value: String,
}

/// What a source derives from an object knows the fields, beside those of metadata, by which it can be selected.
pub trait Selectable {
    /// The text form of a field; empty if the object does not have it.
    fn field(&self, name: &str) -> &str;
}

/// Nothing derived, nothing to select by.
impl Selectable for () {
    fn field(&self, _: &str) -> &str {
        ""
    }
}

/// A selector that cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FieldSelectorError {
    /// No operator in a term.
    #[error("invalid selector: '{selector}'; can't understand '{term}'")]
    Term {
        /// The whole selector.
        selector: String,
        /// The term.
        term: String,
    },
    /// A backslash before anything but `\`, `,` and `=`.
    #[error("invalid field selector: invalid escape sequence: {0}")]
    Escape(String),
    /// A character that must be escaped in a value.
    #[error("invalid field selector: unescaped character in value: {0}")]
    Unescaped(char),
    /// The resource cannot be selected by this field.
    #[error("field label not supported: {0}")]
    Unsupported(String),
}

// === impl FieldSelector ===

impl FieldSelector {
    /// Parses a selector over the fields that `supported` names.
    pub fn parse(text: &str, supported: &[String]) -> Result<Self, FieldSelectorError> {
        Self::parse_any(text)?.supported(supported)
    }

    /// The selector, if all of its fields are among those.
    pub fn supported(self, fields: &[String]) -> Result<Self, FieldSelectorError> {
        match self.0.iter().find(|term| !fields.contains(&term.field)) {
            Some(term) => Err(FieldSelectorError::Unsupported(term.field.clone())),
            None => Ok(self),
        }
    }

    /// Parses a selector over whatever fields it names: for authorization, which comes before the resource.
    pub fn parse_any(text: &str) -> Result<Self, FieldSelectorError> {
        let mut terms: Vec<&str> = split_terms(text).filter(|term| !term.is_empty()).collect();
        // The first that is wrong is told, in this order.
        terms.sort_unstable();
        let mut terms =
            terms.into_iter().map(|term| parse_term(text, term)).collect::<Result<Vec<_>, _>>()?;
        // A term of nothing selects everything.
        terms.retain(|term| !term.field.is_empty() || !term.value.is_empty());
        Ok(Self(terms))
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The terms.
    pub fn requirements(&self) -> &[FieldRequirement] {
        &self.0
    }

    /// The one name that this can select, if it names one.
    pub fn name(&self) -> Option<&str> {
        self.only("metadata.name")
    }

    /// The one namespace that this can select from, if it names one.
    pub fn namespace(&self) -> Option<&str> {
        self.only("metadata.namespace")
    }

    fn only(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|term| term.equal && term.field == field).map(|term| term.value.as_str())
    }

    pub(crate) fn matches<D: Selectable>(&self, object: &Object<D>) -> bool {
        self.0.iter().all(|term| {
            let value = match term.field.as_str() {
                "metadata.name" => object.key().name(),
                "metadata.namespace" => object.key().namespace(),
                other => object.derived().field(other),
            };
            (value == term.value) == term.equal
        })
    }
}

/// Splits at commas that no backslash escapes.
fn split_terms(text: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |character| {
        let separates = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        separates
    })
}

/// Operators in the order in which they are tried at each place.
const OPERATORS: [(&str, bool); 3] = [("!=", false), ("==", true), ("=", true)];

fn parse_term(selector: &str, term: &str) -> Result<FieldRequirement, FieldSelectorError> {
    for (at, _) in term.char_indices() {
        for (operator, equal) in OPERATORS {
            if let Some(value) = term[at..].strip_prefix(operator) {
                return Ok(FieldRequirement { field: term[..at].to_owned(), equal, value: unescape(value)? });
            }
        }
    }
    Err(FieldSelectorError::Term { selector: selector.to_owned(), term: term.to_owned() })
}

fn unescape(value: &str) -> Result<String, FieldSelectorError> {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => plain.push(escaped),
                Some(other) => return Err(FieldSelectorError::Escape(format!("\\{other}"))),
                None => return Err(FieldSelectorError::Escape("\\".to_owned())),
            },
            ',' | '=' => return Err(FieldSelectorError::Unescaped(character)),
            _ => plain.push(character),
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[(&str, bool, &str)], &str>) {
        let supported = ["metadata.name", "metadata.namespace"].map(str::to_owned);
        let parsed = FieldSelector::parse(text, &supported);
        match (parsed, expected) {
            (Ok(selector), Ok(expected)) => {
                let terms: Vec<_> =
                    selector.0.iter().map(|t| (t.field.as_str(), t.equal, t.value.as_str())).collect();
                assert_eq!(terms, expected, "{text}");
            }
            (Err(error), Err(expected)) => assert_eq!(error.to_string(), expected, "{text}"),
            (parsed, expected) => panic!("{text}: {parsed:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn grammar() {
        check("", Ok(&[]));
        check("metadata.name=a", Ok(&[("metadata.name", true, "a")]));
        check("metadata.name==a,", Ok(&[("metadata.name", true, "a")]));
        check(
            "metadata.name!=a,metadata.namespace=b",
            Ok(&[("metadata.name", false, "a"), ("metadata.namespace", true, "b")]),
        );
        check(r"metadata.name=a\,b\=\\", Ok(&[("metadata.name", true, r"a,b=\")]));
        check("metadata.name", Err("invalid selector: 'metadata.name'; can't understand 'metadata.name'"));
        check("metadata.name=a=b", Err("invalid field selector: unescaped character in value: ="));
        check(r"metadata.name=\x", Err(r"invalid field selector: invalid escape sequence: \x"));
        check("spec.x=1", Err("field label not supported: spec.x"));
    }
}
