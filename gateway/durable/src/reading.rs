//! What the file has of one resource, told.

use redb::{ReadTransaction, ReadableDatabase, ReadableTable};

use crate::contents::{Backwards, Contents, Past, Reader};
use crate::database::{CHANGES, Database, OBJECTS};
use crate::fault::Fault;
use crate::record::{Undo, Version};

/// How many objects are told at once.
const PART: usize = 4096;

/// How much of the past is read; whichever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most changes, of any resource.
    pub changes: usize,
    /// About how many bytes of them.
    pub bytes: usize,
}

impl Database {
    /// Tells what there is of one resource, with at most `limits.changes` of the latest changes, and not many more bytes of
    /// them than `limits.bytes`.
    pub fn read(&self, resource: &str, limits: Limits, reader: &mut dyn Reader) -> Result<(), Fault> {
        let transaction = self.file.begin_read()?;
        reader.begin();
        let mut part = Vec::new();
        for row in transaction.open_table(OBJECTS)?.range((resource, "")..)? {
            let (key, row) = row?;
            let (of, key) = key.value();
            if of != resource {
                break;
            }
            let version = Version::decode(row.value()).map_err(|fault| at(fault, resource, key))?;
            part.push((key.to_owned(), version));
            if part.len() == PART {
                reader.objects(std::mem::take(&mut part));
            }
        }
        reader.objects(part);
        let (floor, history) = self.history(&transaction, resource, limits)?;
        reader.finish(Contents { revision: self.totals().revision, floor, history });
        Ok(())
    }

    /// The latest changes to one resource, oldest first, and the revision after which they are all that there were.
    fn history(
        &self,
        transaction: &ReadTransaction,
        resource: &str,
        limits: Limits,
    ) -> Result<(u64, Vec<Past>), Fault> {
        let mut backwards = Backwards::default();
        let mut bytes = 0;
        for (count, row) in transaction.open_table(CHANGES)?.iter()?.rev().enumerate() {
            let (revision, row) = row?;
            if count >= limits.changes || bytes >= limits.bytes {
                return Ok((revision.value(), backwards.finish()));
            }
            bytes += row.value().len();
            let undo = Undo::decode(row.value())?;
            if undo.resource == resource {
                backwards.push(revision.value(), undo)?;
            }
        }
        Ok((self.totals().trim.floor, backwards.finish()))
    }
}

fn at(fault: Fault, resource: &str, key: &str) -> Fault {
    match fault {
        Fault::Damaged(what) => Fault::Damaged(format!("{resource} {key}: {what}")),
        other => other,
    }
}
