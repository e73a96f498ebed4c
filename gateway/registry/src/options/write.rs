//! Options of create, update and patch.

use serde_json::Value;
use tributary_schema::field::{Error, Path};

use super::parameters::Parameters;
use crate::field_manager;
use crate::status::Status;

/// Options of create, update and patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// Everything but the write.
    pub dry_run: bool,
    /// What unknown and duplicate fields lead to.
    pub field_validation: FieldValidation,
}

/// What unknown and duplicate fields lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValidation {
    /// Nothing.
    Ignore,
    /// A warning each.
    Warn,
    /// A refusal.
    Strict,
}

impl WriteOptions {
    /// Reads the options of a write; `kind` is how an error names them: `CreateOptions`, `UpdateOptions` or
    /// `PatchOptions`.
    pub fn read(parameters: &Parameters, kind: &str) -> Result<Self, Status> {
        let mut errors = Vec::new();
        if kind == "PatchOptions" && parameters.boolean("force").is_some() {
            errors.push(Error::forbidden(&Path::new("force"), "may not be specified for non-apply patch"));
        }
        let dry_run = dry_run(&parameters.all("dryRun"), &mut errors);
        errors.extend(parameters.get("fieldManager").into_iter().flat_map(field_manager::faults));
        let field_validation = match parameters.get("fieldValidation") {
            None | Some("Warn") => FieldValidation::Warn,
            Some("Ignore") => FieldValidation::Ignore,
            Some("Strict") => FieldValidation::Strict,
            Some(other) => {
                let supported = ["", "Ignore", "Strict", "Warn"];
                errors.push(Error::not_supported(
                    &Path::new("fieldValidation"),
                    &Value::from(other),
                    &supported,
                ));
                FieldValidation::Strict
            }
        };
        if errors.is_empty() {
            return Ok(Self { dry_run, field_validation });
        }
        Err(Status::invalid_options(kind, &errors))
    }
}

/// Whether it is a dry run.
pub(super) fn dry_run(values: &[String], errors: &mut Vec<Error>) -> bool {
    if values.iter().any(|value| value != "All") {
        errors.push(Error::not_supported(&Path::new("dryRun"), &Value::from(values), &["All"]));
    }
    !values.is_empty()
}
