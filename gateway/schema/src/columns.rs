//! Printer columns: the Table that `kubectl get` shows.
//!
//! Follows apiextensions-apiserver `pkg/registry/customresource/tableconvertor`. Cells are computed once per object
//! version; dates are kept and shown as ages when a Table is written.

use serde_json::{Value, json};

use crate::age::{self, Date};
use crate::field::{Error, Path};
use crate::jsonpath::{self, JsonPath};
use crate::limits;

/// Column types, as Kubernetes' errors list them.
const KINDS: [&str; 5] = ["boolean", "date", "integer", "number", "string"];

/// Column formats, as Kubernetes' errors list them.
const FORMATS: [&str; 8] = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// ObjectMeta's description of `name`, which the first column shows.
const NAME_DESCRIPTION: &str = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

/// ObjectMeta's description of `creationTimestamp`, which the Age column shows.
const AGE_DESCRIPTION: &str = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

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
    /// Where the value is, `.spec.replicas`.
    pub json_path: &'a str,
}

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
    sources: Vec<(Kind, JsonPath)>,
}

/// How a column turns what its path finds into a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Date,
    Integer,
    Number,
    String,
}

/// One cell of a row, as good as computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Shown as it is; null when there is nothing to show.
    Value(Value),
    /// A date in Unix seconds, shown as its age.
    Timestamp(i64),
    /// A date that says nothing: `<unknown>`.
    UnknownDate,
    /// A text that is no date: `<invalid>`.
    InvalidDate,
}

// === impl Columns ===

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
        let mut columns = Self { definitions: vec![name_column()], sources: Vec::new() };
        for (index, declaration) in declared.iter().enumerate() {
            let source = check(declaration, &at.index(index), &mut errors);
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
        cells.extend(self.sources.iter().map(|(kind, path)| kind.cell(path, object)));
        cells
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

/// Checks one declaration; texts are those of `ValidateCustomResourceColumnDefinition`.
fn check(declared: &ColumnDeclaration<'_>, at: &Path, errors: &mut Vec<Error>) -> Option<(Kind, JsonPath)> {
    if declared.name.is_empty() {
        errors.push(Error::required(&at.child("name"), ""));
    }
    let kind = Kind::named(declared.kind);
    let detail = format!("must be one of {}", KINDS.join(","));
    match (declared.kind, kind) {
        ("", _) => errors.push(Error::required(&at.child("type"), detail)),
        (other, None) => errors.push(Error::invalid(&at.child("type"), &Value::from(other), detail)),
        _ => {}
    }
    if !declared.format.is_empty() && !FORMATS.contains(&declared.format) {
        let detail = format!("must be one of {}", FORMATS.join(","));
        errors.push(Error::invalid(&at.child("format"), &Value::from(declared.format), detail));
    }
    match path(declared.json_path, &at.child("jsonPath")) {
        Ok(path) => kind.map(|kind| (kind, path)),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn path(text: &str, at: &Path) -> Result<JsonPath, Error> {
    let invalid = |detail: &str| Error::invalid(at, &Value::from(text), detail);
    match text.chars().next() {
        None => Err(Error::required(at, "")),
        Some('.') => {
            JsonPath::parse(text).map_err(|error| invalid(&format!("must be a JSONPath, but isn't: {error}")))
        }
        Some(_) => Err(invalid("must be a simple json path starting with .")),
    }
}

impl ColumnDeclaration<'_> {
    fn definition(&self) -> Column {
        let description = match self.description {
            "" => format!("Custom resource definition column (in JSONPath format): {}", self.json_path),
            given => given.to_owned(),
        };
        Column {
            name: self.name.to_owned(),
            kind: self.kind.to_owned(),
            format: self.format.to_owned(),
            description,
            priority: self.priority,
        }
    }
}

// === impl Kind ===

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            _ => return None,
        })
    }

    /// Only the first value found counts; a path that fails finds nothing.
    fn cell(self, path: &JsonPath, object: &Value) -> Cell {
        let found = path.find(object).unwrap_or_default();
        let Some(&value) = found.first() else { return Cell::Value(Value::Null) };
        match (self, value) {
            (Self::String, value) => Cell::Value(Value::from(jsonpath::text(value))),
            (Self::Boolean, Value::Bool(value)) => Cell::Value(Value::Bool(*value)),
            (Self::Integer, Value::Number(number)) => {
                // Floats are cut, as Go converts them.
                let integer = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64));
                Cell::Value(integer.map_or(Value::Null, Value::from))
            }
            (Self::Number, Value::Number(number)) => Cell::Value(Value::Number(number.clone())),
            (Self::Date, Value::String(text)) => match age::parse(text) {
                Date::At(seconds) => Cell::Timestamp(seconds),
                Date::Unknown => Cell::UnknownDate,
                Date::Invalid => Cell::InvalidDate,
            },
            _ => Cell::Value(Value::Null),
        }
    }
}

// === impl Cell ===

impl Cell {
    /// The JSON of the cell at `now_unix_seconds`.
    pub fn render(&self, now_unix_seconds: i64) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Timestamp(seconds) => Value::from(age::human(now_unix_seconds.saturating_sub(*seconds))),
            Self::UnknownDate => Value::from("<unknown>"),
            Self::InvalidDate => Value::from("<invalid>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_323_045;

    fn declare<'a>(kind: &'a str, json_path: &'a str) -> ColumnDeclaration<'a> {
        ColumnDeclaration { name: "X", kind, json_path, ..ColumnDeclaration::default() }
    }

    #[test]
    fn cells_show_what_a_crd_shows() {
        let object = json!({
            "metadata": {"name": "one", "creationTimestamp": "2026-01-02T03:00:00Z"},
            "spec": {"count": 3, "share": 1.9, "large": 1e30, "on": true, "list": ["a", {"b": "<"}], "no": null,
                     "text": "hi", "bad": "soon", "zero": "", "items": [{"n": "x"}, {"n": "y"}]},
        });
        let cases = [
            ("string", ".spec.text", json!("hi")),
            ("string", ".spec.count", json!("3")),
            ("string", ".spec.large", json!("1e+30")),
            ("string", ".spec.on", json!("true")),
            ("string", ".spec.list", json!(r#"["a",{"b":"\u003c"}]"#)),
            ("string", ".spec.no", json!("<no value>")),
            ("string", ".spec.absent", json!(null)),
            ("string", ".spec.list[7]", json!(null)),
            ("string", ".spec.items[*].n", json!("x")),
            ("integer", ".spec.count", json!(3)),
            ("integer", ".spec.share", json!(1)),
            ("integer", ".spec.text", json!(null)),
            ("number", ".spec.share", json!(1.9)),
            ("number", ".spec.count", json!(3)),
            ("number", ".spec.on", json!(null)),
            ("boolean", ".spec.on", json!(true)),
            ("boolean", ".spec.text", json!(null)),
            ("date", ".metadata.creationTimestamp", json!("4m5s")),
            ("date", ".spec.bad", json!("<invalid>")),
            ("date", ".spec.zero", json!("<unknown>")),
            ("date", ".spec.count", json!(null)),
            ("date", ".spec.no", json!(null)),
        ];
        for (kind, json_path, expected) in cases {
            let columns = Columns::parse(&[declare(kind, json_path)], &Path::root())
                .unwrap_or_else(|errors| panic!("{json_path}: {errors:?}"));
            let row: Vec<Value> = columns.cells(&object).iter().map(|cell| cell.render(NOW)).collect();
            assert_eq!(row, [json!("one"), expected], "{kind} {json_path}");
        }
    }

    #[test]
    fn name_comes_first_and_age_is_the_default() {
        let columns = Columns::parse(&[], &Path::root()).expect("the default columns");
        let headers: Vec<_> =
            columns.definitions().iter().map(|column| (column.name.as_str(), column.kind.as_str())).collect();
        assert_eq!(headers, [("Name", "string"), ("Age", "date")]);
        assert_eq!(columns.to_json()[0]["format"], "name");
        assert_eq!(columns.to_json()[1]["description"], AGE_DESCRIPTION);
        let object = json!({"metadata": {"name": "n", "creationTimestamp": null}});
        assert_eq!(columns.cells(&object), [Cell::Value(json!("n")), Cell::Value(Value::Null)]);

        let declared =
            ColumnDeclaration { priority: 1, format: "int32", ..declare("integer", ".spec.count") };
        let columns = Columns::parse(&[declared], &Path::root()).expect("one column");
        let expected = json!({"name": "X", "type": "integer", "format": "int32", "priority": 1,
            "description": "Custom resource definition column (in JSONPath format): .spec.count"});
        assert_eq!(columns.to_json()[1], expected);
    }

    #[test]
    fn declarations_are_checked_as_in_a_crd() {
        let named = declare("string", ".a");
        let one_of = "must be one of boolean,date,integer,number,string";
        let cases = [
            (ColumnDeclaration { name: "", ..named }, "c[0].name: Required value".to_owned()),
            (declare("", ".a"), format!("c[0].type: Required value: {one_of}")),
            (declare("object", ".a"), format!("c[0].type: Invalid value: \"object\": {one_of}")),
            (
                ColumnDeclaration { format: "name", ..named },
                "c[0].format: Invalid value: \"name\": must be one of byte,date,date-time,double,float,int32,int64,password".to_owned(),
            ),
            (declare("string", ""), "c[0].jsonPath: Required value".to_owned()),
            (
                declare("string", "spec"),
                "c[0].jsonPath: Invalid value: \"spec\": must be a simple json path starting with .".to_owned(),
            ),
            (
                declare("string", ".a[x]"),
                "c[0].jsonPath: Invalid value: \".a[x]\": must be a JSONPath, but isn't: invalid array index x at position 2".to_owned(),
            ),
        ];
        for (declaration, expected) in cases {
            let errors = Columns::parse(&[declaration], &Path::new("c")).expect_err(&expected);
            let texts: Vec<String> = errors.iter().map(Error::to_string).collect();
            assert_eq!(texts, [expected]);
        }
        let many = vec![named; limits::COLUMNS + 1];
        let errors = Columns::parse(&many, &Path::new("c")).expect_err("too many columns");
        assert_eq!(errors[0].to_string(), "c: Too many: 65: must have at most 64 items");
    }
}
