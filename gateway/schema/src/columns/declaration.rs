//! A column as it is declared.

use serde_json::Value;

use super::Column;
use super::cell::Kind;
use super::finder::Finder;
use crate::field::{Error, Path};

/// Column types, as Kubernetes' errors list them.
const KINDS: [&str; 5] = ["boolean", "date", "integer", "number", "string"];

/// Column formats, as Kubernetes' errors list them.
const FORMATS: [&str; 8] = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// One of `additionalPrinterColumns`; empty strings are absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ColumnDeclaration<'a> {
    /// The header.
    pub name: &'a str,
    /// `type`: boolean, date, integer, number or string.
    pub kind: &'a str,
    /// An OpenAPI format, which clients may use.
    pub format: &'a str,
    /// Help for the reader of a Table.
    pub description: &'a str,
    /// Above 0: only in `-o wide`.
    pub priority: i32,
    /// Where the value is, `.spec.replicas`; or an expression is set.
    pub json_path: &'a str,
    /// What the value is, CEL over `object`.
    pub expression: Option<&'a str>,
}

impl ColumnDeclaration<'_> {
    /// The column as Tables describe it.
    pub(super) fn definition(&self) -> Column {
        let description = match (self.description, self.expression) {
            ("", None) => {
                format!("Custom resource definition column (in JSONPath format): {}", self.json_path)
            }
            ("", Some(expression)) => format!("Column of the expression: {expression}"),
            (given, _) => given.to_owned(),
        };
        Column {
            name: self.name.to_owned(),
            kind: self.kind.to_owned(),
            format: self.format.to_owned(),
            description,
            priority: self.priority,
        }
    }

    /// Checks the declaration at `at`; texts are those of `ValidateCustomResourceColumnDefinition`.
    pub(super) fn compile(&self, at: &Path, errors: &mut Vec<Error>) -> Option<(Kind, Finder)> {
        if self.name.is_empty() {
            errors.push(Error::required(&at.child("name"), ""));
        }
        let kind = Kind::named(self.kind);
        let detail = format!("must be one of {}", KINDS.join(","));
        match (self.kind, kind) {
            ("", _) => errors.push(Error::required(&at.child("type"), detail)),
            (other, None) => errors.push(Error::invalid(&at.child("type"), &Value::from(other), detail)),
            _ => {}
        }
        if !self.format.is_empty() && !FORMATS.contains(&self.format) {
            let detail = format!("must be one of {}", FORMATS.join(","));
            errors.push(Error::invalid(&at.child("format"), &Value::from(self.format), detail));
        }
        let finder = match self.expression {
            None => Finder::path(self.json_path, &at.child("jsonPath")),
            Some(expression) => Finder::expression(expression, &at.child("expression")),
        };
        match finder {
            Ok(finder) => kind.map(|kind| (kind, finder)),
            Err(error) => {
                errors.push(error);
                None
            }
        }
    }
}
