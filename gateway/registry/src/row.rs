//! What is derived from each object version once, when it is committed.

use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tributary_collection::Selectable;
use tributary_definition as definition;
use tributary_schema::columns::Cell;

use crate::resource::Version;
use crate::visible::Guard;

/// The cells of an object's table row, the fields that it can be selected by, and its other forms.
#[derive(Clone, Debug)]
pub struct Row {
    cells: Arc<[Cell]>,
    /// Names and text forms of the selectable fields. None for a resource without any.
    fields: Option<Arc<[(String, String)]>>,
    /// The object as it was written, where the definition in force reads it in another way.
    written: Option<Arc<Version>>,
    /// What a caller must have a right to, to see the object; only of a view that asks.
    guard: Option<Guard>,
    /// When it was written, in microseconds since the epoch; 0 of what is computed.
    written_at: u64,
    /// The object in other versions, by the place of the version; each is made when it is first asked for.
    others: Option<Arc<[OnceLock<Shown>]>>,
}

/// An object in another version.
#[derive(Debug)]
struct Shown {
    /// What it was made by: a request that began under an older definition must not leave its form to newer ones.
    definition: Arc<definition::Resource>,
    object: Arc<Version>,
}

// === impl Row ===

impl Row {
    /// What `definition` derives from an object of its version.
    pub(crate) fn new(object: &Value, definition: &definition::Resource) -> Self {
        let field = |path: &definition::JsonFieldPath| (path.segments().join("."), text(path.get(object)));
        let fields: Arc<[_]> = definition.selectable.iter().map(field).collect();
        let others: Arc<[_]> = match definition.versions {
            1 => Arc::default(),
            versions => (0..versions).map(|_| OnceLock::new()).collect(),
        };
        let cells = definition.columns.cells(object).into();
        if let Some(failure) = definition.columns.failures().news() {
            let (resource, column, kind) = (&definition.plural, failure.column, failure.kind);
            tracing::warn!(
                resource,
                column,
                kind,
                "the expression of a column failed; further failures are counted only"
            );
        }
        Self {
            cells,
            fields: (!fields.is_empty()).then_some(fields),
            written: None,
            guard: None,
            written_at: 0,
            others: (!others.is_empty()).then_some(others),
        }
    }

    /// The same of an object that was written as `written`.
    pub(crate) fn with_written(self, written: Arc<Version>) -> Self {
        Self { written: Some(written), ..self }
    }

    /// The same of an object that is guarded.
    pub(crate) fn with_guard(self, guard: Option<Guard>) -> Self {
        Self { guard, ..self }
    }

    /// The same of an object that was written then, in microseconds since the epoch.
    pub(crate) fn with_time(self, written_at: u64) -> Self {
        Self { written_at, ..self }
    }

    /// When the object was written, in microseconds since the epoch.
    pub(crate) fn written_at(&self) -> u64 {
        self.written_at
    }

    /// What guards the object.
    pub(crate) fn guard(&self) -> Option<&Guard> {
        self.guard.as_ref()
    }

    /// The object as it was written, where that is not how it is read.
    pub(crate) fn written(&self) -> Option<&Arc<Version>> {
        self.written.as_ref()
    }

    /// The cells of the table row, ages not rendered.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The object at `revision` in the version of `definition`, which `make` makes once.
    pub(crate) fn shown(
        &self,
        revision: u64,
        definition: &Arc<definition::Resource>,
        make: impl Fn() -> Version,
    ) -> Arc<Version> {
        let place = self.others.as_ref().and_then(|others| others.get(definition.index));
        let Some(place) = place else { return Arc::new(make()) };
        let made = || Shown { definition: definition.clone(), object: Arc::new(make()) };
        let shown = place.get_or_init(made);
        // The last state of a deleted object shares what was derived from the state before, but for the revision.
        if Arc::ptr_eq(&shown.definition, definition) && shown.object.revision() == revision {
            return shown.object.clone();
        }
        Arc::new(make())
    }
}

impl Selectable for Row {
    fn field(&self, name: &str) -> &str {
        let mut fields = self.fields.iter().flat_map(|fields| fields.iter());
        fields.find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A field's value as selectors compare it: absent and null are empty.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
