//! The subresources status and scale of a version, by the rules of a CustomResourceDefinition.

use serde_json::{Value, json};
use tributary_crds::{ResourceVersion, ScaleSubresource};
use tributary_schema::columns::Columns;
use tributary_schema::field::{Error, Path};

use crate::{JsonFieldPath, Verb, limits};

/// What can be asked of a subresource, in discovery's order.
pub(crate) const VERBS: [Verb; 3] = [Verb::Get, Verb::Patch, Verb::Update];

/// The keywords that the root of a schema may have beside a status subresource, as Kubernetes' error names them: those
/// that are not lost when the status is validated alone, as a property of the root.
const AT_ROOT: &str = "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength \
    MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example \
    XPreserveUnknownFields XValidations";

/// Where the scale subresource finds its values in an object.
#[derive(Debug, Clone)]
pub struct Scale {
    /// An integer below `.spec`: how many replicas are wanted.
    pub spec_replicas: JsonFieldPath,
    /// An integer below `.status`: how many there are; 0 where it is absent.
    pub status_replicas: JsonFieldPath,
    /// A string below `.spec` or `.status`: the label selector of the replicas in its text form. None if not declared.
    pub label_selector: Option<JsonFieldPath>,
    /// The columns of its Table.
    pub columns: Columns,
}

/// Whether the version has a status subresource.
pub(crate) fn status(version: &ResourceVersion) -> bool {
    version.subresources.as_ref().is_some_and(|subresources| subresources.status.is_some())
}

/// Whether the version has a scale subresource.
pub(crate) fn is_scalable(version: &ResourceVersion) -> bool {
    version.subresources.as_ref().is_some_and(|subresources| subresources.scale.is_some())
}

/// The scale subresource of the version at `at`. None if there is none, or an error.
pub(crate) fn scale(version: &ResourceVersion, at: &Path, errors: &mut Vec<Error>) -> Option<Scale> {
    let ScaleSubresource { spec_replicas_path, status_replicas_path, label_selector_path } =
        version.subresources.as_ref()?.scale.as_ref()?;
    let at = at.child("subresources").child("scale");
    let mut path = |name, text: &str, roots: &[&str], elsewhere| {
        let parsed = field_path(&at.child(name), text, roots, elsewhere);
        parsed.map_err(|error| errors.push(error)).ok()
    };
    let elsewhere = "should be a json path under .spec";
    let spec_replicas = path("specReplicasPath", spec_replicas_path, &[".spec."], elsewhere);
    let elsewhere = "should be a json path under .status";
    let status_replicas = path("statusReplicasPath", status_replicas_path, &[".status."], elsewhere);
    let elsewhere = "should be a json path under either .spec or .status";
    // An empty one is none, as in Kubernetes.
    let label_selector = label_selector_path.as_deref().filter(|text| !text.is_empty());
    let label_selector =
        label_selector.and_then(|text| path("labelSelectorPath", text, &[".spec.", ".status."], elsewhere));
    let columns = Columns::of_scale().map_err(|found| errors.extend(found)).ok()?;
    Some(Scale { spec_replicas: spec_replicas?, status_replicas: status_replicas?, label_selector, columns })
}

/// The path `text` at `at`, which begins with one of `roots`.
///
/// The rules of `ValidateCustomResourceDefinitionSubresources`, and that of its documentation that it does not check:
/// no array notation and no empty name, which could only be mistakes.
fn field_path(at: &Path, text: &str, roots: &[&str], elsewhere: &str) -> Result<JsonFieldPath, Error> {
    let invalid = |detail: &str| Error::invalid(at, &Value::from(text), detail);
    if text.is_empty() {
        return Err(Error::required(at, ""));
    }
    if text.len() > limits::FIELD_PATH {
        return Err(Error::too_long(at, limits::FIELD_PATH as i64));
    }
    if !text.starts_with('.') {
        return Err(invalid("must be a simple json path starting with ."));
    }
    if !roots.iter().any(|root| text.starts_with(root)) {
        return Err(invalid(elsewhere));
    }
    JsonFieldPath::parse(text).ok_or_else(|| invalid("must be a json path in the dot notation"))
}

/// What is wrong with the root of the schema at `at`, which is beside a status subresource.
pub(crate) fn root_error(schema: &Value, at: &Path) -> Option<Error> {
    let keywords = schema.as_object()?.iter();
    let refused: Vec<&str> = keywords
        .filter(|(keyword, value)| !is_absent(value) && !is_at_root(keyword))
        .map(|(keyword, _)| keyword.as_str())
        .collect();
    let detail = format!(
        "only [{AT_ROOT}] fields are allowed at the root of the schema if the status subresource is enabled"
    );
    (!refused.is_empty()).then(|| Error::invalid(at, &json!(refused), detail))
}

/// A keyword with such a value is as good as none.
fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false))
}

/// `x-kubernetes-preserve-unknown-fields` is `XPreserveUnknownFields`.
fn is_at_root(keyword: &str) -> bool {
    let name = keyword.replace("-kubernetes-", "").replace('-', "");
    AT_ROOT.split(' ').any(|known| known.eq_ignore_ascii_case(&name))
}
