//! Room for what is to be written, in the file and beside it.

use std::time::Instant;

use tracing::info;

use super::thread::{Thread, at_disk, call};
use super::{Done, Storage};
use crate::clock::microseconds;
use crate::database::Change;
use crate::fault::Fault;
use crate::trim::Room;

/// Room on the disk that is left to deletions, bytes: they write pages anew before the old ones are free.
const RESERVE: u64 = 32 << 20;
/// What is in a file takes up to so many times its bytes.
const LEAN: u64 = 2;
/// A file below this is not worth it, bytes.
const COMPACT_FROM: u64 = 64 << 20;
/// How many times longer than what is in it a file may be. One that is written all the time is two to three times as long.
const COMPACT_RATIO: u64 = 4;

impl<S: Storage> Thread<S> {
    /// What can be written, with so much room: objects can always go.
    pub(super) fn fitting(&mut self, batch: Vec<(Change, Done)>) -> (Vec<(Change, Done)>, Room) {
        if self.room() == Room::Enough {
            return (batch, Room::Enough);
        }
        // What is kept for watchers goes first.
        while self.trim(Room::Scarce) {
            if self.room() == Room::Enough {
                return (batch, Room::Enough);
            }
        }
        let fault = Fault::Full(format!("less than {} MiB are left, which deletions need", RESERVE >> 20));
        let (deletions, others): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|(change, _)| change.put.is_none());
        if !others.is_empty() {
            self.shared.set_fault(Some(fault.clone()));
        }
        for (_, done) in others {
            call(|| done(Err(fault.clone())));
        }
        (deletions, Room::Scarce)
    }

    /// Whether changes were dropped.
    pub(super) fn trim(&mut self, room: Room) -> bool {
        let Some(database) = &mut self.database else { return false };
        let trimmed = at_disk(&self.shared, || database.trim(microseconds(), room));
        trimmed.unwrap_or_else(|fault| {
            self.fail(fault, Instant::now());
            false
        })
    }

    /// Whether there is room beside the file, and in it. Where there was none before, that is over.
    pub(super) fn room(&self) -> Room {
        let Some(database) = &self.database else { return Room::Enough };
        let free = || {
            let totals = database.totals();
            let used = LEAN * (totals.object_bytes + totals.trim.bytes);
            self.storage.size().unwrap_or_default().saturating_sub(used)
        };
        // What is free in the file is looked at only where there is little beside it.
        let available = self.storage.available().unwrap_or(u64::MAX);
        if available < RESERVE && available.saturating_add(free()) < RESERVE {
            return Room::Scarce;
        }
        // The file is open: nothing else can have been wrong.
        if self.shared.fault().is_some() {
            self.shared.set_fault(None);
        }
        Room::Enough
    }

    pub(super) fn compact(&mut self) {
        let Some(database) = &mut self.database else { return };
        let (totals, file) = (database.totals(), self.storage.size().unwrap_or_default());
        let live = totals.object_bytes + totals.trim.bytes;
        if file < COMPACT_FROM || file < COMPACT_RATIO * live || file == self.compacted {
            return;
        }
        let began = Instant::now();
        if let Err(fault) = at_disk(&self.shared, || database.compact()) {
            return self.fail(fault, Instant::now());
        }
        self.compacted = self.storage.size().unwrap_or_default();
        let milliseconds = began.elapsed().as_millis();
        info!(before = file, after = self.compacted, milliseconds, "the database file was compacted");
    }
}
