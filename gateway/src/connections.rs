//! Who holds the connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections at once. kube-apiserver needs a handful; the rest is for those who come to the port itself.
const MOST: usize = 2048;
/// Connections of one address: nobody is to hold all of them. Services may show many clients under one address.
const MOST_OF_ONE: usize = 512;

/// The places for connections.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// A place for a connection from `address`; None: there is none.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all == MOST {
            return None;
        }
        let of_one = taken.by_address.entry(address).or_default();
        if *of_one == MOST_OF_ONE {
            return None;
        }
        *of_one += 1;
        taken.all += 1;
        Some(Place { connections: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.connections.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(of_one) = taken.by_address.get_mut(&self.address) {
            *of_one -= 1;
            if *of_one == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let connections = Arc::new(Connections::default());
        let address = |n: u8| IpAddr::from([127, 0, 0, n]);
        let mut places: Vec<_> = (0..MOST_OF_ONE).map(|_| connections.enter(address(1)).unwrap()).collect();
        assert!(connections.enter(address(1)).is_none(), "one address");
        for n in 2..=4 {
            places.extend((0..MOST_OF_ONE).map(|_| connections.enter(address(n)).unwrap()));
        }
        assert!(connections.enter(address(5)).is_none(), "all of them");
        places.truncate(1);
        assert!(connections.enter(address(5)).is_some());
        drop(places);
        let taken = connections.taken.lock().unwrap();
        assert_eq!((taken.all, taken.by_address.len()), (0, 0));
    }
}
