//! The parser's boundary: source text to a syntax tree of our own. Nothing else knows the `cel` crate.
//!
//! The parser recurses once per term of a chain, however flat it is, and so does the destructor of what it returns.
//! Both run on a thread of their own with a stack that the longest source fits in; its depth is then measured with an
//! explicit stack, before anything of ours recurses over it.

use std::thread;

use cel::Env;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::{ParseError, ParseErrors};

use crate::error::CompileError;
use crate::limits;

/// A node of the source. Macros are calls still.
#[derive(Debug)]
pub(crate) struct Syntax {
    /// Where it is: an offset in bytes.
    pub(crate) at: u32,
    pub(crate) form: Form,
}

#[derive(Debug)]
pub(crate) enum Form {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    Name(String),
    Field {
        operand: Box<Syntax>,
        name: String,
    },
    Call {
        target: Option<Box<Syntax>>,
        name: String,
        arguments: Vec<Syntax>,
    },
    List(Vec<Element>),
    Map(Vec<Entry>),
    /// A message literal, `Name{field: value}`: Kubernetes has no messages that an expression could make.
    Message(String),
}

#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) value: Syntax,
    pub(crate) optional: bool,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Syntax,
    pub(crate) value: Syntax,
    pub(crate) optional: bool,
}

const TOO_DEEP: &str = "expression is nested too deeply";

const SYNTAX_ERROR: &str = "Syntax error:";

/// Parses an expression.
pub(crate) fn parse(source: &str) -> Result<Syntax, CompileError> {
    if source.len() > limits::SOURCE_BYTES {
        let message = format!("expression is longer than {} bytes", limits::SOURCE_BYTES);
        return Err(CompileError::at(source, 0, message));
    }
    let failed = || CompileError::at(source, 0, "expression could not be parsed".to_owned());
    thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(limits::PARSER_STACK_BYTES)
            .spawn_scoped(scope, || parse_here(source))
            .map_err(|_| failed())?
            .join()
            .unwrap_or_else(|_| Err(failed()))
    })
}

fn parse_here(source: &str) -> Result<Syntax, CompileError> {
    // An environment without macros: they are expanded by the checker, which knows what they mean.
    let parser = Env::default().with_optional_support(true).parser();
    let (tree, places) =
        parser.parse_with_source_info(source).map_err(|errors| first_error(source, &errors))?;
    if let Some(at) = too_deep(&tree, &places) {
        return Err(CompileError::at(source, at, TOO_DEEP.to_owned()));
    }
    Lowering { source, places: &places }.syntax(tree)
}

/// The first error, without the drawing that points into the source. What the parser says of the pieces that it made of
/// a wrong source counts only if nothing else is wrong.
fn first_error(source: &str, errors: &ParseErrors) -> CompileError {
    let is_syntax = |error: &&ParseError| error.msg.starts_with(SYNTAX_ERROR);
    let Some(first) = errors.errors.iter().find(is_syntax).or_else(|| errors.errors.first()) else {
        return CompileError::at(source, 0, "expression could not be parsed".to_owned());
    };
    let (line, column) = first.pos;
    let message = first.msg.lines().next().unwrap_or_default();
    let message = match message.strip_prefix(SYNTAX_ERROR) {
        // The parser's own limit on nesting, told in its inner words.
        _ if message.contains("Recursion limit") => TOO_DEEP.to_owned(),
        Some(detail) => format!("syntax error: {}", shortened(detail)),
        None => message.to_owned(),
    };
    CompileError::new(line.max(1) as usize, column.max(1) as usize, message)
}

/// What was found, without all that might have been there instead.
fn shortened(detail: &str) -> String {
    let found = detail.split(" expecting ").next().unwrap_or(detail);
    found
        .trim_start()
        .replace("mismatched input", "unexpected")
        .replace("extraneous input", "unexpected")
        .replace("'<EOF>'", "end")
        .replace("<EOF>", "end")
}

/// Where the tree is deeper than the limit, if it is.
fn too_deep(tree: &IdedExpr, places: &SourceInfo) -> Option<u32> {
    let mut left = vec![(tree, 1)];
    while let Some((node, depth)) = left.pop() {
        if depth > limits::DEPTH {
            return Some(place(node.id, places));
        }
        let mut push = |child| left.push((child, depth + 1));
        match &node.expr {
            Expr::Call(call) => {
                call.target.iter().for_each(|target| push(target));
                call.args.iter().for_each(push);
            }
            Expr::List(list) => list.elements.iter().for_each(push),
            Expr::Map(map) => map.entries.iter().for_each(|entry| entry_parts(&entry.expr, &mut push)),
            Expr::Struct(message) => {
                message.entries.iter().for_each(|entry| entry_parts(&entry.expr, &mut push))
            }
            Expr::Select(select) => push(&select.operand),
            Expr::Comprehension(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
    None
}

fn entry_parts<'a>(entry: &'a EntryExpr, push: &mut impl FnMut(&'a IdedExpr)) {
    match entry {
        EntryExpr::MapEntry(entry) => {
            push(&entry.key);
            push(&entry.value);
        }
        EntryExpr::StructField(field) => push(&field.value),
    }
}

fn place(id: u64, places: &SourceInfo) -> u32 {
    places.offset_for(id).map_or(0, |(start, _)| start)
}

struct Lowering<'a> {
    source: &'a str,
    places: &'a SourceInfo,
}

impl Lowering<'_> {
    fn syntax(&self, node: IdedExpr) -> Result<Syntax, CompileError> {
        let at = place(node.id, self.places);
        let form = match node.expr {
            Expr::Literal(literal) => literal_form(literal),
            Expr::Ident(name) => Form::Name(name.trim_start_matches('.').to_owned()),
            Expr::Select(select) => {
                Form::Field { operand: Box::new(self.syntax(*select.operand)?), name: select.field }
            }
            Expr::Call(call) => Form::Call {
                target: call.target.map(|target| self.syntax(*target).map(Box::new)).transpose()?,
                name: call.func_name.trim_start_matches('.').to_owned(),
                arguments: call.args.into_iter().map(|one| self.syntax(one)).collect::<Result<_, _>>()?,
            },
            Expr::List(list) => {
                let optional = list.optional_indices;
                let elements = list.elements.into_iter().enumerate().map(|(index, element)| {
                    Ok(Element { value: self.syntax(element)?, optional: optional.contains(&index) })
                });
                Form::List(elements.collect::<Result<_, _>>()?)
            }
            Expr::Map(map) => {
                let mut entries = Vec::with_capacity(map.entries.len());
                for entry in map.entries {
                    let EntryExpr::MapEntry(entry) = entry.expr else { continue };
                    entries.push(Entry {
                        key: self.syntax(entry.key)?,
                        value: self.syntax(entry.value)?,
                        optional: entry.optional,
                    });
                }
                Form::Map(entries)
            }
            Expr::Struct(message) => Form::Message(message.type_name),
            Expr::Comprehension(_) | Expr::Unspecified => {
                return Err(CompileError::at(self.source, at, "expression could not be parsed".to_owned()));
            }
        };
        Ok(Syntax { at, form })
    }
}

fn literal_form(literal: LiteralValue) -> Form {
    match literal {
        LiteralValue::Boolean(value) => Form::Bool(*value.inner()),
        LiteralValue::Bytes(value) => Form::Bytes(value.inner().to_vec()),
        LiteralValue::Double(value) => Form::Double(*value.inner()),
        LiteralValue::Int(value) => Form::Int(*value.inner()),
        LiteralValue::Null => Form::Null,
        LiteralValue::String(value) => Form::String(value.inner().to_owned()),
        LiteralValue::UInt(value) => Form::Uint(*value.inner()),
    }
}

/// The operators' names, as the parser and Kubernetes' declarations write them.
pub(crate) mod operator {
    pub(crate) use super::operators::{
        ADD, CONDITIONAL, DIVIDE, EQUALS, GREATER, GREATER_EQUALS, IN, INDEX, LESS, LESS_EQUALS, LOGICAL_AND,
        LOGICAL_NOT, LOGICAL_OR, MODULO, MULTIPLY, NEGATE, NOT_EQUALS, OPT_INDEX, OPT_SELECT, SUBSTRACT,
    };
}
