//! JSON as YAML, byte for byte as sigs.k8s.io/yaml writes it: block style, sorted keys, lines folded at 80 columns.

use serde_json::{Map, Value};

use super::number::float_text;
use super::order;
use super::scalar::{Style, has_breaks, is_break, is_printable, style};

/// Spaces from a mapping to what is in it.
const STEP: usize = 2;
/// The column after which a line is folded at the next space.
const WIDTH: usize = 80;
/// The most bytes of a key that is written without `?`.
const SIMPLE_KEY_MOST: usize = 128;

/// A document.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.node(value, Place::default());
    writer.line();
    writer.out.into_bytes()
}

/// Appends an item of a sequence at the margin, such as one of a list's.
pub(crate) fn encode_item(frame: &mut Vec<u8>, value: &Value) {
    let mut writer = Writer::default();
    writer.item(value, 0);
    writer.line();
    frame.extend_from_slice(writer.out.as_bytes());
}

/// Where a node stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The indentation of the collection around it; None: it is the root.
    indent: Option<usize>,
    /// It is a mapping's key or value.
    mapping: bool,
}

struct Writer {
    out: String,
    /// Characters of the current line.
    column: usize,
    /// The last thing written needs no space after it.
    whitespace: bool,
    /// The line has nothing but indentation and indicators such as `-` so far.
    indention: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self { out: String::new(), column: 0, whitespace: true, indention: true }
    }
}

impl Writer {
    fn node(&mut self, value: &Value, place: Place) {
        let within = place.indent.map_or(STEP, |indent| indent + STEP);
        match value {
            Value::Null => self.word("null"),
            Value::Bool(value) => self.word(if *value { "true" } else { "false" }),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) => self.word(&float_text(float)),
                None => self.word(&number.to_string()),
            },
            Value::String(text) => self.text(text, within, false),
            Value::Array(items) if items.is_empty() => self.word("[]"),
            Value::Object(fields) if fields.is_empty() => self.word("{}"),
            Value::Array(items) => {
                // A list that is a field's value stands below the field's name, not to the right of it.
                let beside = place.mapping && !self.indention;
                let indent = if beside { place.indent.unwrap_or(0) } else { self.inner(place) };
                items.iter().for_each(|item| self.item(item, indent));
            }
            Value::Object(fields) => self.mapping(fields, self.inner(place)),
        }
    }

    fn inner(&self, place: Place) -> usize {
        place.indent.map_or(0, |indent| indent + STEP)
    }

    fn item(&mut self, value: &Value, indent: usize) {
        self.indent(indent);
        self.indicator("-", true);
        self.node(value, Place { indent: Some(indent), mapping: false });
    }

    fn mapping(&mut self, fields: &Map<String, Value>, indent: usize) {
        let fields = order::sort(fields.iter().map(|(key, value)| (key.as_str(), value)).collect());
        let place = Place { indent: Some(indent), mapping: true };
        for (key, value) in fields {
            self.indent(indent);
            let simple = key.len() <= SIMPLE_KEY_MOST && !has_breaks(key);
            if simple {
                self.text(key, indent + STEP, true);
                self.out.push(':');
                self.column += 1;
                (self.whitespace, self.indention) = (false, false);
            } else {
                self.indicator("?", true);
                self.text(key, indent + STEP, false);
                self.indent(indent);
                self.indicator(":", true);
            }
            self.node(value, place);
        }
    }

    /// Begins a line with so many spaces; where the line has only indicators, goes on to that column.
    fn indent(&mut self, indent: usize) {
        let here = self.indention && (self.column < indent || (self.column == indent && self.whitespace));
        if !here {
            self.line();
        }
        while self.column < indent {
            self.put(' ');
        }
        (self.whitespace, self.indention) = (true, true);
    }

    /// Ends the line, if it has anything.
    fn line(&mut self) {
        if self.column > 0 {
            self.line_break('\n');
        }
    }

    fn line_break(&mut self, character: char) {
        self.out.push(character);
        self.column = 0;
    }

    fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn space(&mut self) {
        if !self.whitespace {
            self.put(' ');
        }
    }

    fn indicator(&mut self, indicator: &str, indention: bool) {
        self.space();
        indicator.chars().for_each(|character| self.put(character));
        (self.whitespace, self.indention) = (false, self.indention && indention);
    }

    fn word(&mut self, word: &str) {
        self.indicator(word, false);
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        let style = style(text);
        match style {
            Style::Plain => {
                self.space();
                self.folded(text, indent, key, Style::Plain);
            }
            Style::Single => {
                self.indicator("'", false);
                self.folded(text, indent, key, Style::Single);
                self.put('\'');
            }
            Style::Double => self.double_quoted(text, indent, key),
            Style::Literal => self.literal(text, indent),
        }
        if style != Style::Literal {
            (self.whitespace, self.indention) = (false, false);
        }
    }

    /// Plain and single-quoted text: a long line is folded at a space that stands alone.
    fn folded(&mut self, text: &str, indent: usize, key: bool, style: Style) {
        let mut spaces = false;
        let mut breaks = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if character == ' ' {
                let inside = style == Style::Plain || (at > 0 && next.is_some());
                if !key && !spaces && self.column > WIDTH && inside && next != Some(' ') {
                    self.indent(indent);
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else if is_break(character) {
                if !breaks && character == '\n' {
                    self.line_break('\n');
                }
                self.line_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.indent(indent);
                }
                if character == '\'' && style == Style::Single {
                    self.put('\'');
                }
                self.put(character);
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, key: bool) {
        self.indicator("\"", false);
        let mut spaces = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
                self.escape(character);
                spaces = false;
            } else if character == ' ' {
                if !key && !spaces && self.column > WIDTH && at > 0 && next.is_some() {
                    self.indent(indent);
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(character);
                spaces = false;
            }
        }
        self.put('"');
    }

    fn escape(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => '\0',
        };
        let code = u32::from(character);
        let escaped = match (short, code) {
            ('\0', 0..=0xff) => format!("\\x{code:02X}"),
            ('\0', 0x100..=0xffff) => format!("\\u{code:04X}"),
            ('\0', _) => format!("\\U{code:08X}"),
            (short, _) => format!("\\{short}"),
        };
        escaped.chars().for_each(|character| self.put(character));
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.indicator("|", false);
        if text.starts_with(|first: char| first == ' ' || is_break(first)) {
            self.put(char::from(b'0' + STEP as u8));
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next().is_none_or(is_break)) {
            (false, _) => self.put('-'),
            (true, true) => self.put('+'),
            (true, false) => {}
        }
        self.line_break('\n');
        (self.whitespace, self.indention) = (true, true);
        let mut breaks = true;
        for character in text.chars() {
            if is_break(character) {
                self.line_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.indent(indent);
                }
                self.put(character);
                self.indention = false;
                breaks = false;
            }
        }
    }
}
