//! What there is at one moment, as lines of JSON: a head, one line for each object, and an end that tells whether all of it
//! is there. It does not depend on how the file is laid out.

use std::io::{BufRead, Write};

use redb::{ReadTransaction, ReadableDatabase, ReadableTable};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::database::{Database, OBJECTS};
use crate::fault::Fault;
use crate::record::Version;

/// The form of a backup; raised when it changes, and older ones are read.
const FORMAT: u64 = 1;
/// The longest line, bytes: an object is 3 MiB at the most.
const LINE: u64 = 16 << 20;

/// What there is at one moment. Writes go on beside it; the file grows by what they change.
pub struct Moment {
    transaction: ReadTransaction,
    head: Head,
}

/// The first line.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    /// The form.
    pub tributary_backup: u64,
    /// The group whose objects these are.
    pub group: String,
    /// The revision of the file at the moment.
    pub revision: u64,
}

/// The line of an object.
#[derive(Deserialize, Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) resource: &'a str,
    pub(crate) key: &'a str,
    pub(crate) revision: u64,
    pub(crate) written: u64,
    #[serde(borrow)]
    pub(crate) object: &'a RawValue,
}

/// The last line.
#[derive(Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(crate) struct End {
    /// How many objects there are.
    pub objects: u64,
    /// The CRC-32 of all lines before.
    pub crc32: u32,
}

/// Why a backup was not written or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database file.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Where the backup comes from or goes to.
    #[error("the backup cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// It is none, or not a whole one.
    #[error("line {line} of the backup: {what}")]
    Malformed {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// Counts and sums up lines.
#[derive(Default)]
struct Sum {
    hasher: crc32fast::Hasher,
    objects: u64,
}

// === impl Moment ===

impl Moment {
    pub(crate) fn of(database: &Database) -> Result<Self, Fault> {
        let head =
            Head { tributary_backup: FORMAT, group: database.group.clone(), revision: database.revision() };
        Ok(Self { transaction: database.file.begin_read()?, head })
    }

    /// Writes all of it; returns how many objects there are.
    pub fn write(&self, out: &mut dyn Write) -> Result<u64, BackupError> {
        let mut sum = Sum::default();
        sum.write(out, &self.head)?;
        for row in self.transaction.open_table(OBJECTS).map_err(Fault::from)?.iter().map_err(Fault::from)? {
            let (key, row) = row.map_err(Fault::from)?;
            let (resource, key) = key.value();
            let Version { revision, written, bytes } = Version::decode(row.value())?;
            let object = serde_json::from_slice(&bytes).map_err(|error| Fault::Damaged(error.to_string()))?;
            sum.write(out, &Line { resource, key, revision, written, object })?;
            sum.objects += 1;
        }
        let end = End { objects: sum.objects, crc32: sum.hasher.clone().finalize() };
        sum.write(out, &end)?;
        out.flush()?;
        Ok(end.objects)
    }
}

impl Sum {
    fn write(&mut self, out: &mut dyn Write, line: &impl Serialize) -> std::io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.hasher.update(&bytes);
        out.write_all(&bytes)
    }
}

/// Reads a backup, each line as it is and each object: it is whole only if this returns without an error.
pub(crate) fn read(
    from: &mut dyn BufRead,
    mut seen: impl FnMut(&[u8]) -> std::io::Result<()>,
    mut object: impl FnMut(&Line<'_>) -> Result<(), Fault>,
) -> Result<(Head, End), BackupError> {
    let mut sum = Sum::default();
    let mut bytes = Vec::new();
    let mut number = 1;
    let mut head: Option<Head> = None;
    loop {
        bytes.clear();
        std::io::Read::take(&mut *from, LINE).read_until(b'\n', &mut bytes)?;
        let malformed = |what: String| BackupError::Malformed { line: number, what };
        if bytes.last() != Some(&b'\n') {
            return Err(malformed("it is cut short".to_owned()));
        }
        seen(&bytes)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| malformed(error.to_string()))?;
        match &head {
            None => head = Some(read_head(text).map_err(malformed)?),
            Some(head) => {
                if let Ok(end) = serde_json::from_str::<End>(text) {
                    let found = End { objects: sum.objects, crc32: sum.hasher.finalize() };
                    return if found == end {
                        Ok((head.clone(), end))
                    } else {
                        Err(malformed(format!("{end:?} is to be {found:?}: the backup was changed")))
                    };
                }
                object(&serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?)?;
                sum.objects += 1;
            }
        }
        sum.hasher.update(&bytes);
        number += 1;
    }
}

fn read_head(text: &str) -> Result<Head, String> {
    let head: Head = serde_json::from_str(text).map_err(|error| format!("this is no backup: {error}"))?;
    match head.tributary_backup {
        1..=FORMAT => Ok(head),
        other => Err(format!("a backup of form {other}, this version reads up to {FORMAT}")),
    }
}

/// Copies a backup, and says whether it is whole: how many objects there are.
pub fn copy(from: &mut dyn BufRead, to: &mut dyn Write) -> Result<u64, BackupError> {
    let (_, end) = read(from, |line| to.write_all(line), |_| Ok(()))?;
    to.flush()?;
    Ok(end.objects)
}
