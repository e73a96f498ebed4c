//! Whom an object of a view is shown to: an access check for each object, as the caller.

use serde_json::{Map, Value};
use tributary_crds::VisibleIf as Declared;
use tributary_expr::{Environment, Template, TemplateError};
use tributary_schema::field::{Error, Path};

use crate::view::declared_at;

/// What a caller must be allowed to do with what an object stands for.
#[derive(Debug)]
pub struct VisibleIf {
    /// The verb.
    pub verb: String,
    /// The group; empty: the core group.
    pub group: String,
    /// The plural.
    pub resource: String,
    /// The subresource; empty: none.
    pub subresource: String,
    /// `namespace` and `name`, over the variables of the view; what is absent is not asked for.
    pub place: Template,
}

/// Compiles the check declared at `at`; none if it has errors.
pub(crate) fn compile(
    declared: &Declared,
    environment: &Environment,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Option<VisibleIf> {
    let before = errors.len();
    for (field, value) in [("verb", &declared.verb), ("resource", &declared.resource)] {
        if value.is_empty() {
            errors.push(Error::required(&at.child(field), "what the caller must be allowed to do"));
        }
    }
    let given = [("namespace", &declared.namespace), ("name", &declared.name)];
    let given =
        given.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value.clone()?.into())));
    let place = Value::Object(given.collect::<Map<_, _>>());
    let invalid = |TemplateError { path, error }: TemplateError| {
        let value = declared_at(&place, &path, at);
        Error::invalid(&Path::new(path), &value, error)
    };
    let compiled = Template::compile(&place, environment, &at.to_string())
        .map_err(|found| errors.extend(found.into_iter().map(invalid)))
        .ok()
        .filter(|_| errors.len() == before)?;
    Some(VisibleIf {
        verb: declared.verb.clone(),
        group: declared.group.clone(),
        resource: declared.resource.clone(),
        subresource: declared.subresource.clone().unwrap_or_default(),
        place: compiled,
    })
}
