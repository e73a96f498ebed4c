//! YAML as JSON's data model: the first document, as go-yaml v2 reads it into a map.

use std::collections::HashMap;

use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, Span, StrInput, options};
use serde_json::{Map, Value};

use super::breaks::{line_of, unified};
use super::content::{Content, Mistake, is, refused};
use super::extent::{Budget, Extent, NODE};
use super::refusal::Undecodable;
use crate::wire::body::Decoded;
use tributary_registry::Duplicates;

/// The most collections within each other: as deep as JSON may be.
const DEPTH_MOST: usize = 128;
/// The most keys that are there twice that are remembered, and the most bytes of one.
const DUPLICATES_MOST: usize = 64;
const DUPLICATE_BYTES: usize = 512;

/// Decodes the first document of a text; none is null. What follows it is not looked at.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Undecodable> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| Undecodable::encoding(bytes, error.valid_up_to()))?;
    if text.contains(is_forbidden) {
        return Err(Undecodable::yaml("control characters are not allowed"));
    }
    let text = unified(text);
    let mut reader = Reader::new(&text);
    let value = reader.document()?;
    match reader.mistake {
        Some((_, why)) => Err(why),
        None => Ok(Decoded { value, duplicates: Duplicates::of_yaml(reader.duplicates) }),
    }
}

/// Whether YAML has no place for a character, not even in quotes.
fn is_forbidden(character: char) -> bool {
    let control = character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}');
    control || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// What was read of a node.
struct Node {
    content: Content,
    extent: Extent,
    /// Where it begins.
    start: Marker,
    /// Whether it is an unquoted `<<`.
    merge: bool,
}

struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Content, Extent)>,
    duplicates: Vec<String>,
    /// What the reference finds first of what is wrong, if the syntax is right to the end.
    mistake: Option<Mistake>,
    budget: Budget,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let options: Options = options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            block_scalar_eof_without_line_feed: true,
            bom_inside_document_as_content: true,
            flow_nesting_limit: DEPTH_MOST,
            block_nesting_limit: DEPTH_MOST,
        };
        Self {
            text,
            parser: Parser::new_from_str_with_options(text, options),
            anchors: HashMap::new(),
            duplicates: Vec::new(),
            mistake: None,
            budget: Budget::default(),
        }
    }

    /// The first document, to its end.
    fn document(&mut self) -> Result<Value, Undecodable> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(Value::Null),
                (event, span) => {
                    let node = self.node(event, &span, 0)?;
                    self.end()?;
                    return Ok(self.json(node.content));
                }
            }
        }
    }

    /// What follows a document's value.
    fn end(&mut self) -> Result<(), Undecodable> {
        match self.parser.next() {
            Some(Err(error)) => Undecodable::at_end(&error, self.text).map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Undecodable> {
        match self.parser.next() {
            Some(next) => next.map_err(|error| Undecodable::syntax(&error, self.text)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Takes note of a mistake, and goes on: there may be one that is found earlier.
    fn note(&mut self, mistake: Mistake) {
        if self.mistake.as_ref().is_none_or(|(step, _)| mistake.0 < *step) {
            self.mistake = Some(mistake);
        }
    }

    fn json(&mut self, content: Content) -> Value {
        content.into_json().unwrap_or_else(|mistake| {
            self.note(mistake);
            Value::Null
        })
    }

    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node, Undecodable> {
        let mut merge = false;
        let (content, extent, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let extent = Extent { size: self.budget.charge(text.len() + NODE)?, height: 0 };
                merge = text == "<<" && (style == ScalarStyle::Plain || is(tag.as_deref(), "merge"));
                let content = Content::scalar(&text, style, tag.as_deref()).unwrap_or_else(|mistake| {
                    self.note(mistake);
                    Content::Json(Value::Null)
                });
                (content, extent, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                let (value, extent) = self.sequence(depth)?;
                (Content::Json(value), extent, anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                let (value, extent) = self.mapping(depth)?;
                (Content::Json(value), extent, anchor)
            }
            Event::Alias(anchor) => {
                let (content, extent) = self.alias(anchor, span)?;
                (content, extent, 0)
            }
            Event::UnresolvedAlias(name) => {
                return Err(Undecodable::yaml(format_args!("unknown anchor '{name}' referenced")));
            }
            _ => return Err(Undecodable::yaml("did not find expected node content")),
        };
        if depth + extent.height > DEPTH_MOST {
            return Err(Undecodable::yaml(format_args!("exceeded max depth of {DEPTH_MOST}")));
        }
        if anchor != 0 {
            self.budget.charge(extent.size)?;
            self.anchors.insert(anchor, (content.clone(), extent));
        }
        Ok(Node { content, extent, start: span.start, merge })
    }

    /// What an anchor stands for.
    fn alias(&mut self, anchor: usize, span: &Span) -> Result<(Content, Extent), Undecodable> {
        let Some(extent) = self.anchors.get(&anchor).map(|(_, extent)| *extent) else {
            let (start, end) = (span.start.index() + 1, span.end.index());
            let name: String = self.text.chars().take(end).skip(start).collect();
            self.note(refused(format_args!("anchor '{name}' value contains itself")));
            return Ok((Content::Json(Value::Null), Extent::default()));
        };
        self.budget.charge(extent.size)?;
        Ok(self.anchors[&anchor].clone())
    }

    fn sequence(&mut self, depth: usize) -> Result<(Value, Extent), Undecodable> {
        let mut items = Vec::new();
        let mut extent = Extent { size: self.budget.charge(NODE)?, height: 1 };
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok((Value::Array(items), extent)),
                (event, span) => {
                    let item = self.node(event, &span, depth + 1)?;
                    extent.hold(item.extent);
                    items.push(self.json(item.content));
                }
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<(Value, Extent), Undecodable> {
        let mut fields = Map::new();
        let mut extent = Extent { size: self.budget.charge(NODE)?, height: 1 };
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok((Value::Object(fields), extent)),
                (event, span) => {
                    self.check_there(&event, &span)?;
                    self.node(event, &span, depth + 1)?
                }
            };
            if let Err(mistake) = key.content.check_key() {
                self.note(mistake);
            }
            let (event, span) = self.next()?;
            let of_field = self.node(event, &span, depth + 1)?;
            extent.hold(key.extent);
            extent.hold(of_field.extent);
            let value = self.json(of_field.content);
            if key.merge {
                self.merge(&mut fields, value, &of_field.start);
                continue;
            }
            match key.content.name(&value) {
                Ok(name) => self.insert(&mut fields, name, value, &of_field.start, &key.content),
                Err(mistake) => self.note(mistake),
            }
        }
    }

    /// A key that is nothing has to be said with a `?`.
    fn check_there(&self, key: &Event<'a>, span: &Span) -> Result<(), Undecodable> {
        let at = span.start.byte_offset().unwrap_or_default();
        let nothing = matches!(key, Event::Scalar(_, ScalarStyle::Plain, 0, None)) && span.is_empty();
        if !nothing || !self.text[at..].trim_start().starts_with(':') {
            return Ok(());
        }
        match self.text[..at].trim_end().chars().next_back() {
            Some('?') => Ok(()),
            before => Err(Undecodable::no_key(
                line_of(&span.start, self.text),
                matches!(before, Some('{' | '[' | ',')),
            )),
        }
    }

    fn insert(
        &mut self,
        fields: &mut Map<String, Value>,
        name: String,
        value: Value,
        start: &Marker,
        key: &Content,
    ) {
        let room = self.duplicates.len() < DUPLICATES_MOST && name.len() <= DUPLICATE_BYTES;
        if room && fields.contains_key(&name) {
            let line = line_of(start, self.text);
            self.duplicates.push(format!("line {line}: key {} already set in map", key.shown()));
        }
        fields.insert(name, value);
    }

    /// `<<`: the fields of a mapping, or of several, of which the first counts most. What is there already is
    /// replaced, as go-yaml does it, and what follows replaces them.
    fn merge(&mut self, fields: &mut Map<String, Value>, from: Value, start: &Marker) {
        let maps = match from {
            Value::Object(_) => vec![from],
            Value::Array(items) => items,
            other => vec![other],
        };
        if !maps.iter().all(Value::is_object) {
            return self.note(refused("map merge requires map or sequence of maps as the value"));
        }
        for map in maps.into_iter().rev() {
            let Value::Object(map) = map else { continue };
            for (name, value) in map {
                let key = Content::Json(Value::from(name.as_str()));
                self.insert(fields, name, value, start, &key);
            }
        }
    }
}
