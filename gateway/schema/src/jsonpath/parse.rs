//! The text of a path.

use serde_json::Value;

use super::{End, Filter, Operand, Operator, Slice, Step};
use crate::limits;

/// What is wrong with a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at position {position}")]
pub struct ParseError {
    /// Client-go's words where it has some.
    pub message: String,
    /// The byte, from 0, that the message is about.
    pub position: usize,
}

/// What may stand inside a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Outermost,
    Filter,
}

/// Parses a whole path.
pub(super) fn path(text: &str) -> Result<Vec<Step>, ParseError> {
    if text.len() > limits::JSONPATH_LENGTH {
        let message = format!("a path may not be longer than {} bytes", limits::JSONPATH_LENGTH);
        return Err(ParseError { message, position: limits::JSONPATH_LENGTH });
    }
    let (inner, start) = braces(text)?;
    let steps = steps(inner, start, Depth::Outermost)?;
    if steps.is_empty() {
        return Err(ParseError { message: "the path is empty".to_owned(), position: start });
    }
    Ok(steps)
}

/// What is within the braces, and where it starts.
fn braces(text: &str) -> Result<(&str, usize), ParseError> {
    match text.strip_prefix('{') {
        None => Ok((text, 0)),
        Some(rest) => match rest.strip_suffix('}') {
            Some(inner) => Ok((inner, 1)),
            None => Err(ParseError { message: "unclosed action".to_owned(), position: 0 }),
        },
    }
}

fn steps(text: &str, start: usize, depth: Depth) -> Result<Vec<Step>, ParseError> {
    let mut parser = Parser { text, start, position: 0, depth, steps: Vec::new() };
    while parser.step()? {}
    Ok(parser.steps)
}

struct Parser<'a> {
    text: &'a str,
    /// Where `text` starts in the whole path.
    start: usize,
    position: usize,
    depth: Depth,
    steps: Vec<Step>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError { message: message.into(), position: self.start + self.position }
    }

    /// Reads one step; false at the end.
    fn step(&mut self) -> Result<bool, ParseError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(false) };
        match first {
            ' ' | '@' | '$' => self.position += 1,
            '[' if rest.starts_with("[?(") => self.filter()?,
            '[' => self.brackets()?,
            '.' if rest.starts_with("..") => self.recursive()?,
            '.' => self.field(1)?,
            '\r' | '\n' => return Err(self.error("unclosed action")),
            '}' => return Err(self.error("more than one expression is not supported")),
            '"' | '\'' | '+' | '-' | '0'..='9' => return Err(self.error("a literal is not a path")),
            _ if first.is_alphanumeric() || first == '_' => {
                let name: String = rest.chars().take_while(|&next| !is_terminator(next)).collect();
                return Err(self.error(format!("unrecognized identifier {name}")));
            }
            _ => return Err(self.error(format!("unrecognized character in action: {first:?}"))),
        }
        Ok(true)
    }

    /// A field after a prefix of `skip` bytes; a backslash takes the next character as it is.
    fn field(&mut self, skip: usize) -> Result<(), ParseError> {
        let mut name = String::new();
        let mut characters = self.rest()[skip..].char_indices();
        let mut length = self.rest().len() - skip;
        while let Some((index, character)) = characters.next() {
            if character == '\\' {
                name.extend(characters.next().map(|(_, escaped)| escaped).filter(|&escaped| escaped != '\\'));
            } else if is_terminator(character) {
                length = index;
                break;
            } else {
                name.push(character);
            }
        }
        if name.is_empty() {
            return Err(self.error("a field has no name"));
        }
        self.position += skip + length;
        self.steps.push(if name == "*" { Step::Wildcard } else { Step::Field(name) });
        Ok(())
    }

    fn recursive(&mut self) -> Result<(), ParseError> {
        if matches!(self.steps.last(), Some(Step::Recursive)) {
            return Err(self.error("invalid multiple recursive descent"));
        }
        let next = self.rest()[2..].chars().next();
        match next {
            Some(next) if next.is_alphanumeric() || next == '_' => {
                self.steps.push(Step::Recursive);
                self.field(2)
            }
            // `...a` is `..` and `.a`.
            Some('.') if !self.rest()[2..].starts_with("..") => {
                self.steps.push(Step::Recursive);
                self.position += 2;
                Ok(())
            }
            Some('.') => {
                self.position += 2;
                Err(self.error("invalid multiple recursive descent"))
            }
            Some('[' | '*') => {
                self.steps.push(Step::Recursive);
                self.position += 2;
                if next == Some('*') { self.field(0) } else { Ok(()) }
            }
            _ => Err(self.error("a recursive descent names no field")),
        }
    }

    /// `['k']`, an index or a slice.
    fn brackets(&mut self) -> Result<(), ParseError> {
        let rest = self.rest();
        let Some(end) = rest.find(']').filter(|&end| !rest[..end].contains('\n')) else {
            return Err(self.error("unterminated array"));
        };
        let inner = &rest[1..end];
        if let Some(key) = inner
            .strip_prefix('\'')
            .and_then(|inner| inner.strip_suffix('\''))
            .filter(|key| !key.contains('\''))
        {
            // As in client-go, a quoted key is read as a field, in which dots need a backslash.
            let dotted = format!(".{key}");
            self.steps.extend(steps(&dotted, self.start + self.position, self.depth)?);
        } else if inner.contains(',') {
            return Err(self.error("a union is not supported by this version"));
        } else {
            let slice = slice(inner).ok_or_else(|| self.error(format!("invalid array index {inner}")))?;
            self.steps.push(Step::Slice(slice));
        }
        self.position += end + 1;
        Ok(())
    }

    fn filter(&mut self) -> Result<(), ParseError> {
        if self.depth == Depth::Filter {
            return Err(self.error("a filter within a filter is not supported"));
        }
        let body = &self.rest()[3..];
        let end = filter_end(body).ok_or_else(|| self.error("unterminated filter"))?;
        if !body[end + 1..].starts_with(']') {
            return Err(self.error("unclosed array expect ]"));
        }
        let filter = self.condition(&body[..end])?;
        self.steps.push(Step::Filter(filter));
        self.position += 3 + end + 2;
        Ok(())
    }

    fn condition(&self, text: &str) -> Result<Filter, ParseError> {
        let start = self.start + self.position + 3;
        let is_sign = |character: char| matches!(character, '!' | '<' | '=' | '>');
        let Some(signs) = text.find(is_sign) else {
            return Ok(Filter::Exists(self.operand_path(text, start)?));
        };
        let right = text[signs..].trim_start_matches(is_sign);
        let sign = &text[signs..text.len() - right.len()];
        let operator =
            operator(sign).ok_or_else(|| self.error(format!("unrecognized filter operator {sign}")))?;
        let left = self.operand(&text[..signs], start)?;
        let right = self.operand(right, start + text.len() - right.len())?;
        Ok(Filter::Compare { left, operator, right })
    }

    fn operand(&self, text: &str, start: usize) -> Result<Operand, ParseError> {
        let text = text.trim_matches(' ');
        match literal(text) {
            Some(literal) => Ok(Operand::Literal(literal)),
            None => self.operand_path(text, start).map(Operand::Path),
        }
    }

    /// A path from the item; `@` alone is the item itself.
    fn operand_path(&self, text: &str, start: usize) -> Result<Vec<Step>, ParseError> {
        if text.trim_matches(' ').is_empty() {
            return Err(self.error("a filter lacks an operand"));
        }
        steps(text, start, Depth::Filter)
    }
}

/// Where a filter's closing parenthesis is: not within its one pair of quotes.
fn filter_end(body: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut previous = '\0';
    for (index, character) in body.char_indices() {
        match (quote, character) {
            (_, '\n') => return None,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if character == open && previous != '\\' => quote = None,
            (None, ')') => return Some(index),
            _ => {}
        }
        previous = character;
    }
    None
}

fn operator(sign: &str) -> Option<Operator> {
    Some(match sign {
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        ">=" => Operator::GreaterOrEqual,
        ">" => Operator::Greater,
        _ => return None,
    })
}

fn literal(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    let number = text.strip_prefix('+').unwrap_or(text);
    if number.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return match number.parse::<i64>() {
            Ok(integer) => Some(Value::from(integer)),
            Err(_) => number.parse::<f64>().ok().map(Value::from),
        };
    }
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    unquote(inner).map(Value::from)
}

/// Go's escapes that have a use in a comparison.
fn unquote(inner: &str) -> Option<String> {
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        out.push(match characters.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            same @ ('\\' | '"' | '\'') => same,
            _ => return None,
        });
    }
    Some(out)
}

fn slice(inner: &str) -> Option<Slice> {
    let inner = if inner == "*" { ":" } else { inner };
    let mut parts = inner.split(':');
    let from = bound(parts.next()?)?;
    let to = parts.next();
    let by = parts.next().map_or(Some(None), bound)?;
    if parts.next().is_some() {
        return None;
    }
    let to = match (to, from) {
        (None, None) => return None,
        (None, Some(index)) => End::Derived(index.checked_add(1)?),
        (Some(text), _) => bound(text)?.map_or(End::Open, End::At),
    };
    Some(Slice { from, to, by })
}

/// An optional number: none when the text is empty, nothing when it is no number.
fn bound(text: &str) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty();
    // Lists have fewer than 2^32 items; sums with their lengths cannot overflow then.
    let value = text.parse::<i64>().ok().filter(|value| value.unsigned_abs() <= u64::from(u32::MAX));
    if number { value.map(Some) } else { None }
}

fn is_terminator(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}
