//! URLs.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Outcome, invalid, no_overload, text};
use crate::error::Failure;
use crate::meter::Meter;
use crate::url::Url;
use crate::value::{Key, Map, Val};

/// Reading a URL beyond its bytes; its parts are copied.
const FUEL: u64 = 10;

fn parsed(meter: &mut Meter, arguments: &[Val<'_>]) -> Result<Option<Url>, Failure> {
    meter.spend(FUEL)?;
    let text = text(meter, arguments)?;
    meter.bytes(4 * text.len())?;
    Ok(Url::parse(text))
}

pub(super) fn url<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    parsed(meter, arguments)?.map_or_else(invalid, |url| Ok(Val::Url(Rc::new(url))))
}

pub(super) fn is_url<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(parsed(meter, arguments)?.is_some()))
}

fn part<'v>(meter: &mut Meter, arguments: &[Val<'v>], part: fn(&Url) -> &str) -> Outcome<'v> {
    let [Val::Url(url)] = arguments else { return no_overload() };
    let text = part(url);
    meter.bytes(text.len())?;
    Ok(Val::string(text))
}

pub(super) fn scheme<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    part(meter, arguments, |url| &url.scheme)
}

pub(super) fn host<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    part(meter, arguments, |url| &url.host)
}

pub(super) fn hostname<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    part(meter, arguments, Url::hostname)
}

pub(super) fn port<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    part(meter, arguments, Url::port)
}

pub(super) fn escaped_path<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    part(meter, arguments, |url| &url.path)
}

/// The values of each name in the query.
pub(super) fn query<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Url(url)] = arguments else { return no_overload() };
    meter.bytes(4 * url.text.len())?;
    let mut values: BTreeMap<String, Vec<Val<'v>>> = BTreeMap::new();
    for (name, value) in url.query() {
        meter.spend(10)?;
        values.entry(name).or_default().push(Val::string(value));
    }
    let values = values.into_iter().map(|(name, values)| (Key::String(name.into()), Val::list(values)));
    Ok(Val::Map(Map::Made(Rc::new(values.collect()))))
}
