//! One operation of a JSON patch, as the library of the reference does it (evanphx/json-patch v4), which is not quite RFC
//! 6902: what an object does not have is null to copy, replace and test, and indices may be negative.

use serde_json::{Map, Value};

use super::document::{add, get, place, place_mut, remove, set};

/// The fields of an operation; the first three are texts.
pub(super) const FIELDS: [&str; 4] = ["op", "path", "from", "value"];

/// An operation as it was sent.
#[derive(Clone, Debug)]
pub struct Operation {
    pub(super) kind: Kind,
    /// None: it cannot be applied.
    pub(super) path: Option<String>,
    pub(super) from: Option<String>,
    pub(super) value: Value,
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
    /// It cannot be applied.
    Unknown,
}

impl Operation {
    /// What is no operation is one that cannot be applied; a value that is not there is null.
    pub(super) fn read(value: Value) -> Self {
        let mut fields: Map<String, Value> = match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let kind = match fields.get("op").and_then(Value::as_str) {
            Some("add") => Kind::Add,
            Some("remove") => Kind::Remove,
            Some("replace") => Kind::Replace,
            Some("move") => Kind::Move,
            Some("copy") => Kind::Copy,
            Some("test") => Kind::Test,
            _ => Kind::Unknown,
        };
        let mut text = |field: &str| match fields.remove(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (path, from) = (text("path"), text("from"));
        Self { kind, path, from, value: fields.remove("value").unwrap_or_default() }
    }

    /// Does it; None: it does not apply.
    pub(super) fn apply(&self, document: &mut Value) -> Option<()> {
        let path = self.path.as_deref();
        match self.kind {
            Kind::Add => {
                let (holder, key) = place_mut(document, path?)?;
                add(holder, &key, self.value.clone())
            }
            Kind::Remove => {
                let (holder, key) = place_mut(document, path?)?;
                remove(holder, &key).map(drop)
            }
            Kind::Replace => self.replace(document, path?),
            Kind::Move => {
                let (holder, key) = place_mut(document, self.from.as_deref()?)?;
                let value = remove(holder, &key)?;
                let (holder, key) = place_mut(document, path?)?;
                add(holder, &key, value)
            }
            Kind::Copy => {
                let (holder, key) = place(document, self.from.as_deref()?)?;
                let value = get(holder, &key)?.cloned().unwrap_or_default();
                let (holder, key) = place_mut(document, path?)?;
                add(holder, &key, value)
            }
            Kind::Test => self.test(document, path?),
            Kind::Unknown => None,
        }
    }

    /// The whole can only become an object or a list.
    fn replace(&self, document: &mut Value, path: &str) -> Option<()> {
        if path.is_empty() {
            if !self.value.is_object() && !self.value.is_array() {
                return None;
            }
            *document = self.value.clone();
            return Some(());
        }
        let (holder, key) = place_mut(document, path)?;
        get(holder, &key)?;
        set(holder, &key, self.value.clone())
    }

    fn test(&self, document: &Value, path: &str) -> Option<()> {
        if path.is_empty() {
            return (*document == self.value).then_some(());
        }
        let (holder, key) = place(document, path)?;
        let found = get(holder, &key)?.unwrap_or(&Value::Null);
        (*found == self.value).then_some(())
    }
}
