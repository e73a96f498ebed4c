//! A version of a resource: its schema, its columns, its warning.

use serde_json::{Value, json};
use tributary_crds::{PrinterColumn, ResourceVersion};
use tributary_schema::Structural;
use tributary_schema::columns::{ColumnDeclaration, Columns};
use tributary_schema::field::{Error, Path};
use tributary_schema::names;

use crate::names::complaint;
use crate::{limits, subresource};

/// Checks the versions of a resource declared at `at` as a whole, and finds the one in which objects are kept.
pub(crate) fn storage<'a>(
    declared: &'a tributary_crds::Resource,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Option<&'a ResourceVersion> {
    let versions = &declared.versions;
    if versions.len() > limits::VERSIONS {
        errors.push(Error::too_many(at, versions.len(), limits::VERSIONS as i64));
    }
    check_names(versions, at, errors);
    // The only version needs not say so.
    let default = versions.len() == 1;
    let mut marked = versions.iter().filter(|version| version.storage.unwrap_or(default));
    match (versions.first(), marked.next(), marked.next()) {
        (None, _, _) => errors.push(Error::required(at, "must have at least one version")),
        (_, Some(storage), None) => return Some(storage),
        _ => {
            let names: Vec<_> = versions.iter().map(|version| version.name.as_str()).collect();
            let detail = "must have exactly one version marked as storage version";
            errors.push(Error::invalid(at, &json!(names), detail));
        }
    }
    None
}

fn check_names(versions: &[ResourceVersion], at: &Path, errors: &mut Vec<Error>) {
    for (index, version) in versions.iter().enumerate() {
        let name = at.index(index).child("name");
        let value = Value::from(version.name.as_str());
        if versions[..index].iter().any(|other| other.name == version.name) {
            errors.push(Error::duplicate(&name, &value));
        }
        if let Some(complaint) = complaint(names::dns_1035_label(&version.name)) {
            errors.push(Error::invalid(&name, &value, complaint));
        }
    }
}

/// Checks what a version says of itself.
pub(crate) fn check(version: &ResourceVersion, at: &Path, errors: &mut Vec<Error>) {
    if let Some(text) = warning_text(version) {
        let at = at.child("deprecationWarning");
        let mut invalid = |detail: &str| errors.push(Error::invalid(&at, &Value::from(text), detail));
        if !version.deprecated {
            invalid("can only be set for deprecated versions");
        }
        if text.len() > limits::DEPRECATION_WARNING {
            invalid("must be <= 256 characters long");
        }
        if text.chars().any(char::is_control) {
            invalid("must only contain printable UTF-8 characters");
        }
    }
}

/// The declared text; the contract's `deprecationWarning: ""` is none.
fn warning_text(version: &ResourceVersion) -> Option<&str> {
    version.deprecation_warning.as_deref().filter(|text| !text.is_empty())
}

/// The text of the warning that a deprecated version draws, Kubernetes' own unless one is declared.
pub(crate) fn deprecation_warning(group: &str, kind: &str, version: &ResourceVersion) -> Option<String> {
    version.deprecated.then(|| match warning_text(version) {
        Some(text) => text.to_owned(),
        None => format!("{group}/{} {kind} is deprecated", version.name),
    })
}

/// The schema of the version at `at`; without one any object is taken.
pub(crate) fn schema(version: &ResourceVersion, at: &Path, errors: &mut Vec<Error>) -> Option<Structural> {
    let at = at.child("schema").child("openAPIV3Schema");
    let Some(declared) = version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref()) else {
        return Some(Structural::any_object());
    };
    if subresource::status(version) {
        errors.extend(subresource::root_error(declared, &at));
    }
    Structural::parse(declared, &at).map_err(|found| errors.extend(found)).ok()
}

/// The columns of the version at `at`; without declarations Name and Age.
pub(crate) fn columns(version: &ResourceVersion, at: &Path, errors: &mut Vec<Error>) -> Option<Columns> {
    let at = at.child("additionalPrinterColumns");
    let declared = &version.additional_printer_columns;
    let before = errors.len();
    if declared.len() > limits::COLUMNS {
        errors.push(Error::too_many(&at, declared.len(), limits::COLUMNS as i64));
    }
    for (index, column) in declared.iter().enumerate() {
        errors.extend(column_union(column, &at.index(index)));
    }
    if errors.len() > before {
        return None;
    }
    let declarations: Vec<_> = declared.iter().map(declaration).collect();
    Columns::parse(&declarations, &at).map_err(|found| errors.extend(found)).ok()
}

/// Exactly one of jsonPath and expression.
fn column_union(column: &PrinterColumn, at: &Path) -> Option<Error> {
    let set: Vec<&str> = [("jsonPath", &column.json_path), ("expression", &column.expression)]
        .into_iter()
        .filter_map(|(name, value)| value.is_some().then_some(name))
        .collect();
    match set.as_slice() {
        [_] => None,
        _ => Some(Error::invalid(at, &json!(set), "exactly one of jsonPath, expression must be set")),
    }
}

fn declaration(column: &PrinterColumn) -> ColumnDeclaration<'_> {
    ColumnDeclaration {
        name: &column.name,
        kind: &column.type_,
        format: column.format.as_deref().unwrap_or_default(),
        description: column.description.as_deref().unwrap_or_default(),
        priority: column.priority.unwrap_or_default(),
        json_path: column.json_path.as_deref().unwrap_or_default(),
        expression: column.expression.as_deref(),
    }
}
