//! IP addresses and networks, as `ip()` and `cidr()` read them: no zones, no IPv4 within IPv6.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ip(pub(crate) IpAddr);

/// A network: an address and how many of its bits are the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    pub(crate) address: Ip,
    pub(crate) bits: u8,
}

// === impl Ip ===

impl Ip {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let address = text.parse::<IpAddr>().ok()?;
        let mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
        (!mapped).then_some(Self(address))
    }

    pub(crate) fn family(self) -> i64 {
        if self.0.is_ipv4() { 4 } else { 6 }
    }

    pub(crate) fn is_link_local_unicast(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
        }
    }

    pub(crate) fn is_link_local_multicast(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
            IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
        }
    }

    /// Go's word: neither unspecified, broadcast, loopback, multicast nor link-local.
    pub(crate) fn is_global_unicast(self) -> bool {
        let broadcast = self.0 == IpAddr::V4(Ipv4Addr::BROADCAST);
        !(broadcast
            || self.0.is_unspecified()
            || self.0.is_loopback()
            || self.0.is_multicast()
            || self.is_link_local_unicast())
    }

    fn bits(self) -> (u128, u8) {
        match self.0 {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        }
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

// === impl Cidr ===

impl Cidr {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.rsplit_once('/')?;
        let address = Ip::parse(address)?;
        let canonical = bits == "0" || (!bits.starts_with(['0', '+']) && bits.len() <= 3);
        let bits = bits.parse::<u8>().ok().filter(|_| canonical)?;
        (bits <= address.bits().1).then_some(Self { address, bits })
    }

    /// The network's first address.
    pub(crate) fn masked(self) -> Self {
        let (value, width) = self.address.bits();
        let host = u32::from(width - self.bits);
        let value = value.checked_shr(host).and_then(|value| value.checked_shl(host)).unwrap_or(0);
        let address = match width {
            32 => IpAddr::V4(Ipv4Addr::from(value as u32)),
            _ => IpAddr::V6(Ipv6Addr::from(value)),
        };
        Self { address: Ip(address), bits: self.bits }
    }

    pub(crate) fn contains(self, address: Ip) -> bool {
        address.0.is_ipv4() == self.address.0.is_ipv4()
            && Self { address, bits: self.bits }.masked().address == self.masked().address
    }

    pub(crate) fn contains_network(self, other: Self) -> bool {
        other.bits >= self.bits && self.contains(other.address)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}
