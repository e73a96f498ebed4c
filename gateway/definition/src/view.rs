//! A view: expressions and template compiled, and what of the source objects they read.

use serde_json::Value;
use tributary_crds::{ReadAs, SourceReference, ViewSource};
use tributary_expr::{CompileError, Environment, Expression, Reads, Shape, Template, TemplateError};
use tributary_schema::field::{Error, Path};

use crate::limits;
use crate::visible::{self, VisibleIf};

/// The variable of the primary, and of a joined object where its keys are looked for.
const OBJECT: &str = "object";
const ITEM: &str = "item";
/// What the view itself needs of a primary: the metadata that its object has unless the template says otherwise.
const KEPT: [&str; 7] =
    ["name", "namespace", "uid", "labels", "creationTimestamp", "deletionTimestamp", "generation"];
/// What of metadata objects of a view never have, also where the template's metadata is one expression.
pub const NEVER_SHOWN: [&str; 3] = ["managedFields", "ownerReferences", "finalizers"];

/// A compiled view.
#[derive(Debug)]
pub struct View {
    /// The primary's source.
    pub from: SourceReference,
    /// Which primaries are shown; none: all.
    pub condition: Option<Expression>,
    /// What joins.
    pub joins: Vec<Join>,
    /// The object.
    pub template: Template,
    /// Whose rights on the sources count.
    pub read_as: ReadAs,
    /// Whom each object is shown to; none: to all who may read the view.
    pub visible_if: Option<VisibleIf>,
    /// The variables of condition and template: `object`, and the joins by name.
    pub environment: Environment,
    /// What of a primary is read.
    pub reads: Shape,
}

/// A compiled join.
#[derive(Debug)]
pub struct Join {
    /// The variable.
    pub name: String,
    /// The source of the items.
    pub from: SourceReference,
    /// The keys of a primary, over `object`.
    pub object_keys: Expression,
    /// The keys of an item, over `item`.
    pub item_keys: Expression,
    /// Whether items of other namespaces join.
    pub across_namespaces: bool,
    /// What of an item is read.
    pub reads: Shape,
}

// === impl View ===

impl View {
    /// The variables of a primary's keys.
    #[must_use]
    pub fn object_environment() -> Environment {
        Environment::new([OBJECT])
    }

    /// The variables of an item's keys.
    #[must_use]
    pub fn item_environment() -> Environment {
        Environment::new([ITEM])
    }

    /// Whether a revision of the source says which state the view has: it is of one source, is the same for everybody, and
    /// each change of the source changes one object at the most, since a name does not come of what changes.
    #[must_use]
    pub fn passes_revisions(&self) -> bool {
        let mut lasting = Shape::field(&["metadata", "name"]);
        lasting.merge(&Shape::field(&["metadata", "namespace"]));
        let lasts = |field: &str| {
            let reads = self.template.reads_at(&["metadata", field]);
            reads.variable(OBJECT).is_none_or(|reads| lasting.covers(reads))
        };
        self.joins.is_empty() && self.visible_if.is_none() && lasts("name") && lasts("namespace")
    }

    /// Every source: the primary's, and those of the joins in their order.
    pub fn sources(&self) -> impl Iterator<Item = &SourceReference> {
        std::iter::once(&self.from).chain(self.joins.iter().map(|join| &join.from))
    }
}

/// Compiles the view declared at `at`; none if it has errors.
pub(crate) fn compile(declared: &ViewSource, at: &Path, errors: &mut Vec<Error>) -> Option<View> {
    let before = errors.len();
    check_source(&declared.from, &at.child("from"), errors);
    if declared.join.len() > limits::JOINS {
        errors.push(Error::too_many(&at.child("join"), declared.join.len(), limits::JOINS as i64));
        return None;
    }
    check_names(declared, &at.child("join"), errors);
    let names = std::iter::once(OBJECT).chain(declared.join.iter().map(|join| join.name.as_str()));
    let environment = Environment::new(names);
    let condition = match &declared.where_ {
        Some(source) => Some(expression(source, &environment, &at.child("where"), errors)?),
        None => None,
    };
    let template = template(&declared.template, &environment, &at.child("template"), errors);
    let visible_if = match &declared.visible_if {
        Some(check) => Some(visible::compile(check, &environment, &at.child("visibleIf"), errors)?),
        None => None,
    };
    let mut joins: Vec<Join> = Vec::new();
    for (index, join) in declared.join.iter().enumerate() {
        joins.extend(compile_join(join, &at.child("join").index(index), errors));
    }
    let template = template.filter(|_| errors.len() == before)?;
    let mut all = template.reads();
    for part in condition.iter().map(Expression::reads) {
        all.merge(part);
    }
    if let Some(check) = &visible_if {
        all.merge(&check.place.reads());
    }
    let reads = add_reads(&all, &mut joins);
    let (from, read_as) = (declared.from.clone(), declared.read_as);
    Some(View { from, condition, joins, template, read_as, visible_if, environment, reads })
}

fn check_source(source: &SourceReference, at: &Path, errors: &mut Vec<Error>) {
    if source.api_version.is_empty() || source.api_version.matches('/').count() > 1 {
        let value = Value::from(source.api_version.as_str());
        errors.push(Error::invalid(&at.child("apiVersion"), &value, "must be a version or group/version"));
    }
    if source.resource.is_empty() {
        errors.push(Error::required(&at.child("resource"), "the plural, as in RBAC"));
    }
}

fn check_names(declared: &ViewSource, at: &Path, errors: &mut Vec<Error>) {
    for (index, join) in declared.join.iter().enumerate() {
        let name = at.index(index).child("name");
        let value = Value::from(join.name.as_str());
        if [OBJECT, ITEM, "request", "response"].contains(&join.name.as_str()) {
            errors.push(Error::invalid(&name, &value, "is the name of another variable"));
        }
        if declared.join[..index].iter().any(|other| other.name == join.name) {
            errors.push(Error::duplicate(&name, &value));
        }
    }
}

fn compile_join(declared: &tributary_crds::Join, at: &Path, errors: &mut Vec<Error>) -> Option<Join> {
    check_source(&declared.from, &at.child("from"), errors);
    let keys = at.child("keys");
    let object_keys =
        expression(&declared.keys.object, &View::object_environment(), &keys.child("object"), errors);
    let item_keys = expression(&declared.keys.item, &View::item_environment(), &keys.child("item"), errors);
    let item_keys = item_keys?;
    let mut reads = item_keys.reads().variable(ITEM).cloned().unwrap_or_default();
    reads.merge(&kept());
    Some(Join {
        name: declared.name.clone(),
        from: declared.from.clone(),
        object_keys: object_keys?,
        item_keys,
        across_namespaces: declared.across_namespaces,
        reads,
    })
}

/// What is read of a primary; and of each join's items, which is added to them.
fn add_reads(all: &Reads, joins: &mut [Join]) -> Shape {
    let mut object = kept();
    if let Some(read) = all.variable(OBJECT) {
        object.merge(read);
    }
    for join in joins {
        if let Some(read) = join.object_keys.reads().variable(OBJECT) {
            object.merge(read);
        }
        if let Some(items) = all.variable(&join.name) {
            join.reads.merge(&items.element());
        }
    }
    object
}

fn kept() -> Shape {
    let mut kept = Shape::default();
    KEPT.iter().for_each(|field| kept.merge(&Shape::field(&["metadata", field])));
    kept
}

fn expression(
    source: &str,
    environment: &Environment,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Option<Expression> {
    let invalid = |error: CompileError| Error::invalid(at, &Value::from(source), error);
    Expression::compile(source, environment).map_err(|error| errors.push(invalid(error))).ok()
}

fn template(
    declared: &Value,
    environment: &Environment,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Option<Template> {
    if !declared.is_object() {
        errors.push(Error::type_invalid(at, declared, "must be an object"));
        return None;
    }
    let metadata = at.child("metadata");
    for name in NEVER_SHOWN {
        if declared.pointer(&format!("/metadata/{name}")).is_some() {
            errors.push(Error::forbidden(&metadata.child(name), "objects of a view have none"));
        }
    }
    let invalid = |TemplateError { path, error }: TemplateError| {
        let value = declared_at(declared, &path, at);
        Error::invalid(&Path::new(path), &value, error)
    };
    Template::compile(declared, environment, &at.to_string())
        .map_err(|found| errors.extend(found.into_iter().map(invalid)))
        .ok()
}

/// The string at a path of the template, for the error.
pub(crate) fn declared_at(template: &Value, path: &str, at: &Path) -> Value {
    let below = path.strip_prefix(&at.to_string()).unwrap_or_default().replace('[', ".").replace(']', "");
    let steps = below.split('.').filter(|step| !step.is_empty());
    let found = steps.into_iter().try_fold(template, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    });
    found.cloned().unwrap_or_default()
}
