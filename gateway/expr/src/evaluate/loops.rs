//! Macros: loops over lists and maps, and over the one value of an optional.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Evaluation, Outcome, note};
use crate::error::{ErrorKind, Failure};
use crate::functions;
use crate::ir::{Loop, Yields};
use crate::value::{Key, Map, Val};

/// What a loop has made so far.
enum Made<'v> {
    Verdict(bool, Option<Failure>),
    Count(u64),
    List(Vec<Val<'v>>),
    Map(BTreeMap<Key<'v>, Val<'v>>),
    Keyed(Vec<Val<'v>>, Vec<Val<'v>>),
}

impl<'v> Evaluation<'_, 'v> {
    #[inline(never)]
    pub(super) fn run(&mut self, made: &'v Loop) -> Outcome<'v> {
        let over = self.node(&made.over)?;
        if matches!(made.yields, Yields::Optional | Yields::FlatOptional) {
            return self.with_value(made, over);
        }
        let mut so_far = match made.yields {
            Yields::All => Made::Verdict(true, None),
            Yields::Exists => Made::Verdict(false, None),
            Yields::ExistsOne => Made::Count(0),
            Yields::Map | Yields::Entries => Made::Map(BTreeMap::new()),
            Yields::Sorted => Made::Keyed(Vec::new(), Vec::new()),
            _ => Made::List(Vec::new()),
        };
        match over {
            Val::List(list) => {
                for (index, item) in list.iter().enumerate() {
                    let (first, second) = match made.second {
                        Some(_) => (Val::Int(index as i64), item),
                        None => (item, Val::Null),
                    };
                    if self.turn(made, first, second, &mut so_far)? {
                        break;
                    }
                }
            }
            Val::Map(map) if made.yields != Yields::Sorted => {
                for (key, value) in map.entries() {
                    if self.turn(made, key, value, &mut so_far)? {
                        break;
                    }
                }
            }
            _ => return Err(ErrorKind::NoSuchOverload.into()),
        }
        self.result(so_far)
    }

    /// One turn; whether it was the last.
    fn turn(
        &mut self,
        made: &'v Loop,
        first: Val<'v>,
        second: Val<'v>,
        so_far: &mut Made<'v>,
    ) -> Result<bool, Failure> {
        self.meter.spend(1)?;
        self.locals[made.first] = first;
        if let Some(slot) = made.second {
            self.locals[slot] = second;
        }
        if let Some(filter) = &made.filter
            && !self.node(filter)?.as_bool().map_err(|failure| failure.or_at(filter.at))?
        {
            return Ok(false);
        }
        let body = self.node(&made.body);
        let as_bool = |body: Outcome<'v>| {
            body.and_then(|value| value.as_bool().map_err(|failure| failure.or_at(made.body.at)))
        };
        match so_far {
            Made::Verdict(verdict, failed) => match as_bool(body) {
                Ok(value) if value != *verdict => {
                    *so_far = Made::Verdict(value, None);
                    return Ok(true);
                }
                Ok(_) => {}
                Err(failure) => note(failed, failure)?,
            },
            Made::Count(count) => *count += u64::from(as_bool(body)?),
            Made::List(items) if made.yields == Yields::Filter => {
                if as_bool(body)? {
                    items.push(self.locals[made.first].clone());
                }
            }
            Made::List(items) => items.push(body?),
            Made::Keyed(items, keys) => {
                keys.push(body?);
                items.push(self.locals[made.first].clone());
            }
            Made::Map(entries) if made.yields == Yields::Map => {
                let key = Key::paid(self.meter, &self.locals[made.first])?;
                insert(entries, key, body?)?;
            }
            Made::Map(entries) => {
                let Val::Map(more) = body? else { return Err(ErrorKind::NoSuchOverload.into()) };
                for (key, value) in more.entries() {
                    self.meter.spend(1)?;
                    insert(entries, Key::paid(self.meter, &key)?, value)?;
                }
            }
        }
        Ok(false)
    }

    fn result(&mut self, made: Made<'v>) -> Outcome<'v> {
        match made {
            Made::Verdict(_, Some(failure)) => Err(failure),
            Made::Verdict(verdict, None) => Ok(Val::Bool(verdict)),
            Made::Count(count) => Ok(Val::Bool(count == 1)),
            Made::List(items) => Ok(Val::list(items)),
            Made::Map(entries) => Ok(Val::Map(Map::Made(Rc::new(entries)))),
            Made::Keyed(items, keys) => functions::lists::sorted_by(self.meter, items, &keys),
        }
    }

    fn with_value(&mut self, made: &'v Loop, over: Val<'v>) -> Outcome<'v> {
        let Val::Optional(value) = over else { return Err(ErrorKind::NoSuchOverload.into()) };
        let Some(value) = value else { return Ok(Val::NONE) };
        self.locals[made.first] = value.as_ref().clone();
        match (self.node(&made.body)?, made.yields) {
            (body, Yields::Optional) => Ok(Val::some(body)),
            (body, _) => Ok(body),
        }
    }
}

/// Keys may not come twice.
fn insert<'v>(entries: &mut BTreeMap<Key<'v>, Val<'v>>, key: Key<'v>, value: Val<'v>) -> Result<(), Failure> {
    match entries.insert(key, value) {
        Some(_) => Err(ErrorKind::InvalidArgument.into()),
        None => Ok(()),
    }
}
