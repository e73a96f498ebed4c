//! How long changes are kept.

use redb::{ReadableTable, Table};

use crate::fault::Fault;
use crate::record::written;

/// How long a change is kept, in microseconds: what etcd's compaction gives clients (5 minutes).
const AGE: u64 = 300 * 1_000_000;
/// The most bytes of changes, however young: as much as a collection remembers, and what the smallest volume has room for.
/// Where more is written in five minutes, watchers that were away for longer list again.
const BYTES: u64 = 64 << 20;

/// How many changes go in a transaction of their own.
pub(crate) const MOST: usize = 10_000;

/// Whether there is room on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Changes are kept as long as they are to be.
    Enough,
    /// What objects leave is needed.
    Scarce,
}

/// The changes that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Every change after this revision is kept.
    pub(crate) floor: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl Totals {
    /// None yet.
    pub(crate) fn new(floor: u64) -> Self {
        Self { floor, rows: 0, bytes: 0 }
    }

    pub(crate) fn added(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes as u64;
    }
}

/// How many changes go with a commit of `changes`: more than come, so that what is too much gets less, and not so many that
/// the commit takes much longer.
pub(crate) fn most_with(changes: usize) -> usize {
    2 * changes + 64
}

/// Drops changes that are too old or too many, or all where there is no room, the oldest first, at most `most`. `now` is in
/// microseconds since the epoch.
pub(crate) fn trim(
    log: &mut Table<'_, u64, &[u8]>,
    totals: &mut Totals,
    now: u64,
    most: usize,
    room: Room,
) -> Result<(), Fault> {
    for _ in 0..most {
        let Some(oldest) = log.first()?.map(|(revision, row)| (revision.value(), size_and_time(row.value())))
        else {
            break;
        };
        let (revision, row) = oldest;
        let (bytes, written) = row?;
        let is_kept = now.saturating_sub(written) <= AGE && totals.bytes <= BYTES && room == Room::Enough;
        if is_kept {
            break;
        }
        log.remove(revision)?;
        totals.floor = revision;
        totals.rows = totals.rows.saturating_sub(1);
        totals.bytes = totals.bytes.saturating_sub(bytes);
    }
    Ok(())
}

fn size_and_time(row: &[u8]) -> Result<(u64, u64), Fault> {
    Ok((row.len() as u64, written(row)?))
}
