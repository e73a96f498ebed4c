//! A manifest of an AggregatedAPI: everything that an API server with the CustomResourceDefinition and the operator
//! would refuse of it, or what to serve.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use serde_json::Value;
use tributary_crds::{AggregatedApi, custom_resource_definition};
use tributary_definition::{Compiled, compile, field};
use tributary_schema::Structural;

use super::manifest::Manifest;
use super::problem::Problem;
use super::{metadata, readable, rules};

const GROUP: &str = "tributary.dev/";
const API_VERSION: &str = "tributary.dev/v1alpha1";
const KIND: &str = "AggregatedAPI";
const SCHEMA: &str = "/spec/versions/0/schema/openAPIV3Schema";

/// The CustomResourceDefinition, compiled as a judge of manifests.
pub(super) struct Judge {
    schema: Value,
    structural: Structural,
}

/// Whether a manifest declares a group, in whatever version.
pub(super) fn is_declaration(manifest: &Manifest) -> bool {
    manifest.text("kind") == KIND && manifest.text("apiVersion").starts_with(GROUP)
}

// === impl Judge ===

impl Judge {
    /// The judge of this version's definition.
    pub(super) fn new() -> anyhow::Result<Self> {
        let definition = serde_json::to_value(custom_resource_definition()?)?;
        let schema = definition.pointer(SCHEMA).context("the definition has no schema")?.clone();
        let structural = Structural::parse(&rules::without(&schema), &field::Path::root())
            .map_err(|errors| anyhow::anyhow!("the definition's schema: {errors:?}"))?;
        Ok(Self { schema, structural })
    }

    /// What the manifest declares, or everything that is wrong with it, in the order of the lines.
    ///
    /// Of a field that both schema and compiler refuse, the schema's reason is told. The rules of the definition are the
    /// last to be asked: what they say the compiler says better, if it says it.
    pub(super) fn judge(&self, manifest: &Manifest) -> Result<Arc<Compiled>, Vec<Problem>> {
        let version = manifest.text("apiVersion");
        if version != API_VERSION {
            let message = format!("Unsupported value: \"{version}\": supported values: \"{API_VERSION}\"");
            return Err(vec![manifest.problem("apiVersion", message)]);
        }
        let mut problems = manifest.duplicates();
        let mut object = manifest.object.clone();
        let unknown = self.structural.prune(&mut object);
        problems.extend(unknown.iter().map(|path| manifest.problem(path, "Forbidden: unknown field")));
        problems.extend(metadata::judge(manifest, &mut object));
        // It is not written with the rest, and so not looked at.
        object.remove("status");
        self.structural.default(&mut object);
        let mut errors = located(self.structural.validate(&object));
        errors.extend(self.structural.duplicates(&object));
        let refused: BTreeSet<String> = errors.iter().map(|error| error.field.clone()).collect();
        let mut readable = object.clone();
        let omitted = readable::omit(&mut readable);
        let compiled = match serde_json::from_value::<AggregatedApi>(Value::Object(readable)) {
            Ok(api) => compile(&api).map_err(|found| {
                let found = found.into_iter().filter_map(|error| omitted.of_whole(error));
                errors.extend(found.filter(|error| !refused.contains(&error.field)));
            }),
            Err(error) => {
                if errors.is_empty() && problems.is_empty() {
                    errors.push(field::Error::internal(&field::Path::root(), error));
                }
                Err(())
            }
        };
        // The schema says which field within it; what only the types know is told for the whole.
        let told = |fault: &field::Error| refused.iter().any(|field| field.starts_with(&fault.field));
        let untold = omitted.faults.iter().filter(|fault| !told(fault)).cloned();
        errors.extend(untold);
        if errors.is_empty() && problems.is_empty() {
            rules::judge(&self.schema, &Value::Object(object), &field::Path::root(), &mut errors);
        }
        problems.extend(errors.into_iter().map(|error| manifest.problem(&error.field, error.message)));
        problems.sort();
        problems.dedup();
        match compiled {
            Ok(mut compiled) if problems.is_empty() => {
                // Whatever is declared, one process serves it here.
                compiled.replicas = 1;
                Ok(Arc::new(compiled))
            }
            _ => Err(problems),
        }
    }
}

/// Without what is said of the whole and, better, of a field: numbers beyond their format are refused twice.
fn located(errors: Vec<field::Error>) -> Vec<field::Error> {
    let root = field::Path::root().to_string();
    let fields: Vec<String> =
        errors.iter().map(|error| error.field.clone()).filter(|field| *field != root).collect();
    let again = |error: &field::Error| {
        error.field == root && fields.iter().any(|field| error.message.ends_with(field))
    };
    errors.into_iter().filter(|error| !again(error)).collect()
}

#[cfg(test)]
#[path = "declaration_tests.rs"]
mod tests;
