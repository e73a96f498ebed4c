//! Lists and maps that are written out.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Evaluation, Outcome};
use crate::error::ErrorKind;
use crate::ir::{Element, Entry};
use crate::value::{Key, Map, Val};

/// Fuel for what is allocated, besides the elements.
const LIST_FUEL: u64 = 2;
const MAP_FUEL: u64 = 10;

impl<'v> Evaluation<'_, 'v> {
    #[inline(never)]
    pub(super) fn list(&mut self, elements: &'v [Element]) -> Outcome<'v> {
        self.meter.spend(LIST_FUEL)?;
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            let value = self.node(&element.value)?;
            match value {
                Val::Optional(inner) if element.optional => {
                    items.extend(inner.map(|value| value.as_ref().clone()))
                }
                _ if element.optional => return Err(ErrorKind::NoSuchOverload.into()),
                value => items.push(value),
            }
        }
        Ok(Val::list(items))
    }

    #[inline(never)]
    pub(super) fn map(&mut self, entries: &'v [Entry]) -> Outcome<'v> {
        self.meter.spend(MAP_FUEL)?;
        let mut map = BTreeMap::new();
        for entry in entries {
            let key = self.node(&entry.key)?;
            let key = Key::paid(self.meter, &key)?;
            let value = self.node(&entry.value)?;
            match value {
                Val::Optional(inner) if entry.optional => {
                    if let Some(value) = inner {
                        map.insert(key, value.as_ref().clone());
                    } else {
                        map.remove(&key);
                    }
                }
                _ if entry.optional => return Err(ErrorKind::NoSuchOverload.into()),
                value => {
                    map.insert(key, value);
                }
            }
        }
        Ok(Val::Map(Map::Made(Rc::new(map))))
    }
}
