//! What of a JSON value is read, and a copy of it with nothing else.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What is read of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// All of it.
    pub(crate) whole: bool,
    /// Of an object: these fields, and what of them.
    pub(crate) fields: BTreeMap<String, Shape>,
    /// Of a list: this of every element.
    pub(crate) elements: Option<Box<Shape>>,
}

/// Copies the fields of an object that are read.
struct Fields<'a>(&'a Shape, &'a mut Vec<u8>);

/// Copies of each element of a list what is read.
struct Elements<'a>(&'a Shape, &'a mut Vec<u8>);

/// The name of a field, if it is read.
struct Name<'a>(&'a BTreeMap<String, Shape>);

// === impl Shape ===

impl Shape {
    /// A shape that keeps one field of an object whole; for what is read by others than expressions.
    pub fn field(path: &[&str]) -> Self {
        match path {
            [] => Self { whole: true, ..Self::default() },
            [first, rest @ ..] => {
                Self { fields: BTreeMap::from([((*first).to_owned(), Self::field(rest))]), ..Self::default() }
            }
        }
    }

    /// Whether all of the value is read.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What is read of every element of a list that is read like this.
    pub fn element(&self) -> Self {
        if self.whole || !self.fields.is_empty() {
            return Self { whole: true, ..Self::default() };
        }
        self.elements.as_deref().cloned().unwrap_or_default()
    }

    /// Adds what another keeps.
    pub fn merge(&mut self, other: &Self) {
        self.whole |= other.whole;
        for (name, shape) in &other.fields {
            self.fields.entry(name.clone()).or_default().merge(shape);
        }
        if let Some(elements) = &other.elements {
            self.elements.get_or_insert_default().merge(elements);
        }
    }

    /// Whether `other` reads nothing more.
    pub fn covers(&self, other: &Self) -> bool {
        let mut both = self.clone();
        both.merge(other);
        both == *self
    }

    /// A copy of a JSON text with what is read, the text of no value rewritten. What is not as expected (a list where
    /// fields are read) is kept whole, so that expressions fail on the copy as on the value.
    ///
    /// # Errors
    /// It is no JSON, where that is looked at.
    pub fn keep(&self, json: &str) -> serde_json::Result<Vec<u8>> {
        let mut kept = Vec::new();
        self.copy(json, &mut kept)?;
        Ok(kept)
    }

    fn copy(&self, json: &str, kept: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut read = serde_json::Deserializer::from_str(json);
        match (json.trim_ascii_start().as_bytes().first(), &self.elements) {
            (Some(b'{'), None) if !self.whole => read.deserialize_map(Fields(self, kept)),
            (Some(b'['), Some(shape)) if !self.whole && self.fields.is_empty() => {
                read.deserialize_seq(Elements(shape, kept))
            }
            _ => {
                kept.extend_from_slice(json.trim_ascii().as_bytes());
                Ok(())
            }
        }
    }
}

// === impl Fields ===

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let Self(shape, kept) = self;
        kept.push(b'{');
        let begin = kept.len();
        while let Some(read) = fields.next_key_seed(Name(&shape.fields))? {
            let Some((name, shape)) = read else {
                fields.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: &RawValue = fields.next_value()?;
            if kept.len() > begin {
                kept.push(b',');
            }
            let named = serde_json::to_writer(&mut *kept, name).and_then(|()| {
                kept.push(b':');
                shape.copy(value.get(), kept)
            });
            named.map_err(serde::de::Error::custom)?;
        }
        kept.push(b'}');
        Ok(())
    }
}

// === impl Elements ===

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Self(shape, kept) = self;
        kept.push(b'[');
        let begin = kept.len();
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if kept.len() > begin {
                kept.push(b',');
            }
            shape.copy(element.get(), kept).map_err(serde::de::Error::custom)?;
        }
        kept.push(b']');
        Ok(())
    }
}

// === impl Name ===

impl<'de, 'a> DeserializeSeed<'de> for Name<'a> {
    type Value = Option<(&'a String, &'a Shape)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Name<'a> {
    type Value = Option<(&'a String, &'a Shape)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.get_key_value(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(paths: &[&[&str]]) -> Shape {
        let mut all = Shape::default();
        paths.iter().for_each(|path| all.merge(&Shape::field(path)));
        all
    }

    fn of_each(shape: Shape) -> Shape {
        Shape { elements: Some(Box::new(shape)), ..Shape::default() }
    }

    #[test]
    fn what_is_read_is_copied() {
        let items =
            |inner| Shape { fields: [("items".to_owned(), of_each(inner))].into(), ..Shape::default() };
        let (name, whole) = (shape(&[&["a", "b"]]), Shape::field(&[]));
        let rows: [(&Shape, &str, &str); 14] = [
            (&whole, r#" {"a" : 1} "#, r#"{"a" : 1}"#),
            (&shape(&[]), r#"{"a": 1}"#, "{}"),
            (&name, r#"{"a": {"b": 1.50, "c": 2}, "d": 3}"#, r#"{"a":{"b":1.50}}"#),
            (
                &shape(&[&["x"], &["a"]]),
                r#"{"x":"\"\u00e9","y":[],"a":null}"#,
                r#"{"x":"\"\u00e9","a":null}"#,
            ),
            (&name, r#"{"\u0061": {"b": 1}}"#, r#"{"a":{"b":1}}"#),
            (&shape(&[&["q\"t"]]), r#"{"q\"t": 1}"#, r#"{"q\"t":1}"#),
            // Not as expected: kept whole.
            (&name, r#"{"a": [1, 2]}"#, r#"{"a":[1, 2]}"#),
            (&name, r#"{"a": "text"}"#, r#"{"a":"text"}"#),
            (&name, "[1]", "[1]"),
            (&items(shape(&[])), r#"{"items": {"a": 1}}"#, r#"{"items":{"a": 1}}"#),
            // Of every element.
            (
                &items(shape(&[&["n"]])),
                r#"{"items": [{"n": 1, "m": 2}, {}, 3]}"#,
                r#"{"items":[{"n":1},{},3]}"#,
            ),
            (&items(shape(&[])), r#"{"items": [{"n": 1}, {}]}"#, r#"{"items":[{},{}]}"#),
            (&items(whole.clone()), r#"{"items": [ {"n": 1} , 2]}"#, r#"{"items":[{"n": 1},2]}"#),
            (&items(shape(&[])), r#"{"items": []}"#, r#"{"items":[]}"#),
        ];
        for (shape, json, kept) in rows {
            assert_eq!(String::from_utf8(shape.keep(json).unwrap()).unwrap(), kept, "{json}");
        }
        for json in [r#"{"a": {"b": }}"#, r#"{"a": 1"#, r#"{"a": 1]"#] {
            assert!(name.keep(json).is_err(), "{json}");
        }
    }

    #[test]
    fn covers_what_reads_no_more() {
        let (all, part) = (shape(&[&["a", "b"], &["c"]]), shape(&[&["a", "b"]]));
        assert!(all.covers(&part) && all.covers(&all) && all.covers(&Shape::default()));
        assert!(!part.covers(&all) && !all.covers(&shape(&[&["a"]])));
    }
}
