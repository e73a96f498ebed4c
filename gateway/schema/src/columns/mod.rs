//! Printer columns: the Table that `kubectl get` shows.
//!
//! Follows apiextensions-apiserver `pkg/registry/customresource/tableconvertor`. Cells are computed once per object
//! version; dates are kept and shown as ages when a Table is written.

mod cell;
mod declaration;
mod failures;
mod finder;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Value, json};
use tributary_expr::Fuel;

pub use cell::Cell;
use cell::Kind;
pub use declaration::ColumnDeclaration;
pub use failures::{ColumnFailure, ColumnFailures};
use finder::Finder;

use crate::field::{Error, Path};
use crate::limits;

/// ObjectMeta's description of `name`, which the first column shows.
const NAME_DESCRIPTION: &str = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

/// ObjectMeta's description of `creationTimestamp`, which the Age column shows.
const AGE_DESCRIPTION: &str = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/// A column as `Table.columnDefinitions` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The header.
    pub name: String,
    /// The `type`.
    pub kind: String,
    /// The format, or empty.
    pub format: String,
    /// Never empty.
    pub description: String,
    /// Above 0: only in `-o wide`.
    pub priority: i32,
}

/// The columns of one version of a resource.
#[derive(Debug, Clone)]
pub struct Columns {
    definitions: Vec<Column>,
    /// What fills the columns after Name.
    sources: Vec<(Kind, Finder)>,
    failures: Arc<ColumnFailures>,
}

impl Columns {
    /// Compiles `additionalPrinterColumns`, found at `at`. Name comes first; without declarations Age follows.
    ///
    /// # Errors
    /// What a CustomResourceDefinition would be refused for, each at its field.
    pub fn parse(declared: &[ColumnDeclaration<'_>], at: &Path) -> Result<Self, Vec<Error>> {
        if declared.is_empty() {
            return Self::parse(&[age_column()], at);
        }
        let limit = i64::try_from(limits::COLUMNS).unwrap_or(i64::MAX);
        if declared.len() > limits::COLUMNS {
            return Err(vec![Error::too_many(at, declared.len(), limit)]);
        }
        let mut errors = Vec::new();
        let mut columns =
            Self { definitions: vec![name_column()], sources: Vec::new(), failures: Arc::default() };
        for (index, declaration) in declared.iter().enumerate() {
            let source = declaration.compile(&at.index(index), &mut errors);
            columns.sources.extend(source);
            columns.definitions.push(declaration.definition());
        }
        if errors.is_empty() { Ok(columns) } else { Err(errors) }
    }

    /// The columns of a Scale (apiextensions, `getScaleColumnsForVersion`).
    ///
    /// # Errors
    /// None: the paths are sound.
    pub fn of_scale() -> Result<Self, Vec<Error>> {
        let number = |name, description, json_path| ColumnDeclaration {
            name,
            kind: "integer",
            description,
            json_path,
            ..ColumnDeclaration::default()
        };
        let declared = [
            number("Desired", "Number of desired replicas", ".spec.replicas"),
            number("Available", "Number of actual replicas", ".status.replicas"),
            age_column(),
        ];
        Self::parse(&declared, &Path::new("scale"))
    }

    /// All columns, Name first.
    pub fn definitions(&self) -> &[Column] {
        &self.definitions
    }

    /// `Table.columnDefinitions`.
    pub fn to_json(&self) -> Value {
        let definition = |column: &Column| {
            json!({
                "name": column.name,
                "type": column.kind,
                "format": column.format,
                "description": column.description,
                "priority": column.priority,
            })
        };
        self.definitions.iter().map(definition).collect()
    }

    /// The row of `object`, one cell for each column.
    pub fn cells(&self, object: &Value) -> Vec<Cell> {
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let mut cells = Vec::with_capacity(self.definitions.len());
        cells.push(Cell::Value(Value::from(name)));
        let mut fuel = Fuel::new(finder::FUEL);
        for (index, (kind, finder)) in self.sources.iter().enumerate() {
            let found = finder.find(object, &mut fuel).unwrap_or_else(|error| {
                self.failures.add(index, error.kind);
                None
            });
            cells.push(found.map_or(Cell::Value(Value::Null), |value| kind.cell(&value)));
        }
        cells
    }

    /// Expressions that failed so far; their cells are empty.
    pub fn failures(&self) -> &ColumnFailures {
        &self.failures
    }
}

fn name_column() -> Column {
    Column {
        name: "Name".to_owned(),
        kind: "string".to_owned(),
        format: "name".to_owned(),
        description: NAME_DESCRIPTION.to_owned(),
        priority: 0,
    }
}

fn age_column() -> ColumnDeclaration<'static> {
    ColumnDeclaration {
        name: "Age",
        kind: "date",
        description: AGE_DESCRIPTION,
        json_path: ".metadata.creationTimestamp",
        ..ColumnDeclaration::default()
    }
}
