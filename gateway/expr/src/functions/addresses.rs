//! IP addresses and networks.

use std::rc::Rc;

use super::{Outcome, invalid, no_overload, text, text_at};
use crate::address::{Cidr, Ip};
use crate::error::Failure;
use crate::meter::Meter;
use crate::value::Val;

pub(super) fn ip<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    match arguments {
        [Val::Cidr(network)] => Ok(Val::Ip(Rc::new(network.address))),
        _ => Ip::parse(text(meter, arguments)?).map_or_else(invalid, |address| Ok(Val::Ip(Rc::new(address)))),
    }
}

pub(super) fn is_ip<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(Ip::parse(text(meter, arguments)?).is_some()))
}

pub(super) fn is_canonical<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let text = text(meter, arguments)?;
    Ip::parse(text).map_or_else(invalid, |address| Ok(Val::Bool(address.to_string() == text)))
}

fn address(arguments: &[Val<'_>]) -> Result<Ip, Failure> {
    match arguments {
        [Val::Ip(address)] => Ok(**address),
        _ => no_overload(),
    }
}

pub(super) fn family<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(address(arguments)?.family()))
}

pub(super) fn is_global_unicast<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(address(arguments)?.is_global_unicast()))
}

pub(super) fn is_link_local_multicast<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(address(arguments)?.is_link_local_multicast()))
}

pub(super) fn is_link_local_unicast<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(address(arguments)?.is_link_local_unicast()))
}

pub(super) fn is_loopback<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(address(arguments)?.0.is_loopback()))
}

pub(super) fn is_unspecified<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(address(arguments)?.0.is_unspecified()))
}

pub(super) fn cidr<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Cidr::parse(text(meter, arguments)?).map_or_else(invalid, |network| Ok(Val::Cidr(Rc::new(network))))
}

pub(super) fn is_cidr<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(Cidr::parse(text(meter, arguments)?).is_some()))
}

fn network(arguments: &[Val<'_>]) -> Result<Cidr, Failure> {
    match arguments.first() {
        Some(Val::Cidr(network)) => Ok(**network),
        _ => no_overload(),
    }
}

pub(super) fn contains_ip<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let network = network(arguments)?;
    let address = match arguments.get(1) {
        Some(Val::Ip(address)) => **address,
        _ => match Ip::parse(text_at(meter, arguments, 1)?) {
            Some(address) => address,
            None => return invalid(),
        },
    };
    Ok(Val::Bool(network.contains(address)))
}

pub(super) fn contains_cidr<'v>(meter: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    let network = network(arguments)?;
    let other = match arguments.get(1) {
        Some(Val::Cidr(other)) => **other,
        _ => match Cidr::parse(text_at(meter, arguments, 1)?) {
            Some(other) => other,
            None => return invalid(),
        },
    };
    Ok(Val::Bool(network.contains_network(other)))
}

pub(super) fn masked<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Cidr(Rc::new(network(arguments)?.masked())))
}

pub(super) fn prefix_length<'v>(_: &mut Meter, arguments: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Int(i64::from(network(arguments)?.bits)))
}
