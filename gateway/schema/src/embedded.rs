//! Embedded resources: objects within an object, with apiVersion, kind and metadata of their own.
//!
//! Follows apiextensions-apiserver `pkg/apiserver/schema/objectmeta`. What metadata is, the caller knows.

use serde_json::{Map, Value};

use crate::field::{Error, Path};
use crate::names;
use crate::structural::{Additional, Node, Structural};

impl Structural {
    /// Shows every embedded resource in `object`, with its path, outermost first. The object itself is none.
    pub fn embedded(&self, object: &Map<String, Value>, mut visit: impl FnMut(&Path, &Map<String, Value>)) {
        fields(&self.root, object, &Path::root(), &mut visit);
    }

    /// Shows every embedded resource in `object` so that its metadata can be put in order; ends at the first error.
    ///
    /// # Errors
    /// The one that `change` gives.
    pub fn embedded_mut<E>(
        &self,
        object: &mut Map<String, Value>,
        mut change: impl FnMut(&Path, &mut Map<String, Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        if !holds_embedded(&self.root) {
            return Ok(());
        }
        fields_mut(&self.root, object, &Path::root(), &mut change)
    }
}

/// What is wrong with apiVersion and kind of an embedded resource at `at`.
pub fn type_faults(at: &Path, object: &Map<String, Value>) -> Vec<Error> {
    let mut errors = Vec::new();
    for (name, check) in [("apiVersion", version as fn(&str) -> Option<String>), ("kind", kind)] {
        let at = at.child(name);
        let Some(value) = object.get(name) else {
            errors.push(Error::required(&at, ""));
            continue;
        };
        let complaint = match value.as_str() {
            None => Some("must be a string".to_owned()),
            Some("") => Some("must not be empty".to_owned()),
            Some(text) => check(text),
        };
        errors.extend(complaint.map(|complaint| Error::invalid(&at, value, complaint)));
    }
    errors
}

fn version(text: &str) -> Option<String> {
    (text.matches('/').count() > 1).then(|| format!("unexpected GroupVersion string: {text}"))
}

fn kind(text: &str) -> Option<String> {
    let complaints = names::dns_1035_label(&text.to_lowercase());
    let detail = |complaints: Vec<_>| {
        format!("may have mixed case, but should otherwise match: {}", complaints.join(","))
    };
    (!complaints.is_empty()).then(|| detail(complaints))
}

/// Shows every embedded resource in `value`, itself included.
pub(crate) fn visit(
    node: &Node,
    value: &Value,
    at: &Path,
    show: &mut impl FnMut(&Path, &Map<String, Value>),
) {
    match value {
        Value::Object(object) => {
            if node.embedded {
                show(at, object);
            }
            fields(node, object, at, show);
        }
        Value::Array(items) => {
            let Some(schema) = &node.items else { return };
            for (index, item) in items.iter().enumerate() {
                visit(schema, item, &at.index(index), show);
            }
        }
        _ => {}
    }
}

fn fields(
    node: &Node,
    object: &Map<String, Value>,
    at: &Path,
    show: &mut impl FnMut(&Path, &Map<String, Value>),
) {
    if !holds_embedded(node) {
        return;
    }
    for (name, value) in object {
        if let Some((schema, at)) = below(node, name, at) {
            visit(schema, value, &at, show);
        }
    }
}

fn fields_mut<E>(
    node: &Node,
    object: &mut Map<String, Value>,
    at: &Path,
    change: &mut impl FnMut(&Path, &mut Map<String, Value>) -> Result<(), E>,
) -> Result<(), E> {
    for (name, value) in object {
        if let Some((schema, at)) = below(node, name, at) {
            visit_mut(schema, value, &at, change)?;
        }
    }
    Ok(())
}

fn visit_mut<E>(
    node: &Node,
    value: &mut Value,
    at: &Path,
    change: &mut impl FnMut(&Path, &mut Map<String, Value>) -> Result<(), E>,
) -> Result<(), E> {
    match value {
        Value::Object(object) => {
            if node.embedded {
                change(at, object)?;
            }
            fields_mut(node, object, at, change)
        }
        Value::Array(items) => {
            let Some(schema) = &node.items else { return Ok(()) };
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(index, item)| visit_mut(schema, item, &at.index(index), change))
        }
        _ => Ok(()),
    }
}

/// The schema and path of an object's field, if it is declared.
fn below<'a>(node: &'a Node, name: &str, at: &Path) -> Option<(&'a Node, Path)> {
    match (node.properties.get(name), &node.additional) {
        (Some(property), _) => Some((property, at.child(name))),
        (None, Some(Additional::Schema(schema))) => Some((schema, at.key(name))),
        (None, _) => None,
    }
}

/// Whether a value of this schema can hold an embedded resource.
fn holds_embedded(node: &Node) -> bool {
    node.children().any(|(_, child)| child.embedded || holds_embedded(child))
}
