//! YAML as JSON's data model: the first document, as go-yaml v2 reads it into a map.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput, Tag, options};
use serde_json::{Map, Number, Value};

use super::number::float_32;
use super::resolve::{Plain, is_timestamp, resolve};
use crate::wire::body::{Decoded, INTEGERS_MOST};
use tributary_registry::Duplicates;

/// The most collections within each other: as deep as JSON may be.
const DEPTH_MOST: usize = 128;
/// The most that a document may come to: what its text has, as JSON, and what anchors and aliases copy of it. A
/// body has 3 MiB at the most, and so would all of it as JSON.
const SIZE_MOST: usize = 6 << 20;
/// What a node counts beside its text, in bytes.
const NODE: usize = 4;
/// The most keys that are there twice that are remembered, and the most bytes of one.
const DUPLICATES_MOST: usize = 64;
const DUPLICATE_BYTES: usize = 512;

const CORE: &str = "tag:yaml.org,2002:";

/// Why a text is no YAML that has a JSON form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undecodable(String);

impl fmt::Display for Undecodable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<ScanError> for Undecodable {
    fn from(error: ScanError) -> Self {
        Self(format!("yaml: line {}: {}", error.marker().line(), error.info()))
    }
}

fn refused<T>(why: impl fmt::Display) -> Result<T, Undecodable> {
    Err(Undecodable(format!("yaml: {why}")))
}

/// Decodes the first document of a text; none is null. What follows it is not looked at.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Undecodable> {
    let Ok(text) = std::str::from_utf8(bytes) else { return refused("invalid UTF-8") };
    let mut reader = Reader::new(text);
    let mut value = Value::Null;
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => break,
            (event, span) => {
                value = reader.node(event, &span, 0)?.value;
                break;
            }
        }
    }
    Ok(Decoded { value, duplicates: Duplicates::of_yaml(reader.duplicates) })
}

/// What was read of a node.
struct Node {
    value: Value,
    extent: Extent,
    /// Where it begins, from 1.
    line: usize,
    /// Whether it is an unquoted `<<`.
    merge: bool,
    /// The float that it is, which JSON cannot tell from an integer.
    float: Option<f64>,
}

/// How large a node is with all that is in it.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Bytes that it comes to.
    size: usize,
    /// Collections within each other.
    height: usize,
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Value, Extent)>,
    duplicates: Vec<String>,
    /// Bytes that may still come.
    left: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let options: Options = options! {
            emit_comments: false,
            block_scalar_eof_without_line_feed: true,
            bom_inside_document_as_content: true,
            flow_nesting_limit: DEPTH_MOST,
            block_nesting_limit: DEPTH_MOST,
        };
        Self {
            parser: Parser::new_from_str_with_options(text, options),
            anchors: HashMap::new(),
            duplicates: Vec::new(),
            left: SIZE_MOST,
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Undecodable> {
        match self.parser.next() {
            Some(next) => Ok(next?),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn charge(&mut self, size: usize) -> Result<usize, Undecodable> {
        match self.left.checked_sub(size) {
            Some(left) => {
                self.left = left;
                Ok(size)
            }
            None => refused("document contains excessive aliasing"),
        }
    }

    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node, Undecodable> {
        let mut float = None;
        let (value, extent, anchor, merge) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let extent = Extent { size: self.charge(text.len() + NODE)?, height: 0 };
                let merge = text == "<<" && (style == ScalarStyle::Plain || is(tag.as_deref(), "merge"));
                if let (ScalarStyle::Plain, None, Plain::Float(found)) = (style, &tag, resolve(&text)) {
                    float = Some(found);
                }
                (scalar(&text, style, tag.as_deref())?, extent, anchor, merge)
            }
            Event::SequenceStart(_, anchor, _) => {
                let (value, extent) = self.sequence(depth)?;
                (value, extent, anchor, false)
            }
            Event::MappingStart(_, anchor, _) => {
                let (value, extent) = self.mapping(depth)?;
                (value, extent, anchor, false)
            }
            Event::Alias(anchor) => {
                let Some((_, extent)) = self.anchors.get(&anchor) else {
                    return refused("anchor value contains itself");
                };
                let extent = *extent;
                self.charge(extent.size)?;
                (self.anchors[&anchor].0.clone(), extent, 0, false)
            }
            _ => return refused("did not find expected node content"),
        };
        if depth + extent.height > DEPTH_MOST {
            return refused(format!("exceeded max depth of {DEPTH_MOST}"));
        }
        if anchor != 0 {
            self.charge(extent.size)?;
            self.anchors.insert(anchor, (value.clone(), extent));
        }
        Ok(Node { value, extent, line: span.start.line(), merge, float })
    }

    fn sequence(&mut self, depth: usize) -> Result<(Value, Extent), Undecodable> {
        let mut items = Vec::new();
        let mut extent = Extent { size: self.charge(NODE)?, height: 1 };
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok((Value::Array(items), extent)),
                (event, span) => {
                    let item = self.node(event, &span, depth + 1)?;
                    extent.hold(item.extent);
                    items.push(item.value);
                }
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<(Value, Extent), Undecodable> {
        let mut fields = Map::new();
        let mut extent = Extent { size: self.charge(NODE)?, height: 1 };
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok((Value::Object(fields), extent)),
                (event, span) => self.node(event, &span, depth + 1)?,
            };
            let (event, span) = self.next()?;
            let of_field = self.node(event, &span, depth + 1)?;
            extent.hold(key.extent);
            extent.hold(of_field.extent);
            if key.merge {
                self.merge(&mut fields, of_field.value, of_field.line)?;
                continue;
            }
            let name = match key.float {
                Some(float) => float_32(float),
                None => name(&key.value)?,
            };
            self.insert(&mut fields, name, of_field.value, of_field.line, &key.value);
        }
    }

    fn insert(
        &mut self,
        fields: &mut Map<String, Value>,
        name: String,
        value: Value,
        line: usize,
        key: &Value,
    ) {
        let room = self.duplicates.len() < DUPLICATES_MOST && name.len() <= DUPLICATE_BYTES;
        if room && fields.contains_key(&name) {
            self.duplicates.push(format!("line {line}: key {key} already set in map"));
        }
        fields.insert(name, value);
    }

    /// `<<`: the fields of a mapping, or of several, of which the first counts most. What is there already is
    /// replaced, as go-yaml does it, and what follows replaces them.
    fn merge(
        &mut self,
        fields: &mut Map<String, Value>,
        from: Value,
        line: usize,
    ) -> Result<(), Undecodable> {
        let maps = match from {
            Value::Object(_) => vec![from],
            Value::Array(items) => items,
            other => vec![other],
        };
        if !maps.iter().all(Value::is_object) {
            return refused("map merge requires map or sequence of maps as the value");
        }
        for map in maps.into_iter().rev() {
            let Value::Object(map) = map else { continue };
            for (name, value) in map {
                let key = Value::from(name.as_str());
                self.insert(fields, name, value, line, &key);
            }
        }
        Ok(())
    }
}

impl Extent {
    /// The same with one more node in it.
    fn hold(&mut self, node: Self) {
        self.size += node.size;
        self.height = self.height.max(node.height + 1);
    }
}

fn is(tag: Option<&Tag>, kind: &str) -> bool {
    tag.is_some_and(|tag| tag.suffix_in_namespace(CORE).is_some_and(|suffix| suffix == kind))
}

/// A scalar by its tag, or by what it looks like.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Undecodable> {
    let Some(tag) = tag else {
        return match style {
            ScalarStyle::Plain => json(resolve(text), text),
            _ => Ok(Value::from(text)),
        };
    };
    let kind = tag.suffix_in_namespace(CORE);
    match (kind.as_deref(), resolve(text)) {
        (Some("null"), plain @ Plain::Null)
        | (Some("bool"), plain @ Plain::Bool(_))
        | (Some("int"), plain @ (Plain::Integer(_) | Plain::Natural(_)))
        | (Some("float"), plain @ Plain::Float(_)) => json(plain, text),
        (Some("float"), Plain::Integer(integer)) => json(Plain::Float(integer as f64), text),
        (Some("timestamp"), _) if is_timestamp(text) => Ok(Value::from(text)),
        (Some("binary"), _) => match STANDARD.decode(text.replace(['\n', '\r'], "")) {
            Ok(bytes) => Ok(Value::from(String::from_utf8_lossy(&bytes))),
            Err(_) => refused("!!binary value contains invalid base64 data"),
        },
        (Some(kind @ ("null" | "bool" | "int" | "float" | "timestamp")), found) => {
            refused(format!("cannot decode !!{} `{text}` as a !!{kind}", short(found)))
        }
        _ => Ok(Value::from(text)),
    }
}

fn short(plain: Plain) -> &'static str {
    match plain {
        Plain::Null => "null",
        Plain::Bool(_) => "bool",
        Plain::Integer(_) | Plain::Natural(_) => "int",
        Plain::Float(_) => "float",
        Plain::Timestamp => "timestamp",
        Plain::Text => "str",
    }
}

fn json(plain: Plain, text: &str) -> Result<Value, Undecodable> {
    Ok(match plain {
        Plain::Null => Value::Null,
        Plain::Bool(value) => Value::Bool(value),
        Plain::Integer(value) => Value::from(value),
        Plain::Natural(value) => Value::from(value),
        // As JSON, a float without a fraction is an integer.
        Plain::Float(value) if value.fract() == 0.0 && value.abs() < INTEGERS_MOST => {
            Value::from(value as i64)
        }
        Plain::Float(value) => match Number::from_f64(value) {
            Some(number) => Value::Number(number),
            None => return Err(Undecodable(format!("json: unsupported value: {text}"))),
        },
        Plain::Timestamp | Plain::Text => Value::from(text),
    })
}

/// The name that a key becomes: JSON has only texts there.
fn name(key: &Value) -> Result<String, Undecodable> {
    match key {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Err(Undecodable("unsupported map key of type: null".to_owned())),
        Value::Array(_) | Value::Object(_) => refused("invalid map key"),
    }
}
