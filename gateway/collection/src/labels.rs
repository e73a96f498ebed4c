//! Label selectors, as apimachinery's `labels` package reads them.

use std::collections::BTreeSet;

use serde_json::Value;
use tributary_schema::field::{Error, Path};
use tributary_schema::names;

use crate::label_set::LabelSet;

/// Requirements that all must hold: `app in (a,b),tier!=cache,!legacy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<LabelRequirement>);

/// The most requirements of a selector: more serve no one but those who want the server to have them.
const REQUIREMENTS_MOST: usize = 1000;

/// One requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRequirement {
    /// The label's key.
    pub key: String,
    /// How its value is compared.
    pub operator: LabelOperator,
    /// With what; sorted, each once. Empty for `Exists` and `DoesNotExist`.
    pub values: Vec<String>,
}

/// The operators; `=` and `==` are `In` with one value, `!=` is `NotIn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelOperator {
    /// The label is there and has one of the values.
    In,
    /// The label is not there, or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
    /// The label is an integer greater than the value.
    GreaterThan,
    /// The label is an integer less than the value.
    LessThan,
}

/// A selector that cannot be read; the text is apimachinery's.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct LabelSelectorError(String);

// === impl LabelSelector ===

impl LabelSelector {
    /// Parses a selector; the empty text selects everything.
    pub fn parse(text: &str) -> Result<Self, LabelSelectorError> {
        let mut parser = Parser { tokens: scan(text), position: 0 };
        let mut requirements = parser.selector().map_err(LabelSelectorError)?;
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Self(requirements))
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The requirements, by key.
    pub fn requirements(&self) -> &[LabelRequirement] {
        &self.0
    }

    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: &LabelSet) -> bool {
        self.0.iter().all(|requirement| requirement.matches(labels.get(&requirement.key)))
    }
}

// === impl LabelRequirement ===

impl LabelRequirement {
    fn matches(&self, value: Option<&str>) -> bool {
        let among = |value| self.values.iter().any(|candidate| candidate == value);
        match self.operator {
            LabelOperator::In => value.is_some_and(among),
            LabelOperator::NotIn => !value.is_some_and(among),
            LabelOperator::Exists => value.is_some(),
            LabelOperator::DoesNotExist => value.is_none(),
            LabelOperator::GreaterThan => self.compare(value).is_some_and(|(label, bound)| label > bound),
            LabelOperator::LessThan => self.compare(value).is_some_and(|(label, bound)| label < bound),
        }
    }

    fn compare(&self, value: Option<&str>) -> Option<(i64, i64)> {
        Some((value?.parse().ok()?, self.values.first()?.parse().ok()?))
    }

    /// The rules of apimachinery's `NewRequirement`.
    fn validated(self) -> Result<Self, String> {
        let mut wrong = Vec::new();
        for text in [names::qualified_name(&self.key)].iter().filter(|texts| !texts.is_empty()) {
            wrong.push(format!("key: Invalid value: {:?}: {}", self.key, text.join("; ")));
        }
        if matches!(self.operator, LabelOperator::GreaterThan | LabelOperator::LessThan) {
            for value in self.values.iter().filter(|value| value.parse::<i64>().is_err()) {
                let text = "for 'Gt', 'Lt' operators, the value must be an integer";
                wrong.push(invalid("values[0]", value, text));
            }
        }
        for (index, value) in self.values.iter().enumerate() {
            let texts = names::label_value(value);
            if !texts.is_empty() {
                let path = format!("values[{index}][{}]", self.key);
                wrong.push(invalid(&path, value, &texts.join("; ")));
            }
        }
        match wrong.len() {
            0 => Ok(self),
            1 => Err(wrong.remove(0)),
            _ => Err(format!("[{}]", wrong.join(", "))),
        }
    }
}

fn invalid(path: &str, value: &str, detail: &str) -> String {
    Error::invalid(&Path::new(path), &Value::from(value), detail).to_string()
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    End,
    Comma,
    Open,
    Close,
    Not,
    Operator(&'static str),
    /// An identifier; `in` and `notin` are keywords only where an operator is expected.
    Identifier,
}

/// Every token with its text; the last is `End`. As in apimachinery's lexer a NUL ends the text, but right after a token
/// it ends that token only.
fn scan(text: &str) -> Vec<(Token, String)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_space);
        let Some(first) = rest.chars().next().filter(|&first| first != '\0') else { break };
        let length = if is_special(first) { special_length(rest) } else { identifier_length(rest) };
        let (literal, after) = rest.split_at(length);
        tokens.push((token(literal), literal.to_owned()));
        rest = after.strip_prefix('\0').unwrap_or(after);
    }
    tokens.push((Token::End, String::new()));
    tokens
}

/// Not every white space of ASCII: a form feed is part of an identifier, which is then refused.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_special(character: char) -> bool {
    "=!(),><".contains(character)
}

fn special_length(text: &str) -> usize {
    if text.starts_with("==") || text.starts_with("!=") { 2 } else { 1 }
}

fn identifier_length(text: &str) -> usize {
    text.find(|character: char| is_special(character) || is_space(character) || character == '\0')
        .unwrap_or(text.len())
}

fn token(literal: &str) -> Token {
    match literal {
        "," => Token::Comma,
        "(" => Token::Open,
        ")" => Token::Close,
        "!" => Token::Not,
        "=" => Token::Operator("="),
        "==" => Token::Operator("=="),
        "!=" => Token::Operator("!="),
        ">" => Token::Operator("gt"),
        "<" => Token::Operator("lt"),
        _ => Token::Identifier,
    }
}

struct Parser {
    tokens: Vec<(Token, String)>,
    position: usize,
}

impl Parser {
    fn peek(&self) -> &(Token, String) {
        // The last token is `End`; it is never passed.
        &self.tokens[self.position.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> (Token, String) {
        let token = self.peek().clone();
        self.position += 1;
        token
    }

    fn selector(&mut self) -> Result<Vec<LabelRequirement>, String> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                (Token::End, _) => return Ok(requirements),
                (Token::Identifier | Token::Not, _) => {}
                (_, literal) => {
                    return Err(format!("found '{literal}', expected: !, identifier, or 'end of string'"));
                }
            }
            let requirement =
                self.requirement().map_err(|error| format!("unable to parse requirement: {error}"))?;
            requirements.push(requirement);
            if requirements.len() > REQUIREMENTS_MOST {
                return Err(format!("a selector has at most {REQUIREMENTS_MOST} requirements"));
            }
            match self.next() {
                (Token::End, _) => return Ok(requirements),
                (Token::Comma, _) => self.expect_requirement()?,
                (_, literal) => return Err(format!("found '{literal}', expected: ',' or 'end of string'")),
            }
        }
    }

    /// A comma is followed by another requirement.
    fn expect_requirement(&self) -> Result<(), String> {
        match self.peek() {
            (Token::Identifier | Token::Not, _) => Ok(()),
            (_, literal) => Err(format!("found '{literal}', expected: identifier after ','")),
        }
    }

    fn requirement(&mut self) -> Result<LabelRequirement, String> {
        let (first, literal) = self.next();
        let negated = first == Token::Not;
        let (kind, key) = if negated { self.next() } else { (first, literal) };
        if kind != Token::Identifier {
            return Err(format!("found '{key}', expected: identifier"));
        }
        let wrong = names::qualified_name(&key);
        if !wrong.is_empty() {
            return Err(Error::invalid(&Path::root(), &Value::from(key), wrong.join("; ")).to_string());
        }
        if negated {
            return Ok(LabelRequirement { key, operator: LabelOperator::DoesNotExist, values: Vec::new() });
        }
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Ok(LabelRequirement { key, operator: LabelOperator::Exists, values: Vec::new() });
        }
        let (operator, values) = self.comparison()?;
        LabelRequirement { key, operator, values }.validated()
    }

    fn comparison(&mut self) -> Result<(LabelOperator, Vec<String>), String> {
        let (token, literal) = self.next();
        match (token, literal.as_str()) {
            (Token::Operator("=" | "=="), _) => Ok((LabelOperator::In, self.value()?)),
            (Token::Operator("!="), _) => Ok((LabelOperator::NotIn, self.value()?)),
            (Token::Operator("gt"), _) => Ok((LabelOperator::GreaterThan, self.value()?)),
            (Token::Operator(_), _) => Ok((LabelOperator::LessThan, self.value()?)),
            (Token::Identifier, "in") => Ok((LabelOperator::In, self.values()?)),
            (Token::Identifier, "notin") => Ok((LabelOperator::NotIn, self.values()?)),
            _ => Err(format!("found '{literal}', expected: in, notin, =, ==, !=, gt, lt")),
        }
    }

    /// One value; nothing before a comma or the end is the empty value.
    fn value(&mut self) -> Result<Vec<String>, String> {
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Ok(vec![String::new()]);
        }
        match self.next() {
            (Token::Identifier, literal) => Ok(vec![literal]),
            (_, literal) => Err(format!("found '{literal}', expected: identifier")),
        }
    }

    /// `(a,b)`; an empty place between parentheses and commas is the empty value.
    fn values(&mut self) -> Result<Vec<String>, String> {
        let (token, literal) = self.next();
        if token != Token::Open {
            return Err(format!("found '{literal}' expected: '('"));
        }
        match self.peek() {
            (Token::Identifier | Token::Comma | Token::Close, _) => {}
            (_, literal) => return Err(format!("found '{literal}', expected: ',', ')' or identifier")),
        }
        let mut values = BTreeSet::new();
        loop {
            match self.next() {
                (Token::Identifier, literal) => {
                    values.insert(literal);
                    match self.next() {
                        (Token::Comma, _) if self.peek().0 == Token::Identifier => {}
                        (Token::Comma, _) => {
                            values.insert(String::new());
                        }
                        (Token::Close, _) => break,
                        (_, literal) => return Err(format!("found '{literal}', expected: ',' or ')'")),
                    }
                }
                (Token::Comma, _) => {
                    values.insert(String::new());
                }
                (Token::Close, _) => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    break;
                }
                (_, literal) => return Err(format!("found '{literal}', expected: ',', or identifier")),
            }
        }
        Ok(values.into_iter().collect())
    }
}

#[cfg(test)]
#[path = "labels_tests.rs"]
mod tests;
