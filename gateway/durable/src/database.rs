//! The database file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redb::{Builder, ReadableTable, StorageBackend, TableDefinition, WriteTransaction};

use crate::fault::Fault;
use crate::record::{Undo, Version};
use crate::trim::{self, Room};

/// Numbers of the whole file, by name.
pub(crate) const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
/// Whose file it is.
const TEXTS: TableDefinition<&str, &str> = TableDefinition::new("texts");
/// Objects by resource and key.
pub(crate) const OBJECTS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("objects");
/// Changes by revision.
pub(crate) const CHANGES: TableDefinition<u64, &[u8]> = TableDefinition::new("changes");

const FORMAT: &str = "format";
const REVISION: &str = "revision";
const FLOOR: &str = "floor";
const CHANGE_BYTES: &str = "change-bytes";
const OBJECT_BYTES: &str = "object-bytes";
const GROUP: &str = "group";

/// The layout of tables and rows; raised when it changes, and what was written by an older one is read.
const KNOWN_FORMAT: u64 = 1;
/// Pages that redb keeps in memory. Reads are answered from Collections: it is only for the pages that writes change.
const CACHE: usize = 16 << 20;
/// A new file begins at the seconds since the epoch times this: above all that a file before it can have given, and below
/// 2^53, where JavaScript's integers end, for the next centuries.
const REVISIONS_A_SECOND: u64 = 1 << 20;

/// An open database file: one process has it.
#[derive(Debug)]
pub struct Database {
    pub(crate) file: redb::Database,
    pub(crate) group: String,
    totals: Totals,
    synced: Duration,
}

/// A change to be made: the caller knows that it fits what is there.
#[derive(Clone, Debug)]
pub struct Change {
    /// What the object is one of: any text, the same for all of them.
    pub resource: Arc<str>,
    /// Where the object is among them.
    pub key: String,
    /// The new version; none: it goes.
    pub put: Option<Vec<u8>>,
}

/// What a change was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its revision.
    pub revision: u64,
    /// When it was written, in microseconds since the epoch.
    pub written: u64,
}

/// Numbers that are told with every commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) revision: u64,
    pub(crate) object_bytes: u64,
    pub(crate) trim: trim::Totals,
}

// === impl Database ===

impl Database {
    /// Opens the file of a group; an empty one is made its file. `now` is in microseconds since the epoch.
    pub fn open(storage: impl StorageBackend, group: &str, now: u64) -> Result<Self, Fault> {
        let file = Builder::new().set_cache_size(CACHE).create_with_backend(storage)?;
        let totals = prepare(&file, group, now)?;
        Ok(Self { file, group: group.to_owned(), totals, synced: Duration::ZERO })
    }

    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.totals.revision
    }

    /// How long the last commit waited for the disk.
    pub(crate) fn synced(&self) -> Duration {
        self.synced
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    /// Makes changes, all of them or none, in their order. They are on the disk when this returns; after an error it is not
    /// known whether they are, and the file has to be opened again.
    pub fn commit(&mut self, changes: &[Change], now: u64) -> Result<Vec<Stamp>, Fault> {
        self.commit_within(changes, now, Room::Enough)
    }

    /// The same on a disk that has so much room.
    pub(crate) fn commit_within(
        &mut self,
        changes: &[Change],
        now: u64,
        room: Room,
    ) -> Result<Vec<Stamp>, Fault> {
        let mut totals = self.totals;
        let transaction = begin(&self.file)?;
        let mut stamps = Vec::with_capacity(changes.len());
        {
            let mut objects = transaction.open_table(OBJECTS)?;
            let mut log = transaction.open_table(CHANGES)?;
            for change in changes {
                totals.revision += 1;
                let key = (&*change.resource, change.key.as_str());
                let row = change.put.as_ref().map(|bytes| Version::encode(totals.revision, now, bytes));
                let before = match &row {
                    Some(row) => objects.insert(key, row.as_slice())?,
                    None => objects.remove(key)?,
                };
                let before = before.as_ref().map(|row| row.value());
                let undo = Undo::encode(now, key.0, key.1, row.is_some(), before);
                totals.object_bytes += row.map_or(0, |row| row.len() as u64);
                totals.object_bytes -= before.map_or(0, |row| row.len() as u64).min(totals.object_bytes);
                log.insert(totals.revision, undo.as_slice())?;
                totals.trim.added(undo.len());
                stamps.push(Stamp { revision: totals.revision, written: now });
            }
            let most = trim::most_with(changes.len());
            trim::trim(&mut log, &mut totals.trim, now, most, room)?;
        }
        self.finish(transaction, totals)?;
        Ok(stamps)
    }

    /// Drops changes that are kept no longer, without a change; whether there were any.
    pub(crate) fn trim(&mut self, now: u64, room: Room) -> Result<bool, Fault> {
        let mut totals = self.totals;
        let transaction = begin(&self.file)?;
        trim::trim(&mut transaction.open_table(CHANGES)?, &mut totals.trim, now, trim::MOST, room)?;
        if totals == self.totals {
            transaction.abort()?;
            return Ok(false);
        }
        self.finish(transaction, totals)?;
        Ok(true)
    }

    /// Moves what there is to the front of the file and gives back the rest; it can take as long as writing all of it.
    pub(crate) fn compact(&mut self) -> Result<(), Fault> {
        self.file.compact()?;
        Ok(())
    }

    /// Commits a transaction after which the file has so many bytes of objects, and knows no change before `revision`.
    pub(crate) fn finish_anew(
        &mut self,
        transaction: WriteTransaction,
        revision: u64,
        object_bytes: u64,
    ) -> Result<(), Fault> {
        self.finish(transaction, Totals { revision, object_bytes, trim: trim::Totals::new(revision) })
    }

    /// Commits a transaction after which these are the numbers of the file.
    fn finish(&mut self, transaction: WriteTransaction, totals: Totals) -> Result<(), Fault> {
        write_totals(&transaction, totals)?;
        let began = Instant::now();
        transaction.commit()?;
        self.synced = began.elapsed();
        self.totals = totals;
        Ok(())
    }
}

/// A transaction that is on the disk when it is committed, and after which the file opens at once, whatever happened.
pub(crate) fn begin(file: &redb::Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = file.begin_write()?;
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// Checks whose file it is, and reads its numbers; writes them into a new one.
fn prepare(file: &redb::Database, group: &str, now: u64) -> Result<Totals, Fault> {
    let transaction = begin(file)?;
    let totals = {
        let mut numbers = transaction.open_table(NUMBERS)?;
        let mut texts = transaction.open_table(TEXTS)?;
        // A file has all its tables, or is not used.
        transaction.open_table(OBJECTS)?;
        transaction.open_table(CHANGES)?;
        let number = |name: &str| Ok::<_, Fault>(numbers.get(name)?.map(|number| number.value()));
        let totals = match number(FORMAT)? {
            None => {
                let first = now / 1_000_000 * REVISIONS_A_SECOND;
                numbers.insert(FORMAT, KNOWN_FORMAT)?;
                texts.insert(GROUP, group)?;
                Totals { revision: first, object_bytes: 0, trim: trim::Totals::new(first) }
            }
            Some(found) if found > KNOWN_FORMAT => return Err(Fault::Format { found, known: KNOWN_FORMAT }),
            Some(_) => {
                let missing = || Fault::damaged("a number of the file is missing");
                let floor = number(FLOOR)?.ok_or_else(missing)?;
                let bytes = number(CHANGE_BYTES)?.ok_or_else(missing)?;
                let rows = redb::ReadableTableMetadata::len(&transaction.open_table(CHANGES)?)?;
                Totals {
                    revision: number(REVISION)?.ok_or_else(missing)?,
                    object_bytes: number(OBJECT_BYTES)?.ok_or_else(missing)?,
                    trim: trim::Totals { floor, bytes, rows },
                }
            }
        };
        let owner = texts.get(GROUP)?.map(|owner| owner.value().to_owned()).unwrap_or_default();
        if owner != group {
            return Err(Fault::Group(owner));
        }
        totals
    };
    write_totals(&transaction, totals)?;
    transaction.commit()?;
    Ok(totals)
}

fn write_totals(transaction: &WriteTransaction, totals: Totals) -> Result<(), Fault> {
    let mut numbers = transaction.open_table(NUMBERS)?;
    for (name, number) in [
        (REVISION, totals.revision),
        (OBJECT_BYTES, totals.object_bytes),
        (FLOOR, totals.trim.floor),
        (CHANGE_BYTES, totals.trim.bytes),
    ] {
        numbers.insert(name, number)?;
    }
    Ok(())
}
