//! Who holds the connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Connections at once. kube-apiserver needs a handful in the end, but in a burst of watches it opens one for each request
/// until the first can be shared; the rest is for those who come to the port itself.
const MOST: usize = 2048;
/// Connections of one address: nobody is to hold all of them. Services may show many clients under one address.
const MOST_OF_ONE: usize = 512;

/// Connections that wait for a place, before anything is done for them. Whoever waits longer than the patience is let go.
const WAITING: usize = 4096;
const PATIENCE: Duration = Duration::from_secs(10);
/// How often one that waits looks for a place.
const LOOK: Duration = Duration::from_millis(50);

/// The places for connections.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    waiting: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// A place for a connection from `address`, when there is one; None: too many wait, or it was too long.
    pub(crate) async fn wait(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        if let Some(place) = self.enter(address) {
            return Some(place);
        }
        let waiting = Waiting::begin(self)?;
        let free = async {
            loop {
                tokio::time::sleep(LOOK).await;
                if let Some(place) = self.enter(address) {
                    return place;
                }
            }
        };
        let place = tokio::time::timeout(PATIENCE, free).await.ok();
        drop(waiting);
        place
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from `address`; None: there is none.
    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
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

/// One that waits, until it is dropped.
struct Waiting<'a>(&'a Connections);

impl<'a> Waiting<'a> {
    fn begin(connections: &'a Connections) -> Option<Self> {
        let mut taken = connections.taken();
        if taken.waiting == WAITING {
            return None;
        }
        taken.waiting += 1;
        Some(Self(connections))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.taken().waiting -= 1;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.connections.taken();
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

    #[tokio::test(start_paused = true)]
    async fn who_waits_gets_the_next_place_or_is_let_go() {
        let connections = Arc::new(Connections::default());
        let address = IpAddr::from([127, 0, 0, 1]);
        let mut places: Vec<_> = (0..MOST_OF_ONE).map(|_| connections.enter(address).unwrap()).collect();
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let connections = connections.clone();
                tokio::spawn(async move { connections.wait(address).await.is_some() })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(connections.wait(address).await.is_none(), "too many wait");
        places.truncate(MOST_OF_ONE - 3);
        let mut entered = 0;
        for task in waiting {
            entered += usize::from(task.await.unwrap());
        }
        assert!(entered >= 3, "{entered}");
        let taken = connections.taken();
        assert_eq!((taken.all, taken.waiting), (MOST_OF_ONE - 3, 0));
    }

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
