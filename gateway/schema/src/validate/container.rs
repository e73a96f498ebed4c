//! Lists and objects.

use serde_json::{Map, Value};

use super::step::Step;
use super::{Validation, count};
use crate::field::Error;
use crate::structural::{Additional, Node};
use crate::unchanged::Correlated;

impl Validation<'_> {
    /// Items of a map are compared with what they were; others cannot be told apart.
    pub(super) fn array(
        &mut self,
        node: &Node,
        items: &[Value],
        before: Option<&Value>,
        step: &Step<'_>,
    ) -> usize {
        let mut matches = 2;
        let correlated = before.and_then(Value::as_array).map(|before| Correlated::new(node, before));
        if let Some(schema) = &node.items {
            for (index, item) in items.iter().enumerate() {
                let before = correlated.as_ref().and_then(|correlated| correlated.get(item));
                matches += self.value(schema, item, before, &Step::Index(step, index));
            }
        }
        if let Some(least) = node.count.least
            && count(items.len()) < least
        {
            self.push(step, |at, name| {
                let text = format!("{name} in body should have at least {least} items");
                Error::invalid(at, &Value::from(items.len()), text)
            });
        }
        if let Some(most) = node.count.most
            && count(items.len()) > most
        {
            self.push(step, |at, _| Error::too_many(at, items.len(), most));
        }
        matches
    }

    pub(super) fn fields(
        &mut self,
        node: &Node,
        fields: &Map<String, Value>,
        before: Option<&Map<String, Value>>,
        step: &Step<'_>,
    ) -> usize {
        self.check_size(node, fields, step);
        let mut matches = 1 + self.additional(node, fields, before, step);
        for (name, schema) in &node.properties {
            let Some(value) = fields.get(name) else { continue };
            // Version and kind are the request's, so that what they were tells nothing.
            let is_type = matches!(step, Step::Start) && matches!(name.as_str(), "apiVersion" | "kind");
            let before = before.filter(|_| !is_type).and_then(|before| before.get(name));
            matches += self.value(schema, value, before, &Step::Property(step, name));
        }
        for name in node.required.iter().filter(|name| !fields.contains_key(*name)) {
            self.push(&Step::Key(step, name), |at, _| Error::required(at, ""));
        }
        matches
    }

    fn check_size(&mut self, node: &Node, fields: &Map<String, Value>, step: &Step<'_>) {
        if let Some(least) = node.fields.least
            && count(fields.len()) < least
        {
            self.push(step, |at, name| {
                let text = format!("{name} in body should have at least {least} properties");
                Error::invalid(at, &Value::from(fields.len()), text)
            });
        }
        if let Some(most) = node.fields.most
            && count(fields.len()) > most
        {
            self.push(step, |at, _| Error::too_many(at, fields.len(), most));
        }
    }

    fn additional(
        &mut self,
        node: &Node,
        fields: &Map<String, Value>,
        before: Option<&Map<String, Value>>,
        step: &Step<'_>,
    ) -> usize {
        let others = fields.iter().filter(|(name, _)| !node.properties.contains_key(*name));
        match &node.additional {
            None | Some(Additional::Allowed(true)) => 0,
            Some(Additional::Schema(schema)) => others
                .map(|(key, value)| {
                    let before = before.and_then(|before| before.get(key));
                    self.value(schema, value, before, &Step::Key(step, key))
                })
                .sum(),
            Some(Additional::Allowed(false)) => {
                others.for_each(|(key, _)| {
                    self.push(step, |at, name| {
                        let text = format!("{name}.{key} in body is a forbidden property");
                        Error::invalid(at, &Value::from(key.as_str()), text)
                    });
                });
                0
            }
        }
    }
}
