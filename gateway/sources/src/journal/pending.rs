//! Which objects are being written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tributary_collection::Key;

/// One writer for each object at a time; others come after it, in their order.
#[derive(Clone, Default)]
pub(crate) struct Pending(Arc<Mutex<HashMap<Key, Vec<oneshot::Sender<()>>>>>);

/// The right to write one object, until it is dropped.
pub(crate) struct Turn {
    pending: Pending,
    key: Key,
}

impl Pending {
    /// Waits until nobody writes the object.
    pub(crate) async fn turn(&self, key: &Key) -> Turn {
        while let Some(over) = self.begin(key) {
            // It ends either way.
            let _ = over.await;
        }
        Turn { pending: self.clone(), key: key.clone() }
    }

    /// What tells that somebody else's turn is over; none: it is ours.
    fn begin(&self, key: &Key) -> Option<oneshot::Receiver<()>> {
        let mut writing = self.lock();
        let Some(waiting) = writing.get_mut(key) else {
            writing.insert(key.clone(), Vec::new());
            return None;
        };
        let (tell, over) = oneshot::channel();
        waiting.push(tell);
        Some(over)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Vec<oneshot::Sender<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let waiting = self.pending.lock().remove(&self.key).unwrap_or_default();
        for tell in waiting {
            let _ = tell.send(());
        }
    }
}
